import { GUARD } from "../graph/graph.js";
import { malformed } from "../graph/graph-error.js";
import type { ControlKernel } from "../run/control-kernel.js";
import { type KernelTable, onValues } from "../run/kernel.js";
import { isTrue } from "../run/run-plan.js";
import type { Value } from "../run/value.js";
import { integersOf } from "./host/shapes.js";

/** The bodies are the branch where the condition is true, and the other. */
const branch: ControlKernel = (run, [condition, ...inputs]) => {
  if (condition === undefined) throw malformed("an If has no condition");
  return run(isTrue(condition) ? 0 : 1, inputs, "lend");
};

/** An index that no branch has takes the last one. */
function switchCase(count: number): ControlKernel {
  return (run, [index, ...inputs]) => {
    const [wanted] = index === undefined ? [] : integersOf(index.host());
    if (wanted === undefined) throw malformed("a Case has no index");
    return run(wanted >= 0 && wanted < count ? wanted : count - 1, inputs, "lend");
  };
}

/** The bodies are the condition and what changes the variables. */
const loop: ControlKernel = (run, inputs) => {
  let state: readonly Value[] = inputs.map((value) => value.share());
  try {
    while (holds(run(0, state, "lend"))) {
      const given = state;
      state = [];
      state = run(1, given, "give");
    }
  } catch (error) {
    for (const value of state) value.release();
    throw error;
  }
  return state;
};

function holds(results: readonly Value[]): boolean {
  const [condition] = results;
  if (condition === undefined) throw malformed("the condition of a While gives nothing");
  const isMore = isTrue(condition);
  for (const value of results) value.release();
  return isMore;
}

/** The kernel of a control flow operation that has so many bodies; undefined for any other. */
export function controlKernel(op: string, bodies: number): ControlKernel | undefined {
  switch (op) {
    case "If":
    case "StatelessIf":
      return bodies === 2 ? branch : undefined;
    case "Case":
    case "StatelessCase":
      return bodies > 0 ? switchCase(bodies) : undefined;
    case "While":
    case "StatelessWhile":
      return bodies === 2 ? loop : undefined;
    default:
      return undefined;
  }
}

/** What control flow is compiled to, beside bodies: a guard gives its first input; where it must not, it is skipped. */
export const CONTROL: KernelTable = { [GUARD]: () => onValues((_device, value) => value.share()) };
