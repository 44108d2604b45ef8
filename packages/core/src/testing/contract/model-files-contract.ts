import type { ByteRange, ModelFiles, OpenFiles } from "../../model-files.js";
import type { Progress } from "../../progress.js";
import { claim, claimCode, claimFails, claimSame, short } from "./claim.js";
import { type ContractCase, type ContractOptions, contractOf, needing } from "./contract.js";
import { claimProgress } from "./progress-claim.js";

/** Files of a model, and what is known of them. */
export interface ModelFilesSubject<W extends AsyncDisposable> extends ContractOptions {
  /** What one case works with; made anew for each. */
  readonly world: () => W | Promise<W>;
  /** The files, not opened. */
  readonly create: (world: W) => ModelFiles;
  /** All that must be there: bytes by name. One file has 4 bytes or more, one lies in a folder. */
  readonly contents: (world: W) => Contents | Promise<Contents>;
  /** How many leases are held: opens that were not disposed. */
  readonly leases?: ((world: W) => number) | undefined;
}

type Contents = Readonly<Record<string, Uint8Array>>;

const LEADING_OUT = ["..", "../secret", "variables/../../secret", "a/b/../../../c", "/etc/passwd", "/"];
const NO_NAMES = ["", "no such file", "no/such/file", "..\\secret", "a\\b", "__proto__", "x".repeat(5_000)];

/** What every {@link ModelFiles} does. */
export function modelFilesContract<W extends AsyncDisposable>(subject: ModelFilesSubject<W>): readonly ContractCase[] {
  const { world: makeWorld, create, contents, leases } = subject;
  const quiet = { signal: new AbortController().signal, report: () => {} };

  interface Opened {
    readonly files: OpenFiles;
    readonly known: readonly (readonly [string, Uint8Array])[];
    /** The largest of the files. */
    readonly name: string;
    readonly bytes: Uint8Array;
  }

  /** Runs `work` on opened files of a world of its own. */
  const opened = (work: (opened: Opened, world: W) => Promise<void>) => async (): Promise<void> => {
    await using world = await makeWorld();
    const known = Object.entries(await contents(world));
    const [name, bytes] = [...known].sort(([, a], [, b]) => b.length - a.length)[0] ?? ["", new Uint8Array(0)];
    claim(bytes.length >= 4, "the subject must know of a file of 4 bytes or more");
    await using files = await create(world).open(quiet);
    await work({ files, known, name, bytes }, world);
  };

  const claimBytes = (found: Uint8Array, wanted: Uint8Array, what: string): void => {
    claim(found instanceof Uint8Array, `${what} gave ${short(found)}, which is no Uint8Array`);
    claim(found.length === wanted.length, `${what}: wanted ${wanted.length} bytes, got ${found.length}`);
    const differs = wanted.findIndex((byte, at) => byte !== found[at]);
    claim(differs === -1, `${what}: byte ${differs} of ${wanted.length} is ${found[differs]}, not ${wanted[differs]}`);
  };

  /** Opens while the signal aborts; `begin` says when. The reason comes out, or the abort came too late. */
  const abortWhile = async (
    begin: (abort: () => void) => { readonly late: () => void; readonly early: () => void },
  ) => {
    await using world = await makeWorld();
    const controller = new AbortController();
    const reason = new Error("not wanted any more");
    const { early, late } = begin(() => controller.abort(reason));
    const opening = create(world).open({ signal: controller.signal, report: early });
    late();
    try {
      await (await opening)[Symbol.asyncDispose]();
    } catch (error) {
      claim(
        error === reason,
        `an open that is aborted must fail with the signal's reason, but failed with ${short(error)}`,
      );
    }
    claimSame(leases?.(world) ?? 0, 0, "leases held after an open that was aborted");
  };

  return contractOf(
    "modelFilesContract",
    {
      "lists every file once, by its relative name with slashes, with its size": opened(async ({ files, known }) => {
        const sorted = (rows: readonly (readonly [string, number])[]): string[] =>
          rows.map(([name, size]) => `${name} ${size}`).sort();
        const listed = await files.list();
        claimSame(
          sorted(listed.map(({ name, sizeBytes }) => [name, sizeBytes])),
          sorted(known.map(([name, { length }]) => [name, length])),
          "the files listed",
        );
      }),
      "lists files in the same order each time": opened(async ({ files }, world) => {
        const names = async (from: OpenFiles): Promise<string[]> => (await from.list()).map(({ name }) => name);
        const first = await names(files);
        claimSame(await names(files), first, "the second list");
        await using again = await create(world).open(quiet);
        claimSame(await names(again), first, "the list of a second open");
      }),
      "reads every file whole": opened(async ({ files, known }) => {
        for (const [name, bytes] of known) claimBytes(await files.read(name), bytes, `read(${name})`);
      }),
      "reads any range of a file, the empty and the full one as well": opened(async ({ files, name, bytes }) => {
        const { length } = bytes;
        const middle = Math.floor(length / 2);
        const ranges = [
          [0, length],
          [0, 0],
          [length, length],
          [middle, middle],
          [0, middle],
          [middle, length],
          [1, length - 1],
          [length - 1, length],
        ] as const;
        for (const [start, end] of ranges) {
          const what = `read(${name}, ${start} to ${end})`;
          claimBytes(await files.read(name, { start, end }), bytes.slice(start, end), what);
        }
      }),
      "refuses ranges that a file does not have": opened(async ({ files, name, bytes: { length } }) => {
        const ranges: readonly ByteRange[] = [
          { start: 0, end: length + 1 },
          { start: length, end: length + 1 },
          { start: length + 1, end: length + 1 },
          { start: -1, end: 1 },
          { start: 2, end: 1 },
          { start: 0.5, end: 2 },
          { start: 0, end: Number.NaN },
          { start: 0, end: Number.POSITIVE_INFINITY },
        ];
        for (const range of ranges) {
          const what = `bytes ${range.start} to ${range.end} of ${length}`;
          await claimCode(() => files.read(name, range), "INVALID_ARGUMENT", what);
        }
      }),
      "does not find a file that is not there, by its name": opened(async ({ files, name }) => {
        const missing = `${name}.not-there`;
        const message = await claimCode(() => files.read(missing), "NOT_FOUND", `read(${missing})`);
        claim(message.includes(missing), `the error for ${missing} does not name it: ${message}`);
      }),
      "does not take a folder for a file": opened(async ({ files, known }) => {
        const inFolder = known.map(([name]) => name).find((name) => name.includes("/"));
        claim(inFolder !== undefined, "the subject must know of a file in a folder");
        const folder = inFolder.slice(0, inFolder.indexOf("/"));
        await claimCode(() => files.read(folder), "NOT_FOUND", `read(${folder}), which is a folder`);
      }),
      "refuses names that lead out of the folder": opened(async ({ files, name }) => {
        for (const out of [...LEADING_OUT, `${name}/../../${name}`, `../${name}`]) {
          await claimCode(() => files.read(out), "INVALID_ARGUMENT", `read(${short(out)})`);
        }
      }),
      "refuses or does not find what is no name of a file": opened(async ({ files }) => {
        for (const name of NO_NAMES) {
          await claimCode(() => files.read(name), ["NOT_FOUND", "INVALID_ARGUMENT"], `read(${short(name)})`);
        }
      }),
      "gives bytes that are the caller's own": opened(async ({ files, name, bytes }) => {
        (await files.read(name)).fill(0xaa);
        (await files.read(name, { start: 0, end: 2 })).fill(0x55);
        claimBytes(await files.read(name), bytes, "a read after earlier results were overwritten");
      }),
      "reads many files and ranges at a time": opened(async ({ files, known, name, bytes }) => {
        const step = Math.max(1, Math.ceil(bytes.length / 16));
        const ranges = Array.from({ length: 16 }, (_, at) => ({
          start: Math.min(at * step, bytes.length),
          end: Math.min((at + 1) * step, bytes.length),
        }));
        const parts = ranges.map(async (range) => {
          claimBytes(
            await files.read(name, range),
            bytes.slice(range.start, range.end),
            `range ${short(range)} of many`,
          );
        });
        const wholes = known.map(async ([each, wanted]) =>
          claimBytes(await files.read(each), wanted, `${each} of many`),
        );
        await Promise.all([...parts, ...wholes]);
      }),
      "can be opened many times, each on its own": opened(async ({ files, name, bytes }, world) => {
        const source = create(world);
        const first = await source.open(quiet);
        await using second = await source.open(quiet);
        await first[Symbol.asyncDispose]();
        claimBytes(await second.read(name), bytes, "a read after another open of the same files was disposed");
        claimBytes(await files.read(name), bytes, "a read after another open of the same folder was disposed");
      }),
      "refuses or still reads right after disposal, and never wrong": opened(async ({ name, bytes }, world) => {
        const files = await create(world).open(quiet);
        await files[Symbol.asyncDispose]();
        let found: Uint8Array;
        try {
          found = await files.read(name);
        } catch (error) {
          await claimCode(() => Promise.reject(error), ["FAILED_PRECONDITION", "CANCELLED"], "a read after disposal");
          return;
        }
        claimBytes(found, bytes, "a read after disposal");
      }),
      "is disposed once, however often it is asked to": opened(async (_, world) => {
        const files = await create(world).open(quiet);
        await files[Symbol.asyncDispose]();
        await files[Symbol.asyncDispose]();
      }),
      "gives its lease back at disposal, and once": needing({ leases }, async ({ leases }) => {
        await using world = await makeWorld();
        const held = (): number => leases(world);
        claimSame(held(), 0, "leases before the first open");
        const files = await create(world).open(quiet);
        const other = await create(world).open(quiet);
        await files[Symbol.asyncDispose]();
        await files[Symbol.asyncDispose]();
        const afterOne = held();
        await other[Symbol.asyncDispose]();
        claimSame([afterOne, held()], [1, 0], "leases after one of two was disposed, twice, and after both were");
      }),
      "does not open for a signal that has aborted, and fails with its reason": async () => {
        await using world = await makeWorld();
        const reason = new Error("not wanted any more");
        const opening = (): unknown => create(world).open({ ...quiet, signal: AbortSignal.abort(reason) });
        const error = await claimFails(opening, "an open with a signal that has aborted");
        claim(error === reason, `it must fail with the signal's reason, but failed with ${short(error)}`);
        claimSame(leases?.(world) ?? 0, 0, "leases held after an open that failed");
      },
      "stops opening when its signal aborts, and fails with its reason": async () => {
        await abortWhile((abort) => ({ early: () => {}, late: abort }));
        await abortWhile((abort) => ({ early: abort, late: () => {} }));
      },
      "reports progress that adds up": async () => {
        await using world = await makeWorld();
        const reports: Progress[] = [];
        const files = await create(world).open({ ...quiet, report: (progress) => void reports.push(progress) });
        await files[Symbol.asyncDispose]();
        claimProgress(reports);
      },
    },
    subject,
  );
}
