import type { AspiredVersions, ModelFiles, Source } from "@servable/core";
import { Observable, retry, type Subscription, timer } from "rxjs";
import type { ModelEntry } from "./model-config.js";

/** Who hears of what becomes of the lists. */
export interface ConfiguredSourceEvents {
  /** Told of each list that is followed, before any of its models is watched; never of one that is refused. */
  readonly onFollowed: (models: readonly ModelEntry[]) => void;
  readonly onWarning: (text: string) => void;
}

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 60_000;

/**
 * A source of the models that a list names, as it changes: a model that is new is watched, one that is left out is
 * unloaded, and one with another base path or policy is watched anew and keeps what it serves until then. A list with a
 * model that cannot be watched changes nothing, and the failure of one model's source leaves the others alone: both are
 * told, and the source is tried again after pauses that double from one second to a minute.
 */
export function configuredSource(
  models$: Observable<readonly ModelEntry[]>,
  sourceOf: (model: ModelEntry) => Source<ModelFiles>,
  { onFollowed, onWarning }: ConfiguredSourceEvents,
): Source<ModelFiles> {
  return new Observable<AspiredVersions<ModelFiles>>((subscriber) => {
    const watched = new Map<string, { readonly text: string; readonly subscription: Subscription }>();
    const drop = (name: string): void => {
      watched.get(name)?.subscription.unsubscribe();
      watched.delete(name);
    };
    const listed = models$.subscribe({
      next: (models) => {
        const changed = models.filter((model) => watched.get(model.name)?.text !== textOf(model));
        const sources = new Map<ModelEntry, Source<ModelFiles>>();
        try {
          // All before any is watched, so that a list is followed as a whole or not at all.
          for (const model of changed) sources.set(model, sourceOf(model));
        } catch (error) {
          if (watched.size === 0) subscriber.error(error);
          else onWarning(`${messageOf(error)}; what was configured before stays`);
          return;
        }
        onFollowed(models);
        for (const name of watched.keys()) {
          if (models.some((model) => model.name === name)) continue;
          drop(name);
          subscriber.next({ name, versions: [] });
        }
        for (const [model, source] of sources) {
          const { name } = model;
          drop(name);
          const subscription = persistent(source, (problem) =>
            onWarning(`${name}: its source failed: ${problem}; what it offered stays, and it is tried again`),
          ).subscribe((list) => subscriber.next(list));
          watched.set(name, { text: textOf(model), subscription });
        }
      },
      error: (error) => subscriber.error(error),
    });
    return () => {
      listed.unsubscribe();
      for (const name of watched.keys()) drop(name);
    };
  });
}

/** A source that is watched again after it fails; each problem is told when it is another than the last. */
function persistent(source: Source<ModelFiles>, onProblem: (problem: string) => void): Source<ModelFiles> {
  let last: string | undefined;
  return source.pipe(
    retry({
      resetOnSuccess: true,
      delay: (error, count) => {
        const problem = messageOf(error);
        if (problem !== last) onProblem(problem);
        last = problem;
        return timer(Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (count - 1)));
      },
    }),
  );
}

/** What a model is watched by; another text is another source. */
function textOf({ basePath, versions }: ModelEntry): string {
  return JSON.stringify([basePath, versions.description]);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
