import type { VersionStatus } from "@servable/inference";
import { STATUS_NAME } from "./status-table.js";

/** How versions stand, in the shape that TensorFlow Serving answers: version numbers as strings, defaults written out. */
export function statusAnswer(versions: readonly VersionStatus[]): { readonly model_version_status: readonly object[] } {
  return {
    model_version_status: versions.map(({ version, state, error }) => ({
      version: String(version),
      state,
      status: {
        error_code: error === undefined ? "OK" : STATUS_NAME[error.code],
        error_message: error?.message ?? "",
      },
    })),
  };
}
