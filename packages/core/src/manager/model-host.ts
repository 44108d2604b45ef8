import type { Clock } from "../clock.js";
import type { ServingError } from "../errors.js";
import type { Dependency, Parts } from "../loader.js";
import type { AspiredVersionPolicy } from "../policy/aspired-version-policy.js";
import type { ServableId } from "../servable.js";
import type { Admission } from "./admission.js";
import type { Composition } from "./composition.js";
import type { ManagerEvent } from "./events.js";
import type { LeaseOptions } from "./lease.js";
import type { Model } from "./model.js";
import type { RetryOptions } from "./retry.js";
import type { Slots } from "./slots.js";

/** What a model needs of its manager. */
export interface ModelHost {
  readonly clock: Clock;
  readonly admission: Admission;
  readonly unloadSlots: Slots;
  /** After how long a held handle of a draining version is told of, in milliseconds. */
  readonly drainWarningMs: number;
  readonly leases: LeaseOptions;
  /** What a loader of a version with these dependencies may borrow. */
  readonly partsFor: (id: ServableId, dependencies: readonly Dependency[]) => Parts;
  /** Whether versions are loaded when they are first borrowed, and not before. */
  readonly loadsOnDemand: boolean;
  readonly composition: Composition;
  readonly retry: Required<RetryOptions>;
  readonly chance: () => number;
  readonly policy: () => AspiredVersionPolicy;
  emit(event: ManagerEvent): void;
  /** Puts work into the manager's mailbox. */
  post(work: () => void): void;
  /** Called after everything that may have changed what can be borrowed, or still may be. */
  changed(model: Model<unknown>): void;
  report(error: ServingError): void;
}
