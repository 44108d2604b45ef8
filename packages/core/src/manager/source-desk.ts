import { defer, type ObservableInput, type Subscription } from "rxjs";
import { ServingError } from "../errors.js";
import type { Loader } from "../loader.js";
import type { AspiredVersions } from "../source/source.js";
import type { SourceSnapshot } from "./snapshot.js";

/** Sources of loaders by key: observables, async iterables or promises. */
export type ManagerSources = Readonly<Record<string, ObservableInput<AspiredVersions<Loader<unknown>>>>>;

/** What the desk hands on. */
export interface DeskEvents {
  listed(source: string, list: AspiredVersions<Loader<unknown>>): void;
  completed(source: string): void;
  failed(source: string, error: ServingError): void;
}

/** Subscribes to the sources, each under its key, and keeps what is known of each. */
export class SourceDesk {
  readonly #states = new Map<string, SourceSnapshot>();
  readonly #subscriptions: Subscription[] = [];

  /** Starts all sources; one that cannot even be subscribed to is a failed one. */
  connect(sources: ManagerSources, events: DeskEvents): void {
    for (const key of Object.keys(sources)) this.#states.set(key, { key, state: "waiting" });
    for (const [key, source] of Object.entries(sources)) {
      this.#subscriptions.push(
        defer(() => source).subscribe({
          next: (list) => events.listed(key, list),
          complete: () => events.completed(key),
          error: (error: unknown) => events.failed(key, deathOf(key, error)),
        }),
      );
    }
  }

  get(key: string): SourceSnapshot | undefined {
    return this.#states.get(key);
  }

  set(state: SourceSnapshot): void {
    this.#states.set(state.key, state);
  }

  snapshots(): SourceSnapshot[] {
    return [...this.#states.values()];
  }

  /** Whether a source will never speak again. */
  isSilent(key: string): boolean {
    const state = this.get(key)?.state;
    return state === "completed" || state === "failed";
  }

  /** Whether no source will ever speak again. */
  get allSilent(): boolean {
    return [...this.#states.keys()].every((key) => this.isSilent(key));
  }

  disconnect(): void {
    for (const subscription of this.#subscriptions) subscription.unsubscribe();
  }
}

function deathOf(key: string, cause: unknown): ServingError {
  const { code, message, retryable } = ServingError.from(cause, "INTERNAL");
  return new ServingError(code, `source "${key}" has failed: ${message}`, { cause, retryable });
}
