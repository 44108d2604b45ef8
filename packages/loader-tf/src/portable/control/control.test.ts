import { readFile } from "node:fs/promises";
import { type NamedTensors, ServingError, type Tensor } from "@servable/core";
import { beforeAll, describe, expect, it } from "vitest";
import { fixtures } from "../../testing/golden.js";
import { constant, graphOf, node } from "../../testing/graphs.js";
import { programOf, runGraph } from "../../testing/run-graph.js";
import { compile } from "../compile.js";
import { dropControls, prune } from "../graph/effects.js";
import type { Graph, GraphNode } from "../graph/graph.js";
import type { Device } from "../run/device.js";
import { Session } from "../run/session.js";
import { wasmDevice } from "../run/wasm-device.js";
import { guardBranches } from "./guards.js";
import { structureLoops } from "./loops.js";

let device: Device;
beforeAll(async () => {
  device = await wasmDevice();
});

const floats = (...values: readonly number[]): Tensor => ({
  dtype: "float32",
  shape: [values.length],
  data: Float32Array.from(values),
});
const integer = (value: number): Tensor => ({ dtype: "int32", shape: [], data: Int32Array.of(value) });

async function sessionOf(model: string): Promise<Session> {
  const read = async (name: string, range?: { start: number; end: number }): Promise<Uint8Array> =>
    new Uint8Array(await readFile(`${fixtures}/${model}/${name}`)).slice(range?.start, range?.end);
  return new Session(await compile({ read, tags: ["serve"], optimize: {}, device, report: () => {} }), device);
}

describe("a check of the model's own", () => {
  it.each<[string, string, string, NamedTensors, string]>([
    ["on the way", "control/1", "checked", { x: floats(1, -4) }, "no negative numbers"],
    ["in a loop", "control/1", "checked_loop", { x: floats(1, 2), n: integer(40) }, "check failed"],
    ["of TensorFlow 1", "tf1_control/1", "checked", { x: { ...floats(1, 2, 3, 4, 500), shape: [1, 5] } }, "too large"],
    [
      "in a branch of TensorFlow 1",
      "tf1_control/1",
      "guarded",
      { x: { ...floats(1, 2, 3, 4, 60), shape: [1, 5] }, n: integer(3) },
      "check failed",
    ],
  ])("ends the call %s, and nothing is left of it", async (_title, model, signature, inputs, message) => {
    const session = await sessionOf(model);
    const outputs = signature === "checked" && model === "control/1" ? ["root"] : ["y"];
    /** The first call takes the constants to the device. */
    let before = 0;
    for (let round = 0; round < 2; round++) {
      before = device.tensorCount;
      let error: unknown;
      try {
        session.run({ signature, inputs, outputs });
      } catch (caught) {
        error = caught;
      }
      expect(error).toMatchObject({ code: "INVALID_ARGUMENT" });
      expect((error as ServingError).message).toContain(message);
    }
    expect(device.tensorCount).toBe(before);
    session.close();
  });
});

/** Node `name` with control edges. */
function after(each: GraphNode, ...controls: readonly string[]): GraphNode {
  return { ...each, controls };
}

function conditional(condition: number): Graph {
  const flag = constant("flag", [], [condition]);
  const nodes = [
    node("_Arg", "x"),
    flag,
    node("Switch", "pivot", { inputs: ["flag", "flag"] }),
    node("Identity", "else", { inputs: ["pivot:0"] }),
    node("Identity", "then", { inputs: ["pivot:1"] }),
    after(constant("one", [], [1]), "then"),
    after(constant("two", [], [2]), "else"),
    node("Merge", "y", { inputs: ["two", "one"] }),
    node("Switch", "taken", { inputs: ["x", "flag"] }),
  ];
  return graphOf(nodes, ["y", "y:1", "taken:1"]);
}

describe("branches of TensorFlow 1", () => {
  it("take the constant that only a control edge puts into the branch", () => {
    const graph = prune(dropControls(guardBranches(conditional(1))));
    const { "result:y": y, "result:y:1": which } = runGraph(graph, { x: floats(3) }, device);
    expect([y?.data[0], which?.data[0]]).toEqual([1, 1]);
  });

  it("give an error for a result in the branch that is not taken", () => {
    const graph = prune(dropControls(guardBranches(conditional(0))));
    expect(() => runGraph(graph, { x: floats(3) }, device)).toThrow("of a branch that these inputs do not take");
  });

  it("wait for branches by way of operations without a value", () => {
    const nodes = [
      constant("flag", [], [0]),
      node("Switch", "pivot", { inputs: ["flag", "flag"] }),
      node("Identity", "then", { inputs: ["pivot:1"] }),
      after(node("NoOp", "group"), "then"),
      constant("x", [], [4]),
      after(node("Neg", "negative", { inputs: ["x"] }), "group"),
      node("Merge", "y", { inputs: ["negative", "pivot:0"] }),
    ];
    const graph = prune(dropControls(guardBranches(graphOf(nodes, ["y"]))));
    expect(runGraph(graph, {}, device)["result:y"]?.data[0]).toBe(0);
  });
});

describe("loops of TensorFlow 1", () => {
  const loop = [
    constant("zero", [], [0]),
    constant("outside", [], [10]),
    node("Enter", "enter", { inputs: ["zero"] }),
    node("Enter", "limit", { inputs: ["outside"] }),
    node("Merge", "merge", { inputs: ["enter", "next"] }),
    node("Less", "less", { inputs: ["merge", "limit"] }),
    node("LoopCond", "cond", { inputs: ["less"] }),
    node("Switch", "switch", { inputs: ["merge", "cond"] }),
    after(constant("step", [], [3]), "switch"),
    node("AddV2", "add", { inputs: ["switch:1", "step"] }),
    node("NextIteration", "next", { inputs: ["add"] }),
    node("Exit", "exit", { inputs: ["switch:0"] }),
  ];

  it("become one node with two bodies", () => {
    const graph = prune(dropControls(structureLoops(graphOf(loop, ["exit"]))));
    expect([...graph.values()].map(({ op }) => op).sort()).toEqual(["Const", "Const", "Identity", "While", "_Retval"]);
    expect(runGraph(graph, {}, device)["result:exit"]?.data[0]).toBe(12);
  });

  it.each([
    [
      "a variable that never goes back",
      loop.map((each) => (each.op === "NextIteration" ? node("Identity", "next", { inputs: ["add"] }) : each)),
    ],
    [
      "a body that takes what only the end gives",
      loop.map((each) => (each.name === "add" ? node("AddV2", "add", { inputs: ["switch:0", "step"] }) : each)),
    ],
  ])("are refused with %s", (_title, nodes) => {
    expect(() => structureLoops(graphOf(nodes, ["exit"]))).toThrow("tf.while_loop did not build");
  });

  it("that never end are stopped from outside", () => {
    const nodes = [...loop, node("Enter", "floor", { inputs: ["zero"] })].map((each) =>
      each.name === "less" ? node("GreaterEqual", "less", { inputs: ["merge", "floor"] }) : each,
    );
    const graph = prune(dropControls(structureLoops(graphOf(nodes, ["exit"]))));
    const session = new Session(programOf(graph), device);
    let steps = 0;
    const checkpoint = (): void => {
      if (++steps > 10_000) throw new ServingError("DEADLINE_EXCEEDED", "enough");
    };
    const call = { signature: "s", inputs: {}, outputs: ["result:exit"] };
    expect(() => session.run(call, checkpoint)).toThrow(expect.objectContaining({ code: "DEADLINE_EXCEEDED" }));
    session.close();
  });

  it("are refused where one goes through itself", () => {
    const nodes = loop.map((each) => (each.name === "add" ? node("AddV2", "add", { inputs: ["exit", "step"] }) : each));
    expect(() => structureLoops(graphOf(nodes, ["exit"]))).toThrow("goes through itself");
  });
});
