import { it } from "vitest";
import { ServingError } from "../../errors.js";
import type { ByteRange, ModelFiles, OpenContext, OpenFiles } from "../../model-files.js";
import { contractProof } from "./contract-proof.js";
import { modelFilesContract } from "./model-files-contract.js";

const FAULTS = {
  "lists a file twice": "lists every file once, by its relative name with slashes, with its size",
  "leaves a file out of its list": "lists every file once, by its relative name with slashes, with its size",
  "lists wrong sizes": "lists every file once, by its relative name with slashes, with its size",
  "lists names with backslashes": "lists every file once, by its relative name with slashes, with its size",
  "lists in another order each time": "lists files in the same order each time",
  "cuts the last byte off": "reads every file whole",
  "takes the end of a range for its length": "reads any range of a file, the empty and the full one as well",
  "takes an empty range for the whole file": "reads any range of a file, the empty and the full one as well",
  "cuts ranges that are too long": "refuses ranges that a file does not have",
  "gives nothing for a missing file": "does not find a file that is not there, by its name",
  "does not name a missing file": "does not find a file that is not there, by its name",
  "gives nothing for a folder": "does not take a folder for a file",
  "resolves dots before it looks": "refuses names that lead out of the folder",
  "looks odd names up in an object": "refuses or does not find what is no name of a file",
  "hands out its own bytes": "gives bytes that are the caller's own",
  "reads through one buffer": "reads many files and ranges at a time",
  "shares its disposal between opens": "can be opened many times, each on its own",
  "gives no bytes after disposal": "refuses or still reads right after disposal, and never wrong",
  "throws at a second disposal": "is disposed once, however often it is asked to",
  "gives a lease back twice": "gives its lease back at disposal, and once",
  "keeps its lease": "gives its lease back at disposal, and once",
  "opens for a signal that has aborted": "does not open for a signal that has aborted, and fails with its reason",
  "keeps the lease of an open that failed": "does not open for a signal that has aborted, and fails with its reason",
  "fails in its own way when it is aborted": "stops opening when its signal aborts, and fails with its reason",
  "keeps the lease of an open that was aborted": "stops opening when its signal aborts, and fails with its reason",
  "does more than there is to do": "reports progress that adds up",
} as const;

type Fault = keyof typeof FAULTS;

const CONTENTS: Readonly<Record<string, Uint8Array>> = {
  model: Uint8Array.from({ length: 100 }, (_, index) => index + 1),
  "variables/variables.index": Uint8Array.from([5, 6, 7]),
  "variables/empty": new Uint8Array(0),
};

class World implements AsyncDisposable {
  leases = 0;
  lists = 0;
  disposed = false;
  readonly buffer: Uint8Array = new Uint8Array(100);

  async [Symbol.asyncDispose](): Promise<void> {}
}

const refuse = (code: "INVALID_ARGUMENT" | "NOT_FOUND" | "FAILED_PRECONDITION", text: string): ServingError =>
  new ServingError(code, text);

function memoryFiles(world: World, fault: Fault | undefined): ModelFiles {
  const contents = Object.fromEntries(Object.entries(CONTENTS).map(([name, bytes]) => [name, bytes.slice()]));

  const find = (asked: string): Uint8Array => {
    const name = fault === "resolves dots before it looks" ? asked.replaceAll("../", "") : asked;
    if (name.startsWith("/") || name.split("/").includes("..")) throw refuse("INVALID_ARGUMENT", `${name} leads out`);
    if (fault === "looks odd names up in an object" && name in {}) return contents.constructor as never;
    const bytes = Object.hasOwn(contents, name) ? contents[name] : undefined;
    if (bytes !== undefined) return bytes;
    if (fault === "gives nothing for a missing file") return new Uint8Array(0);
    if (fault === "gives nothing for a folder" && name === "variables") return new Uint8Array(0);
    throw refuse("NOT_FOUND", fault === "does not name a missing file" ? "no such file" : `there is no ${name}`);
  };

  const cut = (bytes: Uint8Array, { start, end }: ByteRange): Uint8Array => {
    const good = Number.isSafeInteger(start) && Number.isSafeInteger(end) && 0 <= start && start <= end;
    const cuts = fault === "cuts ranges that are too long";
    if (!good || (!cuts && end > bytes.length)) throw refuse("INVALID_ARGUMENT", `no bytes ${start} to ${end}`);
    if (fault === "takes an empty range for the whole file" && start === end) return bytes.slice();
    return bytes.slice(start, fault === "takes the end of a range for its length" ? start + end : end);
  };

  return {
    async open({ signal, report }: OpenContext): Promise<OpenFiles> {
      const aborted = (): void => {
        if (signal.aborted && fault === "fails in its own way when it is aborted") throw new Error("stopped");
        signal.throwIfAborted();
      };
      if (fault === "keeps the lease of an open that failed") world.leases++;
      if (fault !== "opens for a signal that has aborted") aborted();
      if (fault === "keeps the lease of an open that was aborted") world.leases++;
      report({ stage: "open", done: fault === "does more than there is to do" ? 4 : 1, total: 3, unit: "items" });
      await Promise.resolve();
      if (fault !== "opens for a signal that has aborted") aborted();
      if (fault !== "keeps the lease of an open that was aborted") world.leases++;
      let disposed = false;
      const check = (): void => {
        const gone = fault === "shares its disposal between opens" ? world.disposed : disposed;
        if (gone && fault !== "gives no bytes after disposal") throw refuse("FAILED_PRECONDITION", "disposed");
      };
      return {
        async list() {
          check();
          const named = Object.entries(contents).map(([name, { length }]) => ({
            name: fault === "lists names with backslashes" ? name.replace("/", "\\") : name,
            sizeBytes: fault === "lists wrong sizes" ? length + 1 : length,
          }));
          const files = fault === "leaves a file out of its list" ? named.slice(1) : named;
          if (fault === "lists in another order each time" && world.lists++ % 2 === 1) files.reverse();
          return fault === "lists a file twice" ? [...files, ...files.slice(0, 1)] : files;
        },
        async read(name, range) {
          check();
          const bytes = find(name);
          if (disposed) return new Uint8Array(0);
          if (range !== undefined && fault === "reads through one buffer") {
            const part = cut(bytes, range);
            world.buffer.set(part);
            await Promise.resolve();
            return world.buffer.slice(0, part.length);
          }
          if (range !== undefined) return cut(bytes, range);
          if (fault === "hands out its own bytes") return bytes;
          return bytes.slice(0, fault === "cuts the last byte off" ? -1 : undefined);
        },
        async [Symbol.asyncDispose]() {
          world.disposed = true;
          if (disposed && fault === "throws at a second disposal") throw new Error("disposed twice");
          if ((!disposed && fault !== "keeps its lease") || fault === "gives a lease back twice") world.leases--;
          disposed = true;
        },
      };
    },
  };
}

const contract = (fault?: Fault) =>
  modelFilesContract({
    world: () => new World(),
    create: (world) => memoryFiles(world, fault),
    contents: () => CONTENTS,
    leases: ({ leases }) => leases,
  });

for (const { name, run } of contractProof(contract, FAULTS)) it(name, run);
