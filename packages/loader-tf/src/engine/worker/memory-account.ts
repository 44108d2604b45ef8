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
  readonly #needs = new Map<number, number>();
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
    if (memoryBytes === this.#seenBytes) return;
    this.#needs.set(model, (this.#needs.get(model) ?? 0) + memoryBytes - this.#seenBytes);
    this.#seenBytes = memoryBytes;
  }

  /** Says what a model needs at least. */
  require(model: number, bytes: number): void {
    this.#needs.set(model, Math.max(this.#needs.get(model) ?? 0, bytes));
  }

  forget(model: number): void {
    this.#needs.delete(model);
  }

  /** Bytes that no model needs. */
  get spareBytes(): number {
    const needed = [...this.#needs.values()].reduce((sum, bytes) => sum + bytes, this.#startBytes);
    return Math.max(0, this.#seenBytes - needed);
  }
}
