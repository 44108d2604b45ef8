import type { ModelFiles, Source } from "@servable/core";
import { type FsDiscoverOptions, type FsSourceOptions, resolveDiscovery, resolveOptions } from "./options.js";
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
export function fsSource<const N extends string>(options: FsSourceOptions<N>): Source<ModelFiles, N>;
/** The same for every model under one folder; a model whose folder is removed is unloaded. */
export function fsSource(options: FsDiscoverOptions): Source<ModelFiles>;
export function fsSource(options: FsSourceOptions | FsDiscoverOptions): Source<ModelFiles> {
  return watchFolder("discover" in options ? resolveDiscovery(options) : resolveOptions(options), systemPorts);
}
