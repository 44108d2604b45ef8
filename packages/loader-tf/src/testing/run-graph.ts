import type { NamedTensors, Tensor } from "@servable/core";
import { allNodes } from "../portable/graph/bodies.js";
import { type Graph, RESULT } from "../portable/graph/graph.js";
import { KERNELS } from "../portable/kernels/registry.js";
import { kernelsOf } from "../portable/plan/check-operations.js";
import type { Program } from "../portable/program.js";
import type { Device } from "../portable/run/device.js";
import { Session } from "../portable/run/session.js";

/** A program of one signature, `s`: placeholders are its inputs, results its outputs, by name. */
export function programOf(graph: Graph): Program {
  const nodes = [...graph.values()];
  const feeds = nodes.filter(({ op }) => op === "_Arg").map(({ name }): [string, string] => [name, name]);
  const results = nodes.filter(({ op }) => op === RESULT).map(({ name }): [string, string] => [name, name]);
  const constants = [...allNodes(graph)].flatMap(({ name, value }) => (value === undefined ? [] : [{ name, value }]));
  const effects = nodes.filter(({ op }) => op === "Assert").map(({ name }) => name);
  const signature = { inputs: {}, outputs: {}, methodName: "" };
  const bound = {
    signature,
    feeds: new Map(feeds),
    results: new Map(results),
    effects: new Map(results.map(([name]) => [name, effects])),
  };
  return {
    signatures: new Map([["s", bound]]),
    graph,
    kernels: kernelsOf(graph, KERNELS),
    constants: constants.map(({ value }) => value),
    constantNumbers: new Map(constants.map(({ name }, number) => [name, number])),
    constantBytes: 0,
    stages: [],
  };
}

/** Runs a graph once. */
export function runGraph(graph: Graph, inputs: NamedTensors, device: Device): Record<string, Tensor> {
  const program = programOf(graph);
  const session = new Session(program, device);
  try {
    return session.run({ signature: "s", inputs, outputs: [...(program.signatures.get("s")?.results.keys() ?? [])] });
  } finally {
    session.close();
  }
}
