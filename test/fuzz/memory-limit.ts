import { Fault } from "./target.js";

/**
 * What one input may allocate in typed arrays, which the limit of the heap leaves out. A constant may claim 256 MiB, and
 * is held by a copy or two on its way.
 */
const MAX_BYTES = 2 ** 30;

const CONSTRUCTORS = [
  "ArrayBuffer",
  "Float32Array",
  "Float64Array",
  "Int8Array",
  "Int16Array",
  "Int32Array",
  "BigInt64Array",
  "Uint8Array",
  "Uint16Array",
  "Uint32Array",
  "BigUint64Array",
];

/** Counts what typed arrays take. */
export class MemoryLimit {
  #allocated = 0;
  #fault: Fault | undefined;

  /** Watches all typed arrays that are made by name in this thread from now on. */
  install(): void {
    const globals = globalThis as unknown as Record<string, new (...parameters: unknown[]) => object>;
    for (const name of CONSTRUCTORS) {
      const original = globals[name];
      if (original === undefined) continue;
      const item = Number(Reflect.get(original, "BYTES_PER_ELEMENT") ?? 1);
      globals[name] = new Proxy(original, {
        construct: (target, parameters: unknown[], newTarget) => {
          const [length] = parameters;
          if (typeof length === "number") this.#count(length * item);
          return Reflect.construct(target, parameters, newTarget) as object;
        },
      });
    }
  }

  /** Begins the account of another input. */
  reset(): void {
    this.#allocated = 0;
    this.#fault = undefined;
  }

  /** @throws Fault if the input went beyond the limit, whoever has caught that since */
  check(): void {
    if (this.#fault !== undefined) throw this.#fault;
  }

  #count(bytes: number): void {
    if (!(bytes >= 0)) return;
    this.#allocated += bytes;
    if (this.#allocated <= MAX_BYTES) return;
    this.#fault = new Fault(`it allocates ${this.#allocated} bytes`);
    throw this.#fault;
  }
}
