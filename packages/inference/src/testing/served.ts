import { createManager, type Loader, type Manager, type Predictor } from "@servable/core";
import { of } from "rxjs";

/** A predictor that answers what `predict` says, under one signature or several. */
export function fakePredictor(
  signatures: Predictor["signatures"],
  predict: Predictor["predict"] = async (inputs) => ({ ...inputs }),
): Predictor {
  return { signatures, predict };
}

/** A manager that serves `servable` as `m`, version 3, and counts what it has released. */
export async function served(
  servable: unknown,
): Promise<{ readonly manager: Manager; readonly released: () => number }> {
  let count = 0;
  const loader: Loader<unknown> = {
    load: async () => ({
      servable,
      async [Symbol.asyncDispose]() {
        count++;
      },
    }),
  };
  const manager = createManager({ code: of({ name: "m", versions: [{ version: 3, data: loader }] }) });
  await manager.whenAvailable("m");
  return { manager, released: () => count };
}
