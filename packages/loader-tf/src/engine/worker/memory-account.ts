/** The part of a device that tells how much memory it holds. */
export interface MemoryHolder {
  /** It never shrinks. */
  readonly memoryBytes: number;
}

/**
 * Which models the memory of a device is needed for. A model needs what the memory has grown by while it was worked
 * on, and its weights in any case: they may lie where an unloaded model was before.
 */
export class MemoryAccount {
  readonly #holder: MemoryHolder;
  readonly #models = new Map<number, Needs>();
  readonly #startBytes: number;
  #seenBytes: number;

  constructor(holder: MemoryHolder) {
    this.#holder = holder;
    this.#startBytes = holder.memoryBytes;
    this.#seenBytes = this.#startBytes;
  }

  /** Takes account of work that has been done for a model. */
  charge(model: number): void {
    const { memoryBytes } = this.#holder;
    if (memoryBytes !== this.#seenBytes) this.#needsOf(model).grownBytes += memoryBytes - this.#seenBytes;
    this.#seenBytes = memoryBytes;
  }

  /** Says what the weights of a model take. */
  require(model: number, weightBytes: number): void {
    this.#needsOf(model).weightBytes = weightBytes;
  }

  forget(model: number): void {
    this.#models.delete(model);
  }

  /** Bytes that no model needs. */
  get spareBytes(): number {
    let needed = this.#startBytes;
    for (const { grownBytes, weightBytes } of this.#models.values()) needed += Math.max(grownBytes, weightBytes);
    return Math.max(0, this.#seenBytes - needed);
  }

  #needsOf(model: number): Needs {
    const known = this.#models.get(model);
    if (known !== undefined) return known;
    const needs = { grownBytes: 0, weightBytes: 0 };
    this.#models.set(model, needs);
    return needs;
  }
}

interface Needs {
  grownBytes: number;
  weightBytes: number;
}
