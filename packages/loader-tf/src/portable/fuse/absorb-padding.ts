import { intsAttribute, textAttribute } from "../graph/attributes.js";
import type { Attribute, Graph, GraphNode } from "../graph/graph.js";

const SLIDING: ReadonlySet<string> = new Set(["Conv2D", "DepthwiseConv2dNative"]);

/** Lets a convolution pad its image itself where a Pad with constant amounts of zeros does it before. */
export function absorbPadding(graph: Graph): Graph {
  return new Map([...graph].map(([name, node]) => [name, padding(node, graph) ?? node]));
}

/** The convolution with what it takes padded before; undefined for what is none. */
function padding(node: GraphNode, graph: Graph): GraphNode | undefined {
  const [image, ...rest] = node.inputs;
  if (image === undefined || !SLIDING.has(node.op) || textAttribute(node, "data_format", "NHWC") !== "NHWC")
    return undefined;
  const own = ownPaddings(node);
  const pad = graph.get(image.node);
  const [source] = pad?.inputs ?? [];
  const amounts = pad === undefined ? undefined : zerosAround(pad, graph);
  if (own === undefined || source === undefined || amounts === undefined) return undefined;
  const explicit = amounts.map((amount, at) => BigInt(amount + (own[at] ?? 0)));
  const attributes = new Map<string, Attribute>(node.attributes)
    .set("padding", new TextEncoder().encode("EXPLICIT"))
    .set("explicit_paddings", explicit);
  return { ...node, inputs: [source, ...rest], attributes };
}

/** Before and after each dimension; undefined where it depends on the image's size. */
function ownPaddings(node: GraphNode): readonly number[] | undefined {
  const kind = textAttribute(node, "padding", "");
  if (kind === "VALID") return [0, 0, 0, 0, 0, 0, 0, 0];
  return kind === "EXPLICIT" ? intsAttribute(node, "explicit_paddings") : undefined;
}

/** How many zeros a node puts before and after each dimension of an image; undefined if it does anything else. */
function zerosAround(node: GraphNode, graph: Graph): readonly number[] | undefined {
  const [, paddings, fill] = node.inputs.map((edge) => graph.get(edge.node)?.value);
  const isZero = node.op === "Pad" || (node.op === "PadV2" && fill !== undefined && Number(fill.data[0]) === 0);
  if (!isZero || paddings === undefined) return undefined;
  const amounts = Array.from(paddings.data, Number);
  const isPlain = amounts.length === 8 && amounts.every((amount) => Number.isSafeInteger(amount) && amount >= 0);
  // Not along batch or channels.
  return isPlain && [0, 1, 6, 7].every((at) => amounts[at] === 0) ? amounts : undefined;
}
