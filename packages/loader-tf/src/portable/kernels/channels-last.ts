import { intsAttribute, textAttribute } from "../graph/attributes.js";
import type { Attribute, GraphNode } from "../graph/graph.js";
import { unsupported } from "../graph/graph-error.js";
import type { KernelFactory } from "../run/kernel.js";
import { transposeValue } from "./transpose.js";

/** Attributes with one number, or two, for each dimension of an image. */
const BY_DIMENSION = ["strides", "dilations", "ksize", "explicit_paddings"];

/** An order that puts the channels, which come second, last. */
function toLast(rank: number): readonly number[] {
  return [0, ...Array.from({ length: rank - 2 }, (_, axis) => axis + 2), 1];
}

/** The order that undoes {@link toLast}. */
function toSecond(rank: number): readonly number[] {
  return [0, rank - 1, ...Array.from({ length: rank - 2 }, (_, axis) => axis + 1)];
}

/**
 * Kernels know channels that come last; for those that come second (NCHW, NCDHW) the image is turned before and the
 * result after. The image is the first input.
 */
export function channelsLast(factory: KernelFactory): KernelFactory {
  return (node) => {
    const format = textAttribute(node, "data_format", "NHWC");
    if (format === "NHWC" || format === "NDHWC") return factory(node);
    if (format !== "NCHW" && format !== "NCDHW") throw unsupported(`data_format ${format}`);
    const kernel = factory(turned(node));
    return (device, ...inputs) => {
      const [x, ...others] = inputs;
      if (x === undefined || x.shape.length < 2) return kernel(device, ...inputs);
      const last = transposeValue(x, toLast(x.shape.length), device);
      const [result, ...rest] = kernel(device, last, ...others);
      last.release();
      if (result === undefined) return rest;
      const first = transposeValue(result, toSecond(result.shape.length), device);
      result.release();
      return [first, ...rest];
    };
  };
}

/**
 * For kernels that know nothing but channels that come last.
 * @throws ServingError UNSUPPORTED for others, from the factory
 */
export function onlyChannelsLast(factory: KernelFactory): KernelFactory {
  return (node) => {
    const format = textAttribute(node, "data_format", "NHWC");
    if (format === "NHWC" || format === "NDHWC") return factory(node);
    throw unsupported(`data_format ${format}`);
  };
}

/** The node with its attributes for channels that come last. */
function turned(node: GraphNode): GraphNode {
  const attributes = new Map<string, Attribute>(node.attributes);
  attributes.set("data_format", new TextEncoder().encode("NHWC"));
  for (const name of BY_DIMENSION) {
    const values = intsAttribute(node, name, []);
    const width = name === "explicit_paddings" ? 2 : 1;
    const groups = Array.from({ length: values.length / width }, (_, at) => values.slice(at * width, (at + 1) * width));
    if (groups.length > 2)
      attributes.set(
        name,
        toLast(groups.length)
          .flatMap((at) => groups[at] ?? [])
          .map(BigInt),
      );
  }
  return { ...node, attributes };
}
