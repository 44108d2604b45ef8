import type { ResourceEstimate } from "../loader.js";

/** How much of each resource all loaded versions may take together. */
export interface ResourceLimits {
  /** Main memory in bytes. */
  readonly memoryBytes?: number;
  /** Memory in bytes of each further device, by name: `{ "gpu:0": 16e9 }`. */
  readonly devices?: Readonly<Record<string, number>>;
}

/** What a load needs: the estimate of its loader, and one of the versions that may be loaded at once. */
export interface Needs extends ResourceEstimate {
  readonly versions?: number;
}

/** What one version has been given. */
export interface Reservation {
  /** Replaces the estimate by what it really takes. */
  adjust(actual: Needs): void;
  /** Gives it back; a second time does nothing. */
  release(): void;
}

type Amounts = ReadonlyMap<string, number>;

const MEMORY = "memory";
const VERSIONS = "versions";

/** Keeps account of resources. What has no limit is counted and never refused. */
export class ResourceLedger {
  readonly #limits: Amounts;
  readonly #taken = new Map<string, number>();
  readonly #onFree: () => void;

  /**
   * @param onFree called after something has been given back
   * @throws RangeError for a limit that is not a positive number
   */
  constructor(limits: ResourceLimits & { readonly versions?: number }, onFree: () => void) {
    this.#limits = amountsOf(limits);
    this.#onFree = onFree;
    for (const [name, limit] of this.#limits) {
      if (!(limit > 0)) throw new RangeError(`limits: ${name} must be a positive number of bytes, got ${limit}`);
    }
  }

  fits(needs: Needs): boolean {
    return this.missing(needs) === undefined;
  }

  /** What is not free now, in plain words: "needs 5.0 GB of memory, 3.0 GB of 8.0 GB are free". */
  missing(needs: Needs): string | undefined {
    for (const [name, amount] of amountsOf(needs)) {
      const limit = this.#limits.get(name) ?? Number.POSITIVE_INFINITY;
      const free = limit - (this.#taken.get(name) ?? 0);
      if (amount <= free) continue;
      if (name === VERSIONS) return `waits for one of the ${limit} versions that may be loaded`;
      return `needs ${bytes(amount)} of ${name}, ${bytes(Math.max(free, 0))} of ${bytes(limit)} are free`;
    }
    return undefined;
  }

  /** What can never be had, in plain words. */
  impossible(needs: Needs): string | undefined {
    for (const [name, amount] of amountsOf(needs)) {
      const limit = this.#limits.get(name) ?? Number.POSITIVE_INFINITY;
      if (amount > limit) return `needs ${bytes(amount)} of ${name}, the limit of the manager is ${bytes(limit)}`;
    }
    return undefined;
  }

  /** Reserves what is needed, whether it fits or not. */
  take(needs: Needs): Reservation {
    const held = copyOf(needs);
    this.#add(held, 1);
    return new Held(this, held);
  }

  /** Gives back what was held and takes what is held now. */
  exchange(before: Needs, after: Needs): void {
    this.#add(before, -1);
    this.#add(after, 1);
    this.#onFree();
  }

  /** What all versions take together, by resource. */
  get taken(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#taken);
  }

  #add(needs: Needs, sign: 1 | -1): void {
    for (const [name, amount] of amountsOf(needs)) {
      const total = (this.#taken.get(name) ?? 0) + sign * amount;
      if (total === 0) this.#taken.delete(name);
      else this.#taken.set(name, total);
    }
  }
}

/** A class and not closures: there is one for each loaded version, and thousands may be idle. */
class Held implements Reservation {
  readonly #ledger: ResourceLedger;
  #needs: Needs | undefined;

  constructor(ledger: ResourceLedger, needs: Needs) {
    this.#ledger = ledger;
    this.#needs = needs;
  }

  adjust(actual: Needs): void {
    if (this.#needs !== undefined) this.#replaceBy(copyOf(actual));
  }

  release(): void {
    if (this.#needs !== undefined) this.#replaceBy(undefined);
  }

  #replaceBy(needs: Needs | undefined): void {
    const before = this.#needs ?? {};
    this.#needs = needs;
    this.#ledger.exchange(before, needs ?? {});
  }
}

/** What a loader may change later is not what has been counted. */
function copyOf(needs: Needs): Needs {
  return needs.devices === undefined ? needs : { ...needs, devices: { ...needs.devices } };
}

/** What of `needs` is no number of bytes, in plain words; counted, it would spoil the account for all. */
export function faultIn(needs: ResourceEstimate): string | undefined {
  for (const [name, amount] of amountsOf(needs)) {
    if (!(Number.isFinite(amount) && amount >= 0)) return `needs ${amount} of ${name}, which is no number of bytes`;
  }
  return undefined;
}

function amountsOf({ memoryBytes, devices = {}, versions }: Needs): Amounts {
  const amounts = new Map(Object.entries(devices));
  if (memoryBytes !== undefined) amounts.set(MEMORY, memoryBytes);
  if (versions !== undefined) amounts.set(VERSIONS, versions);
  return amounts;
}

const UNITS = ["bytes", "kB", "MB", "GB", "TB"];

function bytes(amount: number): string {
  if (!Number.isFinite(amount)) return "any amount";
  const step = Math.min(Math.floor(Math.log10(Math.max(amount, 1)) / 3), UNITS.length - 1);
  return `${step === 0 ? amount : (amount / 1_000 ** step).toFixed(1)} ${UNITS[step]}`;
}
