import { type NamedTensors, ServingError, type Tensor, type TensorData } from "@servable/core";
import { describeNode } from "../graph/graph-error.js";
import { OPERATION_BYTES, withAllowance } from "../kernels/host/allowance.js";
import { checkedShape } from "../kernels/host/shapes.js";
import { makePlan, type Operand, type Plan, type Step } from "../plan/plan.js";
import type { Program } from "../program.js";
import type { Device } from "./device.js";
import { Value } from "./value.js";

/** What a call wants. */
export interface Call {
  readonly signature: string;
  /** Tensors by input name; they must fit the signature. */
  readonly inputs: NamedTensors;
  /** Names of the outputs wanted. */
  readonly outputs: readonly string[];
}

/** Callers choose among few sets of outputs; what is beyond that is planned anew. */
const MAX_PLANS = 64;

/** A program on a device: its constants are there, its plans are made on first use. Runs one call at a time. */
export class Session {
  readonly #program: Program;
  readonly #device: Device;
  readonly #constants: readonly Value[];
  readonly #constantData: ReadonlySet<TensorData>;
  readonly #plans = new Map<string, Plan>();

  constructor(program: Program, device: Device) {
    this.#program = program;
    this.#device = device;
    this.#constants = program.constants.map((tensor) => Value.ofHost(tensor, device));
    this.#constantData = new Set(program.constants.map(({ data }) => data));
  }

  /**
   * Runs a call to its end.
   * @throws ServingError INVALID_ARGUMENT if values do not go together, RESOURCE_EXHAUSTED if a tensor is too large,
   * INTERNAL for what should not happen
   */
  run(call: Call): Record<string, Tensor> {
    const plan = this.#planOf(call);
    const registers: (Value | undefined)[] = [];
    try {
      for (const [name, register] of plan.feeds) {
        const input = call.inputs[name];
        if (input === undefined) continue;
        checkedShape(input.shape);
        registers[register] = Value.ofHost(input, this.#device);
      }
      for (const step of plan.steps) this.#runStep(step, registers);
      // An output may be an input, a constant, or another output as it is; the caller gets tensors of its own.
      const held = new Set(Object.values(call.inputs).map(({ data }) => data));
      const results = [...plan.results].map(([name, operand]): [string, Tensor] => {
        const tensor = this.#value(operand, registers).host();
        const isHeld = held.has(tensor.data) || this.#constantData.has(tensor.data);
        held.add(tensor.data);
        return [name, isHeld ? { ...tensor, data: tensor.data.slice() } : tensor];
      });
      return Object.fromEntries(results);
    } finally {
      for (const value of registers) value?.release();
    }
  }

  /** Gives the memory of the constants back. */
  close(): void {
    for (const value of this.#constants) value.release();
    this.#plans.clear();
  }

  #runStep(step: Step, registers: (Value | undefined)[]): void {
    let results: readonly Value[];
    try {
      const inputs = step.inputs.map((operand) => this.#value(operand, registers));
      results = withAllowance(OPERATION_BYTES, () => step.kernel(this.#device, ...inputs));
    } catch (error) {
      throw ServingError.is(error)
        ? new ServingError(error.code, `${describeNode(step.node)}: ${error.message}`, { cause: error })
        : ServingError.from(error, "INTERNAL", describeNode(step.node));
    }
    for (const [output, value] of results.entries()) {
      const register = step.outputs[output] ?? -1;
      if (register >= 0) registers[register] = value;
      else value.release();
    }
    for (const register of step.free) {
      registers[register]?.release();
      registers[register] = undefined;
    }
  }

  #value(operand: Operand, registers: readonly (Value | undefined)[]): Value {
    const value = operand >= 0 ? registers[operand] : this.#constants[-1 - operand];
    if (value !== undefined) return value;
    throw new ServingError("INTERNAL", "an operation gave fewer results than the graph takes");
  }

  #planOf({ signature, outputs }: Call): Plan {
    const key = JSON.stringify([signature, ...outputs]);
    const known = this.#plans.get(key);
    if (known !== undefined) return known;
    const { graph, kernels, constantNumbers, signatures } = this.#program;
    const bound = signatures.get(signature);
    if (bound === undefined) throw new ServingError("INVALID_ARGUMENT", `there is no signature ${signature}`);
    const results = new Map([...bound.results].filter(([name]) => outputs.includes(name)));
    const effects = [...new Set([...results.values()].flatMap((name) => bound.effects.get(name) ?? []))];
    const plan = makePlan({ graph, kernels, constants: constantNumbers, feeds: bound.feeds, results, effects });
    if (this.#plans.size >= MAX_PLANS) this.#plans.clear();
    this.#plans.set(key, plan);
    return plan;
  }
}
