import type { Attribute, Attributes } from "../graph/graph.js";

/** Operations that run functions, with the attributes that name them. A `Case` has a list of any number. */
const FUNCTIONS: ReadonlyMap<string, readonly string[]> = new Map([
  ["Case", ["branches"]],
  ["If", ["then_branch", "else_branch"]],
  ["StatelessCase", ["branches"]],
  ["StatelessIf", ["then_branch", "else_branch"]],
  ["StatelessWhile", ["cond", "body"]],
  ["While", ["cond", "body"]],
]);

/** A function that a control flow node runs. */
export interface NamedBody {
  /** What it is to the node: `then_branch`, `branches_2`. */
  readonly role: string;
  /** The function's name; undefined where the node names none. */
  readonly callee: string | undefined;
}

/** The functions that a node of control flow runs, in order; undefined for any other op. */
export function namedBodies(op: string, attributes: Attributes): readonly NamedBody[] | undefined {
  return FUNCTIONS.get(op)?.flatMap((name) => {
    const attribute = attributes.get(name);
    if (!Array.isArray(attribute)) return [{ role: name, callee: calleeOf(attribute) }];
    return attribute.map((item: Attribute, at) => ({ role: `${name}_${at}`, callee: calleeOf(item) }));
  });
}

function calleeOf(attribute: Attribute | undefined): string | undefined {
  return typeof attribute === "object" && "function" in attribute ? attribute.function : undefined;
}
