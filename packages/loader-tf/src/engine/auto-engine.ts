import { ServingError } from "@servable/core";
import type { Engine, EngineModel, EngineName } from "./engine.js";

/** An engine that may do, and how to find out whether it does here. */
export interface Candidate {
  readonly name: EngineName;
  readonly engine: Engine;
  /**
   * Looks whether the engine has here what it needs; gives the reason for taking it.
   * @throws ServingError FAILED_PRECONDITION where something is missing
   */
  readonly found: () => Promise<string>;
}

interface Choice {
  readonly engine: Engine;
  /** Why it was taken, and the ones before it were not. */
  readonly because: string;
}

/**
 * The first engine that has here what it needs. It is looked for when the first model comes, and the same for all models
 * that come later; `describe()` says under `because` why it is this one, and so does the progress of every load.
 */
export function autoEngine(candidates: readonly Candidate[]): Engine {
  let choice: Promise<Choice> | undefined;
  const chosen = (): Promise<Choice> => (choice ??= firstOf(candidates));
  return {
    estimate: async (files) => (await chosen()).engine.estimate(files),
    open: async (request) => {
      const { engine, because } = await chosen();
      request.signal.throwIfAborted();
      request.report({ stage: because });
      return explained(await engine.open(request), because);
    },
  };
}

async function firstOf(candidates: readonly Candidate[]): Promise<Choice> {
  const refusals: string[] = [];
  for (const { name, engine, found } of candidates) {
    try {
      const reasons = [await found(), ...refusals];
      return { engine, because: `engine ${name}: ${reasons.join("; ")}` };
    } catch (error) {
      if (!ServingError.is(error) || error.code !== "FAILED_PRECONDITION") throw error;
      refusals.push(`not ${name}, since ${error.message}`);
    }
  }
  throw new ServingError("FAILED_PRECONDITION", `no engine can run here: ${refusals.join("; ")}`);
}

function explained(model: EngineModel, because: string): EngineModel {
  return { ...model, describe: () => ({ ...model.describe(), because }) };
}
