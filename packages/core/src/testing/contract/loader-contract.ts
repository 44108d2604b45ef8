import { ServingError } from "../../errors.js";
import type { LoadContext, Loaded, Loader, ResourceEstimate } from "../../loader.js";
import type { Progress } from "../../progress.js";
import { loadContext } from "../load-context.js";
import { claim, claimFails, claimSame, short } from "./claim.js";
import { type ContractCase, type ContractOptions, contractOf, needing } from "./contract.js";
import { leakCheck } from "./leak-check.js";
import { claimProgress } from "./progress-claim.js";

/** A loader, and what is known of what it loads. */
export interface LoaderSubject<W extends AsyncDisposable, S> extends ContractOptions {
  /** What one case works with; made anew for each. */
  readonly world: () => W | Promise<W>;
  readonly create: (world: W) => Loader<S>;
  /** Uses a servable, and throws if it does not answer as it should. */
  readonly check: (servable: S) => unknown;
  /** How much all loads hold: open files, threads, memory of a device. 0 before the first and after the last. */
  readonly held?: ((world: W) => number) | undefined;
  /** Makes loads fail from now on. */
  readonly breakLoads?: ((world: W) => unknown) | undefined;
  /** Lets loads succeed again. */
  readonly mendLoads?: ((world: W) => unknown) | undefined;
  /** The servables that the loader declares as its `dependencies`, by name. @defaultValue none */
  readonly servables?: Readonly<Record<string, unknown>> | undefined;
}

/** Loads that are aborted one report later each; a load that reports more is aborted often enough. */
const MAX_ABORTS = 16;

/** What every {@link Loader} does. */
export function loaderContract<W extends AsyncDisposable, S>(subject: LoaderSubject<W, S>): readonly ContractCase[] {
  const { world: makeWorld, create, check, held, breakLoads, mendLoads, servables = {} } = subject;

  const context = (more: Partial<Pick<LoadContext, "signal" | "report">> = {}): LoadContext =>
    loadContext({ servables, ...more });

  /** Runs `work` on a loaded servable in a world of its own. */
  const loaded = (work: (loaded: Loaded<S>, world: W) => Promise<void>) => async (): Promise<void> => {
    await using world = await makeWorld();
    await using result = await create(world).load(context());
    await work(result, world);
  };

  const dispose = (result: Loaded<S>): PromiseLike<void> => result[Symbol.asyncDispose]();

  /** Aborts loads at every point that can be told: before, right after the call, and at each report. */
  const abortEverywhere = async (world: W, work: (aborted: Aborted) => void): Promise<void> => {
    for (let point = -1, reached = true; reached && point < MAX_ABORTS; point++) {
      const controller = new AbortController();
      const reason = new ServingError("CANCELLED", "the version is no longer wanted");
      let reports = 0;
      reached = point <= 0;
      if (point === -1) controller.abort(reason);
      const report = (): void => {
        if (++reports !== point) return;
        reached = true;
        controller.abort(reason);
      };
      const loading = startLoad(create(world), context({ signal: controller.signal, report }));
      if (point === 0) controller.abort(reason);
      const outcome = await loading;
      if ("result" in outcome) await dispose(outcome.result);
      const when = point === -1 ? "before" : point === 0 ? "right after the call" : `at report ${point}`;
      work({ when, reason, ...("error" in outcome && { error: outcome.error }), failed: "error" in outcome });
    }
  };

  const claimResources = (resources: ResourceEstimate, what: string): void => {
    for (const [name, bytes] of Object.entries({ memoryBytes: resources.memoryBytes, ...resources.devices })) {
      const good = bytes === undefined || (Number.isFinite(bytes) && bytes >= 0);
      claim(good, `${what} says ${name}: ${short(bytes)}; bytes are numbers from 0 on`);
    }
  };

  return contractOf(
    "loaderContract",
    {
      "loads a servable that works": loaded(async ({ servable }) => void (await check(servable))),
      "keeps a servable working when another load of it is disposed": loaded(async ({ servable }, world) => {
        const loader = create(world);
        const first = await loader.load(context());
        const second = await loader.load(context());
        await dispose(first);
        await check(second.servable);
        await dispose(second);
        await check(servable);
      }),
      "is disposed once, however often it is asked to": loaded(async (result) => {
        await dispose(result);
        await dispose(result);
      }),
      "holds nothing any more once it is disposed": needing({ held }, async ({ held }) => {
        await using world = await makeWorld();
        claimSame(held(world), 0, "held before the first load");
        const loader = create(world);
        const [first, second] = [await loader.load(context()), await loader.load(context())];
        const both = held(world);
        await dispose(first);
        await dispose(first);
        const one = held(world);
        claim(one <= both && (both === 0 || one > 0), `held by two loads ${both}, by one of them ${one}`);
        await dispose(second);
        claimSame(held(world), 0, "held after all was disposed");
      }),
      "does not load for a signal that has aborted, and fails with its reason": async () => {
        await using world = await makeWorld();
        const reason = new ServingError("CANCELLED", "the version is no longer wanted");
        const loading = (): unknown => create(world).load(context({ signal: AbortSignal.abort(reason) }));
        const error = await claimFails(loading, "a load with a signal that has aborted");
        claim(error === reason, `it must fail with the signal's reason, but failed with ${short(error)}`);
      },
      "fails with its signal's reason when that aborts meanwhile": async () => {
        await using world = await makeWorld();
        await abortEverywhere(world, ({ failed, error, reason, when }) => {
          const good = !failed || error === reason;
          claim(good, `a load aborted ${when} must fail with the signal's reason, but failed with ${short(error)}`);
        });
      },
      "holds nothing after loads that were aborted": needing({ held }, async ({ held }) => {
        await using world = await makeWorld();
        await abortEverywhere(world, ({ when }) => claimSame(held(world), 0, `held after a load aborted ${when}`));
      }),
      "loads after a load that has failed": needing({ breakLoads, mendLoads }, async ({ breakLoads, mendLoads }) => {
        await using world = await makeWorld();
        const loader = create(world);
        await breakLoads(world);
        const error = await claimFails(() => loader.load(context()), "a load that is made to fail");
        claim(error instanceof Error && error.message !== "", `it failed with ${short(error)}, which says nothing`);
        await mendLoads(world);
        const result = await loader.load(context());
        await check(result.servable);
        await dispose(result);
      }),
      "holds nothing after a load that has failed": needing({ held, breakLoads }, async ({ held, breakLoads }) => {
        await using world = await makeWorld();
        await breakLoads(world);
        await claimFails(() => create(world).load(context()), "a load that is made to fail");
        claimSame(held(world), 0, "held after a load that failed");
      }),
      "tells what it takes as numbers from 0 on": loaded(async ({ resources }, world) => {
        const loader = create(world);
        if (loader.estimateResources !== undefined)
          claimResources(await loader.estimateResources(context()), "estimateResources");
        if (resources !== undefined) claimResources(resources, "what was loaded");
      }),
      "describes what it loaded in plain data": loaded(async (result) => {
        const facts: unknown = result.describe?.() ?? {};
        claim(typeof facts === "object" && facts !== null, `describe() gave ${short(facts)}`);
        claimPlain(facts, "describe()");
      }),
      "reports progress that adds up": async () => {
        await using world = await makeWorld();
        const reports: Progress[] = [];
        const result = await create(world).load(context({ report: (progress) => void reports.push(progress) }));
        await dispose(result);
        claimProgress(reports);
      },
      "borrows only servables that it has declared, and gives them back": async () => {
        await using world = await makeWorld();
        const leaks = leakCheck();
        const loader = create(world);
        const declared = new Set((loader.dependencies ?? []).map(({ name }) => name));
        const given = context();
        const parts = leaks.parts(given.servables);
        const undeclared: string[] = [];
        const result = await loader.load({
          ...given,
          servables: {
            acquire(dependency) {
              if (!declared.has(dependency.name)) undeclared.push(dependency.name);
              return parts.acquire(dependency);
            },
          },
        });
        await check(result.servable);
        await dispose(result);
        claimSame(undeclared, [], "servables borrowed without being declared in dependencies");
        leaks.check();
      },
    },
    subject,
  );
}

/** How a load ended that was aborted on its way. */
interface Aborted {
  readonly when: string;
  readonly reason: unknown;
  readonly failed: boolean;
  readonly error?: unknown;
}

/** Claims that a value is the same once it was written as JSON and read again. */
function claimPlain(value: unknown, place: string): void {
  if (value === null || typeof value === "string" || typeof value === "boolean") return;
  if (typeof value === "number" && Number.isFinite(value)) return;
  const prototype: unknown = typeof value === "object" ? Object.getPrototypeOf(value) : undefined;
  const plain = prototype === null || prototype === Object.prototype || Array.isArray(value);
  claim(plain, `${place} is ${short(value)}, which JSON does not write as it is`);
  for (const [key, part] of Object.entries(value as object)) claimPlain(part, `${place}.${key}`);
}

/** Begins a load; the result tells how it ended, so that nothing is rejected before it is awaited. */
function startLoad<S>(
  loader: Loader<S>,
  context: LoadContext,
): Promise<{ readonly result: Loaded<S> } | { readonly error: unknown }> {
  return loader.load(context).then(
    (result) => ({ result }),
    (error: unknown) => ({ error }),
  );
}
