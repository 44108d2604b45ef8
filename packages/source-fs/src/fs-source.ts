import type { ModelFiles, Source } from "@servable/core";
import { type FsSourceOptions, resolveOptions } from "./options.js";
import { systemPorts } from "./ports.js";
import { watchFolder } from "./watch-folder.js";

/**
 * Finds the versions of one model in a local or mounted folder that holds one folder per version.
 *
 * A version is offered once it is complete and at rest. Rewritten in place, it stays offered as it was until the new
 * bytes are complete and at rest, and is then offered with another revision. Only versions that the policy wants, or
 * would want next, are looked into.
 * @throws ServingError INVALID_ARGUMENT for an option that cannot be meant
 */
export function fsSource<const N extends string>(options: FsSourceOptions<N>): Source<ModelFiles, N> {
  return watchFolder(resolveOptions(options), systemPorts);
}
