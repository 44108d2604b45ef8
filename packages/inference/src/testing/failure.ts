import { ServingError } from "@servable/core";

/** The ServingError that `work` fails with. */
export async function failure(work: Promise<unknown>): Promise<ServingError> {
  const error = await work.then(() => undefined).catch((reason: unknown) => reason);
  if (ServingError.is(error)) return error;
  throw new Error("expected a ServingError", { cause: error });
}
