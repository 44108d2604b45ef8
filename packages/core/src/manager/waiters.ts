import { ServingError } from "../errors.js";
import type { Selector, VersionChoice } from "../handle.js";
import { formatId, type ServableId } from "../servable.js";
import type { VersionEntry } from "../version/model-state.js";
import { isLeaving } from "../version/version-state.js";
import type { Labels } from "./labels.js";
import type { WaitOptions } from "./manager.js";
import type { Model } from "./model.js";

interface Waiter {
  readonly selector: Selector;
  settle(outcome: ServableId | ServingError): void;
}

/** Those who wait for a version to become available. */
export class Waiters {
  readonly #byName = new Map<string, Set<Waiter>>();
  readonly #labels: Labels;

  constructor(labels: Labels) {
    this.#labels = labels;
  }

  /**
   * Waits until the version, or any version, of `name` is available.
   * @param model undefined for a name that is not known yet
   */
  wait(name: string, options: WaitOptions, model: Model<unknown> | undefined): Promise<ServableId> {
    const { signal } = options;
    return new Promise((resolve, reject) => {
      const abort = (): void => waiter.settle(cancelled(name, signal));
      const waiter: Waiter = {
        selector: options,
        settle: (outcome) => {
          signal?.removeEventListener("abort", abort);
          const waiting = this.#byName.get(name);
          waiting?.delete(waiter);
          if (waiting?.size === 0) this.#byName.delete(name);
          if (outcome instanceof ServingError) reject(outcome);
          else resolve(outcome);
        },
      };
      if (signal?.aborted === true) return abort();
      const outcome = model && this.#outcomeOf(model, options);
      if (outcome !== undefined) return waiter.settle(outcome);
      signal?.addEventListener("abort", abort, { once: true });
      const waiting = this.#byName.get(name) ?? new Set();
      this.#byName.set(name, waiting.add(waiter));
    });
  }

  /** Settles those whose wish a change of `model` has granted or made hopeless. */
  look(model: Model<unknown>): void {
    for (const waiter of this.#byName.get(model.name) ?? []) {
      const outcome = this.#outcomeOf(model, waiter.selector);
      if (outcome !== undefined) waiter.settle(outcome);
    }
  }

  /** Turns away all who still wait and whose name is chosen by `concerns`. */
  turnAway(error: (name: string) => ServingError, concerns: (name: string) => boolean = () => true): void {
    for (const [name, waiting] of this.#byName) {
      if (concerns(name)) for (const waiter of waiting) waiter.settle(error(name));
    }
  }

  #outcomeOf(model: Model<unknown>, selector: Selector): ServableId | ServingError | undefined {
    const choice = this.#labels.resolve(model.name, selector);
    // A label that is not set yet may still be.
    return choice === undefined ? undefined : outcomeOf(model, choice);
  }
}

function cancelled(name: string, signal: AbortSignal | undefined): ServingError {
  return new ServingError("CANCELLED", `${name}: the wait for an available version was aborted`, {
    cause: signal?.reason,
  });
}

function outcomeOf(model: Model<unknown>, choice: VersionChoice): ServableId | ServingError | undefined {
  const lease = model.serving.get(choice);
  if (lease !== undefined) return lease.id;
  const version = typeof choice === "number" ? choice : undefined;
  const concerned = model.entries.filter((entry) => entry.aspired && (version ?? entry.version) === entry.version);
  if (concerned.length === 0 || concerned.some(isHopeful)) return undefined;
  const failed = concerned.map(failureOf).find((error) => error !== undefined);
  if (failed === undefined) return undefined;
  const which = version === undefined ? model.name : formatId({ name: model.name, version });
  return new ServingError(failed.code, `${which} cannot become available: ${failed.message}`, { cause: failed });
}

/** The error of a version that has failed for good. */
export function failureOf(entry: VersionEntry): ServingError | undefined {
  return entry.state.phase === "failed" ? entry.state.error : undefined;
}

/** Whether `entry` can still become available without a new list. */
function isHopeful(entry: VersionEntry): boolean {
  return entry.aspired && entry.state.phase !== "failed" && !isLeaving(entry.state.phase);
}
