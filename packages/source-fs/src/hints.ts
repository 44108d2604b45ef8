import { ServingError } from "@servable/core";
import { map, merge, Observable, Subject } from "rxjs";
import type { SourcePorts } from "./ports.js";

/** Hints of the operating system that something has changed. They may be late, missing or in vain: polling is the truth. */
export interface Hints {
  /** Watches while it is subscribed to; an error when it cannot, or no longer does. */
  readonly hint$: Observable<void>;
  /** Ends the present watch with an error, so that the next one watches what is there then. */
  drop(): void;
}

/** Makes {@link Hints} for one folder. */
export function makeHints(path: string, ports: SourcePorts): Hints {
  const ended = (): ServingError => new ServingError("NOT_AVAILABLE", `${path} is not watched any more`);
  const dropped$ = new Subject<void>();
  const watched$ = new Observable<void>((subscriber) =>
    ports.watch(path, { onHint: () => subscriber.next(), onEnd: () => subscriber.error(ended()) }),
  );
  return {
    hint$: merge(
      watched$,
      dropped$.pipe(
        map(() => {
          throw ended();
        }),
      ),
    ),
    drop: () => dropped$.next(),
  };
}
