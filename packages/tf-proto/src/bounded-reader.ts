import { BinaryReader } from "@bufbuild/protobuf/wire";

/** How many numbers may still be read, by all readers that share it. */
export interface ReadBudget {
  left: number;
}

/**
 * A reader of the wire format that stops after so many numbers: tags, lengths and integers. A message of two bytes
 * becomes an object of hundreds, so that the length of a file alone says little about the memory that it takes.
 */
export class BoundedReader extends BinaryReader {
  readonly #budget: ReadBudget;

  /** @param budget counted down as numbers are read; a reader that finds it at 0 throws a RangeError */
  constructor(bytes: Uint8Array, budget: ReadBudget) {
    super(bytes);
    this.#budget = budget;
    const { uint32 } = this;
    this.uint32 = () => {
      this.#spend();
      return uint32.call(this);
    };
  }

  override int64(): bigint | string {
    this.#spend();
    return super.int64();
  }

  #spend(): void {
    if (this.#budget.left-- <= 0) throw new RangeError("it holds more fields than can be kept");
  }
}
