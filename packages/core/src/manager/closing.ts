import { type Observable, startWith } from "rxjs";
import type { Clock } from "../clock.js";
import { ServingError } from "../errors.js";
import type { AspiredVersionPolicy } from "../policy/aspired-version-policy.js";
import { formatId } from "../servable.js";
import type { Model } from "./model.js";
import type { ModelSnapshot } from "./snapshot.js";

/** The policy of a manager that closes, whatever its own was. */
export const unloadAll: AspiredVersionPolicy = (versions) => {
  const view = versions.find(({ phase }) => phase === "available");
  return view && { type: "unload", incarnation: view.incarnation };
};

interface CloseWatch {
  readonly changes$: Observable<void>;
  readonly timeoutMs: number;
  readonly clock: Clock;
  readonly describe: (model: Model<unknown>) => ModelSnapshot;
  /** Called once all is unloaded, also when that is after the time-out. */
  readonly done: () => void;
}

/**
 * Resolves when no version is loaded any more, or on its way in or out.
 * @throws ServingError DEADLINE_EXCEEDED that names what is still held, after `timeoutMs`
 */
export function whenUnloaded(models: ReadonlyMap<string, Model<unknown>>, watch: CloseWatch): Promise<void> {
  return new Promise((resolve, reject) => {
    const cancelTimer = watch.clock.schedule(() => {
      reject(overdue([...models.values()].map(watch.describe), watch.timeoutMs));
    }, watch.timeoutMs);
    const subscription = watch.changes$.pipe(startWith(undefined)).subscribe(() => {
      for (const model of models.values()) if (model.isBusy) return;
      cancelTimer();
      // Not unsubscribed from within its own first, synchronous emission: `subscription` is not there yet.
      queueMicrotask(() => subscription.unsubscribe());
      watch.done();
      resolve();
    });
  });
}

function overdue(pictures: readonly ModelSnapshot[], timeoutMs: number): ServingError {
  const held = pictures
    .flatMap(({ versions }) => versions)
    .filter(({ state }) => state !== "END")
    .map(({ id, reason }) => `${formatId(id)} (${reason})`);
  return new ServingError(
    "DEADLINE_EXCEEDED",
    `the manager could not close within ${timeoutMs} ms: ${held.join(", ")}`,
  );
}
