import { Subject } from "rxjs";
import type { ServingError } from "../errors.js";
import type { Loader } from "../loader.js";
import { createManager } from "../manager/create-manager.js";
import type { ManagerEvent } from "../manager/events.js";
import type { Manager } from "../manager/manager.js";
import type { ManagerOptions } from "../manager/options.js";
import type { AspiredVersion, AspiredVersions } from "../source/source.js";
import type { GatedLoader, GatedServable } from "./gated-loader.js";
import { type ManualClock, manualClock } from "./manual-clock.js";

type List = AspiredVersions<Loader<GatedServable>, "m">;

/** A manager of one model `m`, with everything around it in the hands of the test. */
export interface Stage {
  readonly manager: Manager<{ m: GatedServable }>;
  readonly clock: ManualClock;
  readonly source: Subject<List>;
  readonly events: string[];
  readonly errors: ServingError[];
  want(...versions: readonly AspiredVersion<Loader<GatedServable>>[]): void;
}

/** Sets up a {@link Stage}; jitter is off. */
export function stage(options: ManagerOptions = {}): Stage {
  const source = new Subject<List>();
  const clock = manualClock();
  const errors: ServingError[] = [];
  const manager = createManager(
    { disk: source },
    { clock, random: () => 0, onError: (e) => errors.push(e), ...options },
  );
  const events: string[] = [];
  manager.events$.subscribe((event) => events.push(line(event)));
  return { manager, clock, source, events, errors, want: (...versions) => source.next({ name: "m", versions }) };
}

/** An event in short: `1 version-available`. */
export function line(event: ManagerEvent): string {
  if ("id" in event) return `${event.id.version} ${event.type}`;
  return "source" in event ? `${event.source} ${event.type}` : `${event.label} ${event.type}`;
}

export const one = (data: Loader<GatedServable>, revision = "a"): AspiredVersion<Loader<GatedServable>> => ({
  version: 1,
  revision,
  data,
});
export const two = (data: Loader<GatedServable>): AspiredVersion<Loader<GatedServable>> => ({
  version: 2,
  revision: "a",
  data,
});
export const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
export const stateOf = (manager: { model: Manager["model"] }, version: number): string | undefined =>
  manager.model("m")?.versions.find(({ id }) => id.version === version)?.state;

/** Lets the oldest pending load succeed. */
export async function succeed(loader: GatedLoader): Promise<void> {
  loader.pending[0]?.succeed();
  await turn();
}
