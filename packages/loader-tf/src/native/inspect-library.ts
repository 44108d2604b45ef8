import { configOf } from "./config.js";
import { openMeter } from "./device-meter.js";
import type { Device } from "./devices.js";
import { openLibrary } from "./library.js";

/** What a library of TensorFlow's says of itself. */
export interface LibraryFacts {
  /** The file, with no links in its path. */
  readonly path: string;
  readonly version: string;
  readonly devices: readonly Device[];
}

/**
 * Loads TensorFlow's library and asks it for its version and devices. It stays in the process for good, and one that is
 * broken can end the process: ask in a child process.
 * @throws ServingError FAILED_PRECONDITION if it cannot be loaded or is no TensorFlow
 */
export async function inspectLibrary(file: string): Promise<LibraryFacts> {
  const { api, path, version } = await openLibrary(file);
  // Nobody needs to wait for the memory of a GPU that is only to be named.
  const config = configOf({ gpu: { allowGrowth: true } });
  const { devices } = await openMeter(api, config, { isMetered: () => false });
  return { path, version, devices };
}
