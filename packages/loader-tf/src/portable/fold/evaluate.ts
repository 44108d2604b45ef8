import { KERNELS } from "../kernels/registry.js";
import type { Device } from "../run/device.js";
import { Value } from "../run/value.js";
import type { Evaluate } from "./fold-constants.js";

/** Runs single nodes at load; what fails there is left to fail when it is called. */
export function evaluator(device: Device): Evaluate {
  return (node, tensors) => {
    const kernel = KERNELS.get(node.op)?.(node);
    if (kernel === undefined) return undefined;
    const inputs = tensors.map((tensor) => Value.ofHost(tensor, device));
    let results: readonly Value[] = [];
    try {
      results = kernel(device, ...inputs);
      return results.map((value) => value.host());
    } catch {
      return undefined;
    } finally {
      for (const value of [...inputs, ...results]) value.release();
    }
  };
}
