import { floatAttribute } from "../graph/attributes.js";
import { DTYPES, dtypeAmong } from "../graph/dtypes.js";
import type { GraphNode } from "../graph/graph.js";
import { type KernelFactory, type KernelTable, onHost } from "../run/kernel.js";
import { mapBinary } from "./host/arithmetic.js";

/** What a gradient becomes on its way back through an operation. */
type Slope = (gradient: number, other: number) => number;

/** @param isFirst whether the gradient is the first input: TensorFlow has both orders */
function slope(make: (node: GraphNode) => Slope, isFirst: boolean): KernelFactory {
  return (node) => {
    dtypeAmong(node, "T", DTYPES.floating);
    const compute = make(node);
    return onHost((a, b) => mapBinary(isFirst ? a : b, isFirst ? b : a, { number: compute }));
  };
}

/** Of functions whose slope TensorFlow tells from their input: (gradient, input). */
const byInput = (compute: Slope): KernelFactory => slope(() => compute, true);
/** Of functions whose slope it tells from their output: (output, gradient). */
const byOutput = (compute: Slope): KernelFactory => slope(() => compute, false);

const SELU_SCALE = 1.0507009873554805;
const SELU_ALPHA = 1.6732632423543772;

/** Operations on the way back, of models that give gradients. */
export const SLOPES: KernelTable = {
  // The first of these take the gradient first, but know the function by its output.
  EluGrad: byInput((gradient, output) => (output < 0 ? gradient * (output + 1) : gradient)),
  InvGrad: byOutput((gradient, output) => -gradient * output * output),
  LeakyReluGrad: slope((node) => {
    const alpha = floatAttribute(node, "alpha", Math.fround(0.2));
    return (gradient, input) => (input > 0 ? gradient : alpha * gradient);
  }, true),
  ReciprocalGrad: byOutput((gradient, output) => -gradient * output * output),
  Relu6Grad: byInput((gradient, input) => (input > 0 && input < 6 ? gradient : 0)),
  ReluGrad: byInput((gradient, input) => (input > 0 ? gradient : 0)),
  RsqrtGrad: byOutput((gradient, output) => -0.5 * gradient * output ** 3),
  SeluGrad: byInput((gradient, output) => gradient * (output < 0 ? output + SELU_SCALE * SELU_ALPHA : SELU_SCALE)),
  SigmoidGrad: byOutput((gradient, output) => gradient * output * (1 - output)),
  SoftplusGrad: byInput((gradient, input) => gradient / (1 + Math.exp(-input))),
  SoftsignGrad: byInput((gradient, input) => gradient / (1 + Math.abs(input)) ** 2),
  SqrtGrad: byOutput((gradient, output) => (0.5 * gradient) / output),
  TanhGrad: byOutput((gradient, output) => gradient * (1 - output * output)),
};
