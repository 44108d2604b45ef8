import { type DType, ServingError } from "@servable/core";
import { formatShape } from "../kernels/host/shapes.js";
import type { Value } from "./value.js";

/** What a list is made of. */
export interface ListType {
  /** Of its elements; "variant" for a list of lists, or of whatever there is. */
  readonly dtype: DType | "variant";
  /** The shape that all elements have, -1 for sizes that are not known; undefined if not even their number is. */
  readonly elementShape: readonly number[] | undefined;
  /** Whether it takes elements beyond its end, as TensorFlow 1 lets an array do. @defaultValue false */
  readonly grows?: boolean;
}

/** How a list is changed. */
export interface ChangeOptions {
  /** Whether the holder that asks will not need this list any more. */
  readonly isLastUse: boolean;
  /** Whether places beyond the end are made. @defaultValue false */
  readonly grows?: boolean;
}

/** More elements than this are an attack or a mistake. */
const MAX_LENGTH = 2 ** 24;

/**
 * A list of tensors: what TensorFlow 2 calls a TensorList and TensorFlow 1 a TensorArray. Several values may hold one
 * list. A change makes another list, but for a list that nobody else holds or needs any more: that one is changed in
 * place, so that a loop that fills a list does not copy it each time.
 */
export class TensorList {
  readonly type: ListType;
  readonly #elements: (Value | undefined)[];
  #holders = 1;

  /**
   * @param elements the list's own from now on; undefined for those that have not been set
   * @throws ServingError RESOURCE_EXHAUSTED for too many, INVALID_ARGUMENT for one of another dtype or shape
   */
  constructor(type: ListType, elements: readonly (Value | undefined)[]) {
    checkedLength(elements.length);
    this.type = type;
    this.#elements = [...elements];
    for (const element of elements) if (element !== undefined) this.#checkElement(element);
  }

  /** A list of so many elements that have not been set. @throws ServingError RESOURCE_EXHAUSTED for too many */
  static ofLength(type: ListType, length: number): TensorList {
    return new TensorList(
      type,
      Array.from({ length: checkedLength(length) }, () => undefined),
    );
  }

  get length(): number {
    return this.#elements.length;
  }

  /** The elements; they stay the list's. */
  get elements(): readonly (Value | undefined)[] {
    return this.#elements;
  }

  /** One more holder. */
  hold(): this {
    this.#holders++;
    return this;
  }

  /** One holder less; the last gives the elements back. */
  release(): void {
    if (--this.#holders === 0) for (const element of this.#elements) element?.release();
  }

  /**
   * The element at a place; it stays the list's.
   * @throws ServingError INVALID_ARGUMENT if there is no such place
   */
  at(index: number): Value | undefined {
    this.#check(index);
    return this.#elements[index];
  }

  /**
   * A list with another element at a place.
   * @param element stays the caller's
   * @throws ServingError INVALID_ARGUMENT if there is no such place, or the element is of another dtype or shape;
   * RESOURCE_EXHAUSTED for a place too far out
   */
  replaced(index: number, element: Value, { isLastUse, grows = false }: ChangeOptions): TensorList {
    if (!grows || index < 0) this.#check(index);
    checkedLength(index + 1);
    this.#checkElement(element);
    const list = this.#changeable(isLastUse);
    while (list.#elements.length <= index) list.#elements.push(undefined);
    list.#elements[index]?.release();
    list.#elements[index] = element.share();
    return list;
  }

  /** A list of another length: what is beyond it is gone, what is new has not been set. */
  resized(length: number, { isLastUse }: ChangeOptions): TensorList {
    checkedLength(length);
    const list = this.#changeable(isLastUse);
    for (const element of list.#elements.splice(length)) element?.release();
    while (list.#elements.length < length) list.#elements.push(undefined);
    return list;
  }

  #checkElement({ dtype, shape }: Value): void {
    const wanted = this.type;
    if (wanted.dtype === "variant") return;
    if (dtype !== wanted.dtype || !fits(shape, wanted.elementShape)) {
      throw new ServingError(
        "INVALID_ARGUMENT",
        `a list of ${wanted.dtype} ${formatShape(wanted.elementShape ?? [])} cannot hold ${dtype} ${formatShape(shape)}`,
      );
    }
  }

  #changeable(isLastUse: boolean): TensorList {
    if (isLastUse && this.#holders === 1) return this.hold();
    return new TensorList(
      this.type,
      this.#elements.map((element) => element?.share()),
    );
  }

  #check(index: number): void {
    if (Number.isInteger(index) && index >= 0 && index < this.length) return;
    throw new ServingError("INVALID_ARGUMENT", `a list of ${this.length} tensors has none at ${index}`);
  }
}

function checkedLength(length: number): number {
  if (!(length >= 0)) throw new ServingError("INVALID_ARGUMENT", `a list cannot have ${length} elements`);
  if (length <= MAX_LENGTH) return length;
  throw new ServingError("RESOURCE_EXHAUSTED", `a list of ${length} tensors is too large; at most ${MAX_LENGTH}`);
}

/** Whether a shape is one of those that a partly known shape stands for. */
function fits(shape: readonly number[], wanted: readonly number[] | undefined): boolean {
  if (wanted === undefined) return true;
  return shape.length === wanted.length && shape.every((size, axis) => wanted[axis] === -1 || wanted[axis] === size);
}
