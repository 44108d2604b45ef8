import type { DType, Tensor } from "@servable/core";
import type { GraphNode } from "../graph/graph.js";
import { malformed } from "../graph/graph-error.js";
import type { Device, DeviceTensor } from "./device.js";
import { Value } from "./value.js";

/** Runs one operation: values in, values out, which the caller releases. */
export type Kernel = (device: Device, ...inputs: readonly Value[]) => readonly Value[];

/**
 * Makes the kernel of a node, with its attributes read and checked.
 * @throws ServingError UNSUPPORTED for an attribute or a dtype that the kernel cannot do, DATA_LOSS for a broken one
 */
export type KernelFactory = (node: GraphNode) => Kernel;

/** Kernels by op. */
export type KernelTable = Readonly<Record<string, KernelFactory>>;

/** A kernel in plain TypeScript, on host tensors, with one result. */
export function onHost(compute: (...inputs: readonly Tensor[]) => Tensor): Kernel {
  return (device, ...inputs) => {
    checkArity(inputs, compute.length);
    return [Value.ofHost(compute(...inputs.map((input) => input.host())), device)];
  };
}

/** A kernel in plain TypeScript with several results. */
export function onHostMany(compute: (...inputs: readonly Tensor[]) => readonly Tensor[]): Kernel {
  return (device, ...inputs) => {
    checkArity(inputs, compute.length);
    return compute(...inputs.map((input) => input.host())).map((tensor) => Value.ofHost(tensor, device));
  };
}

/** A kernel of the device, with one result. */
export function onDevice(compute: (device: Device, ...inputs: readonly Value[]) => DeviceTensor): Kernel {
  return (device, ...inputs) => {
    checkArity(inputs, compute.length - 1);
    return [Value.ofDevice(compute(device, ...inputs), device)];
  };
}

/** A kernel that chooses by itself where it works, with one result. */
export function onValues(compute: (device: Device, ...inputs: readonly Value[]) => Value): Kernel {
  return (device, ...inputs) => {
    checkArity(inputs, compute.length - 1);
    return [compute(device, ...inputs)];
  };
}

/** Below this many elements moving a tensor to the device takes longer than the work itself. */
const SMALL = 2048;

/** Takes the device for float32 where the work is large or lies there already, else the host. */
export function onEither(dtype: DType, device: Kernel, host: Kernel): Kernel {
  if (dtype !== "float32") return host;
  return (on, ...inputs) =>
    inputs.some((input) => input.isOnDevice || input.size >= SMALL) ? device(on, ...inputs) : host(on, ...inputs);
}

/** Takes the device for float32 with elements, whatever the size: work that is heavy for its size. */
export function onDeviceUnlessEmpty(dtype: DType, device: Kernel, host: Kernel): Kernel {
  if (dtype !== "float32") return host;
  return (on, ...inputs) => (inputs.every((input) => input.size > 0) ? device(on, ...inputs) : host(on, ...inputs));
}

/** A graph that TensorFlow did not make may leave inputs out. */
function checkArity(inputs: readonly Value[], arity: number): void {
  if (inputs.length < arity) throw malformed(`an operation has ${inputs.length} of ${arity} inputs`);
}
