import type { FunctionDef, NodeDef, OpDef_ArgDef } from "@servable/tf-proto";
import { describe, expect, it } from "vitest";
import { RESULT } from "../graph/graph.js";
import { indexGraph } from "../parse/library.js";
import { inlineFunctions } from "./inline.js";
import { parseReference } from "./reference.js";

const plain = (op: string, name: string, input: readonly string[]): NodeDef => ({
  op,
  name,
  input: [...input],
  attr: new Map(),
});

const call = (name: string, callee: string, input: readonly string[]): NodeDef => ({
  ...plain("StatefulPartitionedCall", name, input),
  attr: new Map([["f", { value: { $case: "func", value: { name: callee, attr: new Map() } } }]]),
});

interface Body {
  readonly arguments: readonly string[];
  readonly nodes: readonly NodeDef[];
  readonly results: Readonly<Record<string, string>>;
  readonly controls?: readonly string[];
}

function functionDef(name: string, body: Body): FunctionDef {
  const args = (names: readonly string[]): OpDef_ArgDef[] =>
    names.map((each) => ({ name: each, type: 1, typeAttr: "", numberAttr: "", typeListAttr: "", isRef: false }));
  return {
    signature: { name, inputArg: args(body.arguments), outputArg: args(Object.keys(body.results)), controlOutput: [] },
    nodeDef: [...body.nodes],
    ret: new Map(Object.entries(body.results)),
    attr: new Map(),
    controlRet: new Map((body.controls ?? []).map((each) => [each, each])),
  };
}

function inlined(nodes: readonly NodeDef[], functions: readonly FunctionDef[], result = "out:0"): string[] {
  const library = indexGraph({ node: [...nodes], library: { function: [...functions] } });
  const graph = inlineFunctions(library, { results: new Map([["result", result]]) });
  return [...graph.values()].map(({ op, name, inputs, controls }) => {
    const given = [...inputs.map((edge) => `${edge.node}:${edge.output}`), ...controls.map((each) => `^${each}`)];
    return `${op === RESULT ? "result" : `${op} ${name}`} <- ${given.join(" ")}`;
  });
}

const negate = functionDef("negate", {
  arguments: ["x"],
  nodes: [plain("Neg", "neg", ["x"])],
  results: { y: "neg:y:0" },
});

describe("inlining", () => {
  it("replaces a call by the function's nodes, under the call's name", () => {
    const lines = inlined([plain("Placeholder", "in", []), call("out", "negate", ["in"])], [negate]);
    expect(lines.sort()).toEqual([
      "Neg out/neg <- in:0",
      "NoOp out <- ",
      "Placeholder in <- ",
      "result <- out/neg:0 ^out",
    ]);
  });

  it("goes into calls within calls, and gives arguments through", () => {
    const outer = functionDef("outer", {
      arguments: ["x"],
      nodes: [call("inner", "negate", ["x"]), call("again", "negate", ["inner:output:0"])],
      results: { y: "again:output:0", same: "x" },
    });
    const lines = inlined([plain("Placeholder", "in", []), call("out", "outer", ["in"])], [negate, outer]);
    expect(lines).toContain("Neg out/inner/neg <- in:0");
    expect(lines).toContain("Neg out/again/neg <- out/inner/neg:0 ^out/inner");
    const same = inlined([plain("Placeholder", "in", []), call("out", "outer", ["in"])], [negate, outer], "out:1");
    expect(same).toContain("result <- in:0 ^out");
  });

  it("keeps what a function runs for its effect", () => {
    const checked = functionDef("checked", {
      arguments: ["x"],
      nodes: [plain("Assert", "check", ["x"]), plain("Identity", "same", ["x", "^check"])],
      results: { y: "same:output:0" },
      controls: ["check"],
    });
    const lines = inlined([plain("Placeholder", "in", []), call("out", "checked", ["in"])], [checked]);
    expect(lines).toContain("Assert out/check <- in:0");
    expect(lines).toContain("NoOp out <- ^out/check");
    expect(lines).toContain("Identity out/same <- in:0 ^out/check");
  });

  it("calls functions by ops of their name, as TensorFlow 1 does", () => {
    const lines = inlined([plain("Placeholder", "in", []), plain("negate", "out", ["in"])], [negate]);
    expect(lines).toContain("Neg out/neg <- in:0");
  });

  it("finds an output of such an op by the function's name for it", () => {
    const both = functionDef("both", {
      arguments: ["x"],
      nodes: [plain("Neg", "neg", ["x"]), plain("Abs", "abs", ["x"])],
      results: { first: "neg:y:0", second: "abs:y:0" },
    });
    const outer = functionDef("outer", {
      arguments: ["x"],
      nodes: [plain("both", "each", ["x"])],
      results: { y: "each:second:0" },
    });
    const lines = inlined([plain("Placeholder", "in", []), call("out", "outer", ["in"])], [both, outer]);
    expect(lines).toContain("result <- out/each/abs:0 ^out ^out/each");
  });

  it.each<[string, readonly NodeDef[], readonly FunctionDef[], string]>([
    [
      "a function that calls itself",
      [plain("Placeholder", "in", []), call("out", "loop", ["in"])],
      [
        functionDef("loop", {
          arguments: ["x"],
          nodes: [call("again", "loop", ["x"])],
          results: { y: "again:output:0" },
        }),
      ],
      "deep",
    ],
    [
      "a function that does not exist",
      [plain("Const", "in", []), call("out", "nothing", ["in"])],
      [],
      "does not exist",
    ],
    ["a node that does not exist", [plain("Neg", "out", ["nowhere"])], [], "no node nowhere"],
    ["a missing argument", [call("out", "negate", [])], [negate], "without argument x"],
    [
      "a result from nowhere",
      [call("out", "odd", [])],
      [functionDef("odd", { arguments: [], nodes: [], results: { y: "gone:0" } })],
      "no node out/gone",
    ],
    ["two nodes of one name", [plain("Neg", "out", []), plain("Abs", "out", [])], [], "two nodes out"],
    ["a reference that is none", [plain("Neg", "out", ["a:b:c:d"])], [], "names no tensor"],
    ["a control edge as a value", [plain("Neg", "out", [])], [], "is no tensor"],
  ])("refuses %s", (title, nodes, functions, message) => {
    expect(() => inlined(nodes, functions, title === "a control edge as a value" ? "^out" : "out:0")).toThrow(message);
  });

  it("refuses functions that unfold to more than fits in memory", () => {
    const doubling = Array.from({ length: 40 }, (_, level) =>
      functionDef(`f${level}`, {
        arguments: ["x"],
        nodes: ["a", "b"].map((name) =>
          level === 39 ? plain("Neg", name, ["x"]) : call(name, `f${level + 1}`, ["x"]),
        ),
        results: { y: "a:output:0", z: "b:output:0" },
      }),
    );
    const nodes = [plain("Placeholder", "in", []), call("out", "f0", ["in"])];
    expect(() => inlined(nodes, doubling)).toThrow("unfold to more than");
  });
});

it.each([
  ["x", { control: false, node: "x", index: 0 }],
  ["x:2", { control: false, node: "x", index: 2 }],
  ["x:out:1", { control: false, node: "x", output: "out", index: 1 }],
  ["^x", { control: true, node: "x" }],
])("reads the reference %s", (text, wanted) => {
  expect(parseReference(text)).toEqual(wanted);
});
