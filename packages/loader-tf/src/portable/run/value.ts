import { type DType, ServingError, sizeOf, type Tensor, type TensorData } from "@servable/core";
import type { Table } from "../tables/table.js";
import type { Device, DeviceTensor } from "./device.js";
import type { TensorList } from "./tensor-list.js";

/**
 * A tensor of a session: in JavaScript's memory (host), on the device (float32 only), or both. It moves when it is
 * asked for where it is not, and remembers both places, so that nothing is moved twice. Contents never change.
 */
export class Value {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly #device: Device;
  #data: TensorData | undefined;
  #onDevice: DeviceTensor | undefined;
  #table: Table | undefined;
  #list: TensorList | undefined;
  #isExpiring = false;

  private constructor(device: Device, { dtype, shape }: Omit<Tensor, "data">, data?: TensorData) {
    this.#device = device;
    this.dtype = dtype;
    this.shape = shape;
    this.#data = data;
  }

  /** Over a tensor in host memory, which must not change any more. */
  static ofHost(tensor: Tensor, device: Device): Value {
    return new Value(device, tensor, tensor.data);
  }

  /** Over a device tensor, which it owns from now on. */
  static ofDevice(tensor: DeviceTensor, device: Device): Value {
    const value = new Value(device, { dtype: "float32", shape: tensor.shape });
    value.#onDevice = tensor;
    return value;
  }

  /** A handle to a table: goes from operation to operation as tensors do, and has no elements. */
  static ofTable(table: Table, device: Device): Value {
    const value = new Value(device, { dtype: "string", shape: [] });
    value.#table = table;
    return value;
  }

  /**
   * A list of tensors, of which it is one holder from now on.
   * @param shape of the tensor of variants that it stands for: a vector's elements are the list's
   */
  static ofList(list: TensorList, device: Device, shape: readonly number[] = []): Value {
    const { dtype } = list.type;
    const value = new Value(device, { dtype: dtype === "variant" ? "string" : dtype, shape });
    value.#list = list;
    return value;
  }

  get size(): number {
    return sizeOf(this.shape);
  }

  /** Whether it can be used on the device without being moved. */
  get isOnDevice(): boolean {
    return this.#onDevice !== undefined;
  }

  /** Whether nothing of it lies in host memory yet. */
  get isOnDeviceAlone(): boolean {
    return this.#onDevice !== undefined && this.#data === undefined;
  }

  /** The table that it is a handle to. @throws ServingError INVALID_ARGUMENT for anything else */
  table(): Table {
    if (this.#table === undefined) throw new ServingError("INVALID_ARGUMENT", "a table is wanted, got a tensor");
    return this.#table;
  }

  /** The list that it holds. @throws ServingError INVALID_ARGUMENT for anything else */
  list(): TensorList {
    if (this.#list === undefined) throw new ServingError("INVALID_ARGUMENT", "a list of tensors is wanted");
    return this.#list;
  }

  /** Whether it is a list, and the operation that runs is the last to need it. */
  get isExpiring(): boolean {
    return this.#isExpiring && this.#list !== undefined;
  }

  /** Says that the operation that runs next is the last to need it. */
  expire(): void {
    this.#isExpiring = true;
  }

  /** The tensor in host memory; not to be changed. */
  host(): Tensor {
    const other = this.#table === undefined ? (this.#list === undefined ? undefined : "a list") : "a table";
    if (other !== undefined) throw new ServingError("INVALID_ARGUMENT", `a tensor is wanted, got ${other}`);
    this.#data ??= this.#device.download(this.#held());
    return { dtype: this.dtype, shape: this.shape, data: this.#data };
  }

  /** The tensor on the device; it stays the value's own. */
  device(): DeviceTensor {
    if (this.#onDevice !== undefined) return this.#onDevice;
    if (!(this.#data instanceof Float32Array)) {
      throw new ServingError("INTERNAL", `a tensor of ${this.dtype} cannot be on the device`);
    }
    this.#onDevice = this.#device.upload(this.#data, this.shape);
    return this.#onDevice;
  }

  /** Another value over the same elements; the number of elements must be the same. */
  reshaped(shape: readonly number[]): Value {
    const value = new Value(this.#device, { dtype: this.dtype, shape }, this.#data);
    if (this.#onDevice !== undefined) value.#onDevice = this.#device.share(this.#onDevice, shape);
    value.#table = this.#table;
    value.#list = this.#list?.hold();
    return value;
  }

  /** Another value over the same contents, to be released too. */
  share(): Value {
    return this.reshaped(this.shape);
  }

  /** Gives the device's memory back. */
  release(): void {
    this.#list?.release();
    this.#list = undefined;
    if (this.#onDevice !== undefined) this.#device.release(this.#onDevice);
    this.#onDevice = undefined;
  }

  #held(): DeviceTensor {
    if (this.#onDevice === undefined) throw new ServingError("INTERNAL", "a value is used after its release");
    return this.#onDevice;
  }
}
