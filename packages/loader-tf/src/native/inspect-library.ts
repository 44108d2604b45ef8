import { configOf } from "./config.js";
import { type Device, devicesOf } from "./devices.js";
import { openLibrary } from "./library.js";
import { checked, errorOfStatus } from "./status.js";

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
  const options = api.newSessionOptions();
  const graph = api.newGraph();
  const status = api.newStatus();
  try {
    // Nobody needs to wait for the memory of a GPU that is only to be named.
    const config = configOf({ gpu: { allowGrowth: true } });
    checked(api, (each) => api.setConfig(options, config, each));
    const session = await api.newSession(graph, options, status);
    const error = errorOfStatus(api.code(status), api.message(status));
    if (error !== undefined) throw error;
    const devices = devicesOf(api, session);
    await api.deleteSession(session, status);
    return { path, version, devices };
  } finally {
    api.deleteStatus(status);
    api.deleteGraph(graph);
    api.deleteSessionOptions(options);
  }
}
