import { type NamedTensors, ServingError, type Tensor } from "@servable/core";
import type { Call } from "../../call.js";
import { checkedShape } from "../kernels/host/shapes.js";
import { makePlan, type Plan } from "../plan/plan.js";
import type { Program } from "../program.js";
import type { Device } from "./device.js";
import { type Machine, type RegisterFile, runPlan, valueOf } from "./run-plan.js";
import { Value } from "./value.js";

/** Callers choose among few sets of outputs; what is beyond that is planned anew. */
const MAX_PLANS = 64;

/** A program on a device: its constants are there, its plans are made on first use. Runs one call at a time. */
export class Session {
  readonly #program: Program;
  readonly #machine: Machine;
  readonly #constantMemory: ReadonlySet<unknown>;
  readonly #plans = new Map<string, Plan>();
  /** Empty between calls, of which there is one at a time; kept so that it need not grow anew in each. */
  readonly #registers: RegisterFile = [];
  #latest: { readonly signature: string; readonly outputs: readonly string[]; readonly plan: Plan } | undefined;

  constructor(program: Program, device: Device) {
    this.#program = program;
    this.#machine = { device, constants: program.constants.map((tensor) => Value.ofHost(tensor, device)) };
    this.#constantMemory = new Set(program.constants.map(memoryOf));
  }

  /**
   * Runs a call to its end.
   * @param checkpoint called before every step; what it throws ends the call
   * @throws ServingError INVALID_ARGUMENT if values do not go together, RESOURCE_EXHAUSTED if a tensor is too large,
   * INTERNAL for what should not happen
   */
  run(call: Call, checkpoint?: () => void): Record<string, Tensor> {
    const plan = this.#planOf(call);
    const registers = this.#registers;
    try {
      for (const [name, register] of plan.feeds) {
        const input = call.inputs[name];
        if (input === undefined) continue;
        checkedShape(input.shape);
        registers[register] = Value.ofHost(input, this.#machine.device);
      }
      runPlan(plan, registers, checkpoint === undefined ? this.#machine : { ...this.#machine, checkpoint });
      return this.#resultsOf(plan, registers, call.inputs);
    } finally {
      for (let register = 0; register < registers.length; register++) {
        registers[register]?.release();
        registers[register] = undefined;
      }
    }
  }

  /** An output may be (a part of) an input, a constant, or another output; the caller gets tensors of its own. */
  #resultsOf({ results }: Plan, registers: RegisterFile, inputs: NamedTensors): Record<string, Tensor> {
    const entries: [string, Tensor][] = [];
    let held: Set<unknown> | undefined;
    for (const [name, operand] of results) {
      if (operand >= 0 && registers[operand] === undefined) throw notComputed(name);
      const value = valueOf(operand, registers, this.#machine);
      // The one output, made on the device, is a copy that nobody else has.
      const isCopy = results.size === 1 && value.isOnDeviceAlone;
      const tensor = value.host();
      if (isCopy) {
        entries.push([name, tensor]);
        continue;
      }
      held ??= new Set(Object.values(inputs).map(memoryOf));
      const memory = memoryOf(tensor);
      const isHeld = held.has(memory) || this.#constantMemory.has(memory);
      held.add(memory);
      entries.push([name, isHeld ? { ...tensor, data: tensor.data.slice() } : tensor]);
    }
    return Object.fromEntries(entries);
  }

  /** Gives the memory of the constants back. */
  close(): void {
    for (const value of this.#machine.constants) value.release();
    this.#plans.clear();
    this.#latest = undefined;
  }

  #planOf(call: Call): Plan {
    // Most calls want what the call before wanted.
    const { signature, outputs } = call;
    const latest = this.#latest;
    const isSame = latest?.signature === signature && latest.outputs.length === outputs.length;
    if (isSame && outputs.every((output, at) => output === latest.outputs[at])) return latest.plan;
    const plan = this.#planFor(call);
    this.#latest = { signature, outputs: [...outputs], plan };
    return plan;
  }

  #planFor({ signature, outputs }: Call): Plan {
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

/** What two tensors have in common if one is a part of the other. */
function memoryOf({ data }: Tensor): unknown {
  return ArrayBuffer.isView(data) ? data.buffer : data;
}

function notComputed(output: string): ServingError {
  return new ServingError("INVALID_ARGUMENT", `output ${output} is of a branch that these inputs do not take`);
}
