import { DTYPES, dtypeAmong } from "../graph/dtypes.js";
import type { KernelFactory, KernelTable } from "../run/kernel.js";
import { onHost } from "../run/kernel.js";
import { cast } from "./host/cast.js";

const NUMBERS = [...DTYPES.numeric, "float16", "bfloat16", "bool"] as const;

const castKernel: KernelFactory = (node) => {
  dtypeAmong(node, "SrcT", NUMBERS);
  const dtype = dtypeAmong(node, "DstT", NUMBERS);
  const convert = onHost((x) => cast(x, dtype));
  return (device, ...inputs) => {
    const [x] = inputs;
    return x?.dtype === dtype ? [x.reshaped(x.shape)] : convert(device, ...inputs);
  };
};

/** Operations that change the dtype. */
export const CAST: KernelTable = { Cast: castKernel };
