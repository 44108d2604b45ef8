import { expect, it } from "vitest";
import { BoundedReader } from "./bounded-reader.js";
import { GraphDef } from "./gen/graph.js";

/** A graph of nodes of two bytes each. */
const nodes = (count: number): Uint8Array => Uint8Array.from({ length: 2 * count }, (_, at) => (at % 2 === 0 ? 10 : 0));

it("reads a message within its budget, and counts what it reads", () => {
  const budget = { left: 10 };
  expect(GraphDef.decode(new BoundedReader(nodes(4), budget)).node).toHaveLength(4);
  expect(budget.left).toBe(2);
});

it("stops where short messages would become many objects", () => {
  const budget = { left: 1_000 };
  expect(() => GraphDef.decode(new BoundedReader(nodes(100_000), budget))).toThrow(RangeError);
  expect(budget.left).toBeLessThan(0);
});
