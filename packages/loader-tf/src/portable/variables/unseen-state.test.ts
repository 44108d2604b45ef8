import { describe, expect, it } from "vitest";
import { constant, graphOf, node } from "../../testing/graphs.js";
import type { Graph } from "../graph/graph.js";
import { dropUnseenState } from "./unseen-state.js";

const opOf = (graph: Graph, name: string): string | undefined => graph.get(name)?.op;

/** A counter that a call raises, and a second variable that takes its value. */
const counter = [
  node("VarHandleOp", "count"),
  constant("one", [], [1]),
  constant("x", [], [3]),
  node("ReadVariableOp", "before", { inputs: ["count"] }),
  node("AddV2", "after", { inputs: ["before", "one"] }),
  node("AssignVariableOp", "raise", { inputs: ["count", "after"] }),
];

describe("changes of variables", () => {
  it("that no result can tell of are dropped, and what they waited for is not", () => {
    const check = node("Assert", "check", { inputs: ["x"] });
    const [raise, ...others] = [...counter].reverse();
    const waiting = { ...node("AssignVariableOp", "raise", { inputs: ["count", "after"] }), controls: ["check"] };
    expect(raise?.name).toBe("raise");
    const graph = dropUnseenState(graphOf([...others, check, waiting], ["x"]));
    expect(graph.get("raise")).toMatchObject({ op: "NoOp", inputs: [], controls: ["check", "count", "after"] });
  });

  it.each(["before", "after"])("stay where a result tells of them: %s", (result) => {
    expect(opOf(dropUnseenState(graphOf(counter, [result])), "raise")).toBe("AssignVariableOp");
  });

  it("stay where a check looks at them", () => {
    const graph = dropUnseenState(graphOf([...counter, node("Assert", "check", { inputs: ["before"] })], ["x"]));
    expect(opOf(graph, "raise")).toBe("AssignVariableOp");
  });

  it("stay where the value goes to a result by way of another variable", () => {
    const total = [
      node("VarHandleOp", "total"),
      node("AssignAddVariableOp", "sum", { inputs: ["total", "before"] }),
      node("ReadVariableOp", "read", { inputs: ["total"] }),
    ];
    const seen = dropUnseenState(graphOf([...counter, ...total], ["read"]));
    expect([opOf(seen, "sum"), opOf(seen, "raise")]).toEqual(["AssignAddVariableOp", "AssignVariableOp"]);
    const unseen = dropUnseenState(graphOf([...counter, ...total], ["x"]));
    expect([opOf(unseen, "sum"), opOf(unseen, "raise")]).toEqual(["NoOp", "NoOp"]);
  });

  it("stay where the same variable is read by another handle", () => {
    const named = { shared_name: "state" };
    const graph = graphOf(
      [
        constant("one", [], [1]),
        node("VarHandleOp", "here", named),
        node("VarHandleOp", "there", named),
        node("AssignVariableOp", "set", { inputs: ["here", "one"] }),
        node("ReadVariableOp", "read", { inputs: ["there"] }),
      ],
      ["read"],
    );
    expect(opOf(dropUnseenState(graph), "set")).toBe("AssignVariableOp");
  });

  it("stay where the handle comes by way of control flow", () => {
    const graph = graphOf(
      [constant("x", [], [3]), node("If", "chosen"), node("AssignVariableOp", "set", { inputs: ["chosen", "x"] })],
      ["x"],
    );
    expect(opOf(dropUnseenState(graph), "set")).toBe("AssignVariableOp");
  });
});
