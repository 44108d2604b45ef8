import { ServingError } from "../errors.js";
import type { Handle, Selector, VersionChoice } from "../handle.js";
import { formatId, type ServableId } from "../servable.js";
import { failureOf, type VersionEntry } from "../version/model-state.js";
import { isLeaving } from "../version/version-state.js";
import type { Labels } from "./labels.js";
import type { Lease } from "./lease.js";
import type { WaitOptions } from "./manager.js";
import type { Model } from "./model.js";

/** What a waiter gets: the version, why it never comes, or `gone` where nobody wants it any more. */
type Outcome = Lease<unknown> | ServingError | "gone";

interface Waiter {
  readonly selector: Selector;
  /** Whether it waits for one version alone, and not for any that a later list may name. */
  readonly isForOne: boolean;
  settle(outcome: Outcome): void;
}

/** For whom and for how long is waited. */
export interface Wait extends WaitOptions {
  readonly name: string;
  /** Undefined for a name that is not known yet. */
  readonly model: Model<unknown> | undefined;
}

/** Those who wait for a version to become available. */
export class Waiters {
  readonly #byName = new Map<string, Set<Waiter>>();
  readonly #labels: Labels;

  constructor(labels: Labels) {
    this.#labels = labels;
  }

  /** Waits until the version, or any version, of `name` is available. */
  wait(wait: Wait): Promise<ServableId> {
    return new Promise((resolve, reject) => {
      this.#add(wait, (outcome) => {
        if (outcome instanceof ServingError) reject(outcome);
        else if (outcome !== "gone") resolve(outcome.id);
      });
    });
  }

  /**
   * Borrows one version in the moment in which it is available, so that nothing can evict it before; undefined when it
   * is not wanted any more.
   */
  borrow(wait: Wait & { readonly version: number }): Promise<Handle<unknown> | undefined> {
    return new Promise((resolve, reject) => {
      this.#add(
        wait,
        (outcome) => {
          if (outcome instanceof ServingError) reject(outcome);
          else resolve(outcome === "gone" ? undefined : outcome.borrow());
        },
        true,
      );
    });
  }

  /** Settles those whose wish a change of `model` has granted or made hopeless. */
  look(model: Model<unknown>): void {
    for (const waiter of this.#byName.get(model.name) ?? []) {
      const outcome = this.#outcomeOf(model, waiter);
      if (outcome !== undefined) waiter.settle(outcome);
    }
  }

  /** Turns away all who still wait and whom `concerns` chooses. */
  turnAway(
    error: (name: string, selector: Selector) => ServingError,
    concerns: (name: string, selector: Selector) => boolean = () => true,
  ): void {
    for (const [name, waiting] of this.#byName) {
      for (const waiter of waiting) {
        if (concerns(name, waiter.selector)) waiter.settle(error(name, waiter.selector));
      }
    }
  }

  #add({ name, model, signal, ...selector }: Wait, answer: (outcome: Outcome) => void, isForOne = false): void {
    const abort = (): void => waiter.settle(cancelled(name, signal));
    const waiter: Waiter = {
      selector,
      isForOne,
      settle: (outcome) => {
        signal?.removeEventListener("abort", abort);
        const waiting = this.#byName.get(name);
        waiting?.delete(waiter);
        if (waiting?.size === 0) this.#byName.delete(name);
        answer(outcome);
      },
    };
    if (signal?.aborted === true) return abort();
    const outcome = model && this.#outcomeOf(model, waiter);
    if (outcome !== undefined) return waiter.settle(outcome);
    signal?.addEventListener("abort", abort, { once: true });
    const waiting = this.#byName.get(name) ?? new Set();
    this.#byName.set(name, waiting.add(waiter));
  }

  #outcomeOf(model: Model<unknown>, { selector, isForOne }: Waiter): Outcome | undefined {
    const choice = this.#labels.resolve(model.name, selector);
    // A label that is not set yet may still be.
    if (choice === undefined) return undefined;
    const outcome = outcomeOf(model, choice);
    return outcome === "gone" && !isForOne ? undefined : outcome;
  }
}

function cancelled(name: string, signal: AbortSignal | undefined): ServingError {
  return new ServingError("CANCELLED", `${name}: the wait for an available version was aborted`, {
    cause: signal?.reason,
  });
}

/** What has become of a choice; undefined while it may still become available without another list. */
export function outcomeOf(model: Model<unknown>, choice: VersionChoice): Outcome | undefined {
  const lease = model.serving.get(choice);
  if (lease !== undefined) return lease;
  const version = typeof choice === "number" ? choice : undefined;
  const concerned = model.entries.filter((entry) => entry.aspired && (version ?? entry.version) === entry.version);
  if (concerned.length === 0) return "gone";
  if (concerned.some(isHopeful)) return undefined;
  const failed = concerned.map(failureOf).find((error) => error !== undefined);
  if (failed === undefined) return undefined;
  const which = version === undefined ? model.name : formatId({ name: model.name, version });
  return new ServingError(failed.code, `${which} cannot become available: ${failed.message}`, { cause: failed });
}

/** Whether a wanted version can still become available without a new list. */
function isHopeful({ state }: VersionEntry): boolean {
  return state.phase !== "failed" && !isLeaving(state.phase);
}
