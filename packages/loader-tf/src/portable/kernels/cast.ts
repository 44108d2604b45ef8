import type { DType, Tensor } from "@servable/core";
import { DTYPES, dtypeAmong } from "../graph/dtypes.js";
import type { KernelFactory, KernelTable } from "../run/kernel.js";
import { onHost } from "../run/kernel.js";
import { isComplex, joined, partOf, partType } from "./complex/parts.js";
import { cast } from "./host/cast.js";

const NUMBERS = [...DTYPES.numeric, "float16", "bfloat16", "bool", "complex64", "complex128"] as const;

/** A complex number of one that is none, and the other way, by its real part. */
function converted(x: Tensor, dtype: DType): Tensor {
  if (!isComplex(dtype)) return cast(partOf(x, 0), dtype);
  return joined(cast(partOf(x, 0), partType(dtype)), cast(partOf(x, 1), partType(dtype)));
}

const castKernel: KernelFactory = (node) => {
  dtypeAmong(node, "SrcT", NUMBERS);
  const dtype = dtypeAmong(node, "DstT", NUMBERS);
  const convert = onHost((x) => converted(x, dtype));
  return (device, ...inputs) => {
    const [x] = inputs;
    return x?.dtype === dtype ? [x.reshaped(x.shape)] : convert(device, ...inputs);
  };
};

/** Operations that change the dtype. */
export const CAST: KernelTable = { Cast: castKernel };
