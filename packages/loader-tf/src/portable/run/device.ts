import type { NamedAttrMap, TensorInfo } from "@tensorflow/tfjs-core";

/** A tensor in the device's memory. */
export type DeviceTensor = TensorInfo;

/** Attributes of a device kernel, with the names that TensorFlow.js gives them. */
export type DeviceAttributes = NamedAttrMap;

/** Operands of a device kernel, by the name that TensorFlow.js gives them; a list for kernels that take any number. */
export type DeviceInputs = Readonly<Record<string, DeviceTensor>> | readonly DeviceTensor[];

/** The memory and the kernels that float32 work runs on. Nothing is freed by itself: every tensor must be released. */
export interface Device {
  upload(data: Float32Array, shape: readonly number[]): DeviceTensor;
  /** A copy of the elements. */
  download(tensor: DeviceTensor): Float32Array;
  /** Runs a kernel; the result is a tensor of its own. */
  run(kernel: string, inputs: DeviceInputs, attributes?: DeviceAttributes): DeviceTensor;
  /** Another tensor over the same memory, to be released too. */
  share(tensor: DeviceTensor, shape: readonly number[]): DeviceTensor;
  release(tensor: DeviceTensor): void;
  /** Tensors that have not been released. */
  readonly tensorCount: number;
  /** Bytes of memory that the device holds; it never shrinks. */
  readonly memoryBytes: number;
}
