import type { Tensor } from "@servable/core";
import { type AttrValue, MetaGraphDef, type NodeDef, TrackableObjectGraph } from "@servable/tf-proto";
import { expect, it } from "vitest";
import { indexGraph } from "../parse/library.js";
import { boundVariables } from "./object-graph.js";

const NOTHING = new Uint8Array(0);

function nodeDef(op: string, name: string, rest: Partial<NodeDef> = {}): NodeDef {
  return { name, op, input: [], attr: new Map(), ...rest };
}

function attributes(name: string, value: AttrValue["value"]): NodeDef["attr"] {
  return new Map([[name, { value }]]);
}

function handle(name: string, sharedName: string): NodeDef {
  const value = new TextEncoder().encode(sharedName);
  return nodeDef("VarHandleOp", name, { attr: attributes("shared_name", { $case: "s", value }) });
}

const library = indexGraph({
  node: [
    handle("kernel_1", "layer/kernel"),
    handle("bias", "layer/bias"),
    nodeDef("Placeholder", "x"),
    nodeDef("StatefulPartitionedCall", "call", {
      input: ["x", "kernel_1", "bias", "^x"],
      attr: attributes("f", { $case: "func", value: { name: "serve", attr: new Map() } }),
    }),
  ],
  library: undefined,
});

function boundTo(...boundInputs: number[]): MetaGraphDef {
  const objectGraphDef = { concreteFunctions: new Map([["serve", { boundInputs }]]) };
  return { ...MetaGraphDef.decode(NOTHING), objectGraphDef };
}

const objects = (bytes: Uint8Array): Tensor => ({ dtype: "string", shape: [], data: [bytes] });
const state = (checkpointKey: string, name = "VARIABLE_VALUE"): TrackableObjectGraph["nodes"][number] => ({
  attributes: [{ name, checkpointKey }],
});
const written = TrackableObjectGraph.encode({
  nodes: [{ attributes: [] }, state("b/value"), state("t/table", "table"), state("k/value")],
}).finish();

it("finds the variables that a function is bound to, in the order of its last inputs", () => {
  expect(boundVariables(boundTo(3, 1), library, objects(written))).toEqual(
    new Map([
      ["/layer/kernel", { key: "k/value", slice: "" }],
      ["/layer/bias", { key: "b/value", slice: "" }],
    ]),
  );
});

it("finds none where there is nothing of the kind", () => {
  expect(boundVariables(MetaGraphDef.decode(NOTHING), library, objects(written)).size).toBe(0);
  expect(boundVariables(boundTo(2, 99, 0, -1, 7, 8), library, objects(written)).size).toBe(0);
  expect(boundVariables(boundTo(3, 1), library, objects(NOTHING)).size).toBe(0);
});

it.each([
  ["cut short", written.slice(0, -1)],
  ["no message", Uint8Array.of(255, 255, 255)],
])("refuses objects that are %s", (_title, bytes) => {
  expect(() => boundVariables(boundTo(3, 1), library, objects(bytes))).toThrow("not a graph of objects");
});
