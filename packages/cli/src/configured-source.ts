import type { AspiredVersions, ModelFiles, Source } from "@servable/core";
import { Observable, type Subscription } from "rxjs";
import type { ModelEntry } from "./model-config.js";

/**
 * A source of the models that a list names, as it changes: a model that is new is watched, one that is left out is
 * unloaded, and one with another base path or policy is watched anew and keeps what it serves until then. A list with a
 * model that cannot be watched changes nothing, and the end of one model's source leaves the others alone: both are told.
 */
export function configuredSource(
  models$: Observable<readonly ModelEntry[]>,
  sourceOf: (model: ModelEntry) => Source<ModelFiles>,
  onWarning: (text: string) => void,
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
        for (const name of watched.keys()) {
          if (models.some((model) => model.name === name)) continue;
          drop(name);
          subscriber.next({ name, versions: [] });
        }
        for (const [model, source] of sources) {
          const { name } = model;
          drop(name);
          const subscription = source.subscribe({
            next: (list) => subscriber.next(list),
            error: (error) => onWarning(`${name}: its source has ended: ${messageOf(error)}; what it offered stays`),
          });
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

/** What a model is watched by; another text is another source. */
function textOf({ basePath, versions }: ModelEntry): string {
  return JSON.stringify([basePath, versions.description]);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
