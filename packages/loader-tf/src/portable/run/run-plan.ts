import { allocate, ServingError } from "@servable/core";
import { describeNode } from "../graph/graph-error.js";
import { allow, OPERATION_BYTES } from "../kernels/host/allowance.js";
import type { BodyPlan, Operand, Plan, Step } from "../plan/plan.js";
import type { Device } from "./device.js";
import { Value } from "./value.js";

/** What a plan runs on. */
export interface Machine {
  readonly device: Device;
  readonly constants: readonly Value[];
  /** Called before each step; may throw to end the call. */
  readonly checkpoint?: () => void;
}

/** Values by register; one that is undefined is not there yet, not any more, or of a branch that was not taken. */
export type RegisterFile = (Value | undefined)[];

/**
 * Runs the steps of a plan. What is left in the registers, also after an error, is the caller's to release.
 * @throws ServingError of the step that failed, with its node's name
 */
export function runPlan(plan: Plan, registers: RegisterFile, machine: Machine): void {
  const { checkpoint } = machine;
  let running: Step | undefined;
  try {
    for (const step of plan.steps) {
      running = undefined;
      checkpoint?.();
      running = step;
      keep(resultsOf(step, registers, machine), step, registers);
    }
  } catch (error) {
    if (running === undefined) throw error;
    throw ServingError.is(error)
      ? new ServingError(error.code, `${describeNode(running.node)}: ${error.message}`, { cause: error })
      : ServingError.from(error, "INTERNAL", describeNode(running.node));
  }
}

/** Loops by number: a step is short, and iterators would be much of what it leaves behind. */
function keep(results: readonly (Value | undefined)[], { outputs, free }: Step, registers: RegisterFile): void {
  for (let output = 0; output < results.length; output++) {
    const register = outputs[output] ?? -1;
    if (register >= 0) registers[register] = results[output];
    else results[output]?.release();
  }
  for (let at = 0; at < free.length; at++) {
    const register = free[at] ?? 0;
    registers[register]?.release();
    registers[register] = undefined;
  }
}

/** The value of an operand. @throws ServingError INTERNAL if it is not there */
export function valueOf(operand: Operand, registers: RegisterFile, { constants }: Machine): Value {
  const value = operand >= 0 ? registers[operand] : constants[-1 - operand];
  if (value !== undefined) return value;
  throw new ServingError("INTERNAL", "an operation gave fewer results than the graph takes");
}

function resultsOf(step: Step, registers: RegisterFile, machine: Machine): readonly (Value | undefined)[] {
  const { action, inputs } = step;
  if (action.kind === "merge") return merged(step, registers, machine);
  const isSkipped = step.isConditional && inputs.some((operand) => operand >= 0 && registers[operand] === undefined);
  if (isSkipped) return [];
  const values: Value[] = [];
  for (const operand of inputs) values.push(valueOf(operand, registers, machine));
  if (action.kind === "kernel") {
    if (action.changesLists) for (const register of step.free) registers[register]?.expire();
    const outer = allow(OPERATION_BYTES);
    try {
      return action.kernel(machine.device, ...values);
    } finally {
      allow(outer);
    }
  }
  if (action.kind === "switch") return switched(values);
  return action.kernel((body, given, how) => runBody(bodyAt(action.bodies, body), { given, how }, machine), values);
}

/** The first output if the condition is false, the second if it is true. */
function switched([value, condition]: readonly Value[]): readonly (Value | undefined)[] {
  if (value === undefined || condition === undefined) throw new ServingError("INVALID_ARGUMENT", "an input is missing");
  return isTrue(condition) ? [undefined, value.share()] : [value.share(), undefined];
}

/** The input that was computed, and which one it is. */
function merged({ inputs }: Step, registers: RegisterFile, machine: Machine): readonly (Value | undefined)[] {
  const taken = inputs.findIndex((operand) => operand < 0 || registers[operand] !== undefined);
  const operand = inputs[taken];
  if (operand === undefined) return [];
  const index = allocate("int32", 1);
  index[0] = taken;
  const which = Value.ofHost({ dtype: "int32", shape: [], data: index }, machine.device);
  return [valueOf(operand, registers, machine).share(), which];
}

/** What a condition says: of numbers, whether it is not 0; of strings, whether there is one; of many, whether there are any. */
export function isTrue(condition: Value): boolean {
  const { shape, data } = condition.host();
  if (shape.length > 0) return data.length > 0;
  const [element] = data;
  return element instanceof Uint8Array ? element.length > 0 : Boolean(element);
}

function bodyAt(bodies: readonly BodyPlan[], index: number): BodyPlan {
  const body = bodies[index];
  if (body === undefined) throw new ServingError("INTERNAL", `a control flow operation has no body ${index}`);
  return body;
}

interface Given {
  readonly given: readonly Value[];
  readonly how: "lend" | "give";
}

function runBody({ plan, parameters, results }: BodyPlan, { given, how }: Given, machine: Machine): Value[] {
  const registers: RegisterFile = [];
  try {
    for (const [at, value] of given.entries()) {
      const register = parameters[at] ?? -1;
      if (register >= 0) registers[register] = how === "give" ? value : value.share();
      else if (how === "give") value.release();
    }
    runPlan(plan, registers, machine);
    return results.map((operand, at) => {
      const value = valueOf(operand, registers, machine);
      // The last to take a register takes the value itself, and with it what makes a list changeable.
      if (operand < 0 || results.includes(operand, at + 1)) return value.share();
      registers[operand] = undefined;
      return value;
    });
  } finally {
    for (const value of registers) value?.release();
  }
}
