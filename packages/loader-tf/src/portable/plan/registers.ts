import { malformed } from "../graph/graph-error.js";

/** Gives values registers, and takes them back to give them again. */
export class Registers {
  readonly #byValue = new Map<string, number>();
  readonly #free: number[] = [];
  #size = 0;

  /** How many registers are needed at once. */
  get size(): number {
    return this.#size;
  }

  /** Registers that values have at present. */
  get inUse(): readonly number[] {
    return [...this.#byValue.values()];
  }

  take(value: string): number {
    const register = this.#free.pop() ?? this.#size++;
    this.#byValue.set(value, register);
    return register;
  }

  /** @throws ServingError DATA_LOSS if nothing has given the value */
  of(value: string): number {
    const register = this.#byValue.get(value);
    if (register === undefined) throw malformed(`nothing gives ${value}`);
    return register;
  }

  give(value: string): number {
    const register = this.of(value);
    this.#byValue.delete(value);
    this.#free.push(register);
    return register;
  }
}
