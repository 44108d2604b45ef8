import type { AspiredVersions, ModelFiles, Source } from "@servable/core";
import { Observable, type Subscription } from "rxjs";
import type { ModelEntry } from "./model-config.js";

/**
 * A source of the models that a list names, as it changes: a model that is new is watched, one that is left out is
 * unloaded, and one with another base path or policy is watched anew and keeps what it serves until then.
 */
export function configuredSource(
  models$: Observable<readonly ModelEntry[]>,
  sourceOf: (model: ModelEntry) => Source<ModelFiles>,
): Source<ModelFiles> {
  return new Observable<AspiredVersions<ModelFiles>>((subscriber) => {
    const watched = new Map<string, { readonly text: string; readonly subscription: Subscription }>();
    const drop = (name: string): void => {
      watched.get(name)?.subscription.unsubscribe();
      watched.delete(name);
    };
    const listed = models$.subscribe({
      next: (models) => {
        for (const name of watched.keys()) {
          if (models.some((model) => model.name === name)) continue;
          drop(name);
          subscriber.next({ name, versions: [] });
        }
        for (const model of models) {
          const text = JSON.stringify([model.basePath, model.versions.description]);
          if (watched.get(model.name)?.text === text) continue;
          drop(model.name);
          const subscription = sourceOf(model).subscribe({
            next: (list) => subscriber.next(list),
            error: (error) => subscriber.error(error),
          });
          watched.set(model.name, { text, subscription });
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
