import type { NamedTensors, Tensor, TensorData } from "@servable/core";

/** Tensors that can go to another thread, and the memory that goes with them. */
export interface Parcel<T> {
  readonly tensors: T;
  readonly transfer: readonly ArrayBufferLike[];
}

/**
 * Copies of a caller's tensors. They stay the caller's; and a view of a part of a large buffer would otherwise take
 * the whole buffer along.
 */
export function copied(tensors: NamedTensors): Parcel<NamedTensors> {
  const transfer: ArrayBufferLike[] = [];
  const copy = (data: TensorData): TensorData => {
    if (!ArrayBuffer.isView(data)) return data.map((element) => element.slice());
    const own = data.slice();
    transfer.push(own.buffer);
    return own;
  };
  const entries = Object.entries(tensors).map(([name, tensor]) => [name, { ...tensor, data: copy(tensor.data) }]);
  return { tensors: Object.fromEntries(entries), transfer };
}

/** Tensors that nobody else holds, with their memory. */
export function given(tensors: Record<string, Tensor>): Parcel<Record<string, Tensor>> {
  const buffers = Object.values(tensors).flatMap(({ data }) => (ArrayBuffer.isView(data) ? [data] : []));
  const whole = buffers.filter((data) => data.byteLength === data.buffer.byteLength);
  return { tensors, transfer: whole.map(({ buffer }) => buffer) };
}
