import { map, type ObservedValueOf, ReplaySubject, Subject, share, startWith } from "rxjs";
import type { ServingError } from "../errors.js";
import type { Handle, Selector } from "../handle.js";
import type { Loader } from "../loader.js";
import type { ServableId } from "../servable.js";
import type { AspiredVersions } from "../source/source.js";
import { throwLater } from "../throw-later.js";
import { eligibleVersion } from "../version/eligible-version.js";
import { createAdmission } from "./admission.js";
import { unloadAll, whenUnloaded } from "./closing.js";
import { Composition } from "./composition.js";
import { createEviction } from "./demand.js";
import { describeModel } from "./describe-model.js";
import type { ManagerEvent } from "./events.js";
import { explainModel, factsOf } from "./explain.js";
import { Labels } from "./labels.js";
import { createMailbox } from "./mailbox.js";
import type { BorrowOptions, CloseOptions, Manager, WaitOptions } from "./manager.js";
import type { Model } from "./model.js";
import type { ModelHost } from "./model-host.js";
import { type ManagerOptions, resolveManagerOptions } from "./options.js";
import { createParts } from "./parts.js";
import { missingForReady } from "./readiness.js";
import { refusal } from "./refusal.js";
import { requireAtLeast } from "./require-at-least.js";
import { createSlots } from "./slots.js";
import type { ManagerSnapshot, ModelSnapshot } from "./snapshot.js";
import { type ManagerSources, SourceDesk } from "./source-desk.js";
import { SourceIntake } from "./source-intake.js";
import { outcomeOf, Waiters } from "./waiters.js";

type Emission<TSources extends ManagerSources> = ObservedValueOf<TSources[keyof TSources]>;

/** Which servable stands behind which name, as the types of the sources tell. */
export type ModelsOf<TSources extends ManagerSources> = {
  [E in Emission<TSources> as E["name"]]: E extends AspiredVersions<Loader<infer S>> ? S : never;
};

/**
 * Makes a manager and starts its sources. Each key is a source's identity, under which events and `explain` name it.
 * @throws RangeError for an option out of its range
 */
export function createManager<const TSources extends ManagerSources>(
  sources: TSources,
  options?: ManagerOptions,
): Manager<ModelsOf<TSources>> {
  const { policy, loadConcurrency, unloadConcurrency, retry, onError, clock, random, onDemand, ...rest } =
    resolveManagerOptions(options);
  const admission = createAdmission(loadConcurrency, {
    ...rest.limits,
    ...(onDemand && { versions: onDemand.maxLoaded }),
  });
  const models = new Map<string, Model<unknown>>();
  const desk = new SourceDesk();
  const labels = new Labels();
  const waiters = new Waiters(labels);
  const events$ = new Subject<ManagerEvent>();
  const changes$ = new Subject<void>();
  const mailbox = createMailbox(() => {
    eviction?.look();
    changes$.next();
  });
  const composition = new Composition({
    models,
    labels,
    loadsOnDemand: onDemand !== undefined,
    post: (work) => mailbox.post(work),
  });
  const eviction =
    onDemand &&
    createEviction({
      models,
      composition,
      ledger: admission.ledger,
      clock,
      idleMs: onDemand.idleMs,
      post: (work) => mailbox.post(work),
    });
  const report = (error: ServingError): void => {
    try {
      onError(error);
    } catch (thrown) {
      throwLater(thrown);
    }
  };
  let activePolicy = policy;
  let closed: Promise<void> | undefined;

  const host: ModelHost = {
    clock,
    admission,
    unloadSlots: createSlots(unloadConcurrency),
    drainWarningMs: rest.drainWarningMs,
    leases: {
      traced: rest.traceHandles,
      ...(eviction && { now: () => clock.now(), onIdle: () => eviction.handleReturned() }),
    },
    partsFor: (id, dependencies) => createParts(id, dependencies, (name, selector) => manager.acquire(name, selector)),
    loadsOnDemand: onDemand !== undefined,
    composition,
    retry,
    chance: random,
    policy: () => activePolicy,
    emit: (event) => events$.next(event),
    post: (work) => mailbox.post(work),
    changed: (model) => waiters.look(model),
    report,
  };

  const intake = new SourceIntake({ models, desk, host });

  const endSource = (source: string, failure?: ServingError): void => {
    intake.end(source, failure);
    waiters.turnAway(refuse, neverComes);
  };

  /** Whether no source will list what is asked for. A label may still be moved. */
  const neverComes = (name: string, selector: Selector): boolean => {
    const model = models.get(name);
    if (model === undefined) return desk.allSilent;
    const choice = labels.resolve(name, selector);
    if (selector.label !== undefined || choice === undefined) return false;
    return desk.isSilent(model.source) && outcomeOf(model, choice) === "gone";
  };

  const describe = (model: Model<unknown>): ModelSnapshot =>
    describeModel(model, {
      nowMs: clock.now(),
      attempts: retry.attempts + 1,
      loadConcurrency,
      ledger: admission.ledger,
      loadsOnDemand: onDemand !== undefined,
      composition,
      labels: labels.of(model.name),
    });

  const refuse = (name: string, selector?: Selector): ServingError =>
    refusal(name, selector, {
      model: manager.model(name),
      names: [...models.keys()],
      sources: desk.snapshots(),
      closing: closed !== undefined,
      choice: labels.resolve(name, selector ?? LATEST),
    });

  const moveLabel = (name: string, move: LabelMove): void => {
    if (move.version === move.previous) return;
    mailbox.post(() => {
      const { label, version, previous } = move;
      const moved = { ...(version !== undefined && { version }), ...(previous !== undefined && { previous }) };
      events$.next({ type: "label-moved", name, label, ...moved, atMs: clock.now() });
      const model = models.get(name);
      if (model === undefined) return;
      waiters.look(model);
      composition.changed(model);
    });
  };

  const shutDown = async (timeoutMs: number): Promise<void> => {
    mailbox.post(() => {
      desk.disconnect();
      eviction?.stop();
      activePolicy = unloadAll;
      waiters.turnAway(refuse);
      for (const model of models.values()) model.aspire({ name: model.name, versions: [] });
    });
    const done = (): void => {
      events$.complete();
      changes$.complete();
    };
    await whenUnloaded(models, { changes$, timeoutMs, clock, describe, done });
  };

  const manager: Manager = {
    events$: events$.asObservable(),
    states$: changes$.pipe(
      startWith(undefined),
      map(() => manager.snapshot()),
      share({ connector: () => new ReplaySubject(1) }),
    ),
    acquire<N extends string>(name: N, selector?: Selector) {
      const choice = selector === undefined ? "latest" : labels.resolve(name, selector);
      const lease = choice === undefined ? undefined : models.get(name)?.serving.get(choice);
      if (lease === undefined) throw refuse(name, selector);
      return lease.borrow() as Handle<unknown, N>;
    },
    async borrow<N extends string>(name: N, selector: Selector = LATEST, options: BorrowOptions = {}) {
      for (;;) {
        if (onDemand === undefined || closed !== undefined) break;
        const choice = labels.resolve(name, selector);
        const model = models.get(name);
        if (model === undefined || choice === undefined) break;
        const version = eligibleVersion(model.entries, choice);
        if (version === undefined) break;
        const lease = model.serving.get(version);
        if (lease !== undefined) return lease.borrow() as Handle<unknown, N>;
        // In its turn, so that a version that has failed is new again before it is waited for.
        // Read here and not before: who seldom waits may make its signal when it is asked for.
        const { signal } = options;
        const handle = await new Promise<Handle<unknown> | undefined>((resolve) => {
          mailbox.post(() => {
            model.demand(version);
            resolve(waiters.borrow({ name, version, model, ...(signal && { signal }) }));
          });
        });
        // Without a handle the list has changed, and another version may be meant.
        if (handle !== undefined) return handle as Handle<unknown, N>;
      }
      return manager.acquire(name, selector);
    },
    async use(name, work, selector) {
      const handle = onDemand === undefined ? manager.acquire(name, selector) : await manager.borrow(name, selector);
      try {
        return await work(handle.servable, handle.id);
      } finally {
        handle.release();
      }
    },
    async whenAvailable<N extends string>(name: N, wait: WaitOptions = {}) {
      if (closed !== undefined || neverComes(name, wait)) throw refuse(name, wait);
      return (await waiters.wait({ ...wait, name, model: models.get(name) })) as ServableId<N>;
    },
    setLabel(name, label, version) {
      moveLabel(name, { label, version, previous: labels.set(name, label, version) });
    },
    removeLabel(name, label) {
      moveLabel(name, { label, version: undefined, previous: labels.remove(name, label) });
    },
    snapshot(): ManagerSnapshot {
      const described = [...models.values()].map(describe);
      const waitingFor =
        closed === undefined ? missingForReady(desk.snapshots(), onDemand ? [] : described) : ["the manager is closed"];
      return { ready: waitingFor.length === 0, waitingFor, models: described, sources: desk.snapshots() };
    },
    toJSON: () => manager.snapshot(),
    model(name) {
      const model = models.get(name);
      return model && describe(model);
    },
    explain(name) {
      const model = models.get(name);
      if (model === undefined) return refuse(name).message;
      return explainModel(describe(model), {
        source: desk.get(model.source),
        nowMs: clock.now(),
        facts: factsOf(model),
      });
    },
    close({ timeoutMs = 30_000 }: CloseOptions = {}) {
      requireAtLeast(0, { timeoutMs });
      // A turn later, so that `closed` is set before anything looks at it.
      closed ??= Promise.resolve().then(() => shutDown(timeoutMs));
      return closed;
    },
    [Symbol.asyncDispose]: () => manager.close(),
  };

  const inTurn =
    <A extends readonly unknown[]>(work: (...args: A) => void) =>
    (...args: A): void =>
      mailbox.post(() => {
        if (closed === undefined) work(...args);
      });
  desk.connect(sources, {
    listed: inTurn((source: string, list: AspiredVersions<Loader<unknown>>) => intake.take(source, list)),
    completed: inTurn((source: string) => endSource(source)),
    failed: inTurn(endSource),
  });
  return manager as Manager<ModelsOf<TSources>>;
}

const LATEST: Selector = {};

interface LabelMove {
  readonly label: string;
  readonly version: number | undefined;
  readonly previous: number | undefined;
}
