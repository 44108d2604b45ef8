import { realpathSync } from "node:fs";
import { basename, dirname } from "node:path";
import { ServingError } from "@servable/core";
import { type CApi, loadKoffi, openCApi } from "./c-api.js";
import { whyNotLoaded } from "./why-not-loaded.js";

/** TensorFlow's library, in this process for good. */
export interface Library {
  /** The file, with no links in its path. */
  readonly path: string;
  readonly version: string;
  readonly api: CApi;
}

let loaded: Library | undefined;
/** Attempts to load one: one after another. */
let attempt: Promise<unknown> = Promise.resolve();

/**
 * Loads TensorFlow's C library; a process can hold one.
 * @throws ServingError FAILED_PRECONDITION if it cannot be loaded, is no TensorFlow, or another one is there already
 */
export async function openLibrary(path: string): Promise<Library> {
  const real = realOf(path);
  const opened = attempt.then(async () => {
    if (loaded === undefined) loaded = await load(real);
    else if (loaded.path !== real) throw second(real, `${loaded.path} (TensorFlow ${loaded.version})`);
    return loaded;
  });
  attempt = opened.catch(() => {});
  return opened;
}

function realOf(path: string): string {
  try {
    return realpathSync(path);
  } catch (error) {
    const message = `there is no file ${path}; name TensorFlow's C library by the option native.library`;
    throw new ServingError("FAILED_PRECONDITION", message, { cause: error });
  }
}

async function load(path: string): Promise<Library> {
  const koffi = await loadKoffi();
  const other = tensorFlowInProcess().find((each) => dirname(each) !== dirname(path));
  if (other !== undefined) throw second(path, other);
  try {
    const api = openCApi(koffi, path);
    return { path, version: api.version, api };
  } catch (error) {
    throw new ServingError("FAILED_PRECONDITION", await whyNotLoaded(path, error), { cause: error });
  }
}

/** Libraries of TensorFlow that the process has loaded, be it for tfjs-node or in another worker thread. */
function tensorFlowInProcess(): readonly string[] {
  const report = process.report as NodeJS.ProcessReport & { excludeNetwork?: boolean };
  // Else it asks the network for the names of all addresses.
  const before = report.excludeNetwork ?? false;
  report.excludeNetwork = true;
  const { sharedObjects = [] } = report.getReport() as unknown as { sharedObjects?: readonly string[] };
  report.excludeNetwork = before;
  return sharedObjects
    .filter((path) => /^(lib)?tensorflow(_cc|_framework)?\.(so|dll|dylib|[0-9.]+dylib)/.test(basename(path)))
    .map((path) => {
      try {
        return realpathSync(path);
      } catch {
        return path;
      }
    });
}

function second(path: string, there: string): ServingError {
  const wayOut = "a process can hold one TensorFlow; give all models the same native.library";
  return new ServingError("FAILED_PRECONDITION", `${path} cannot be loaded beside ${there}: ${wayOut}`);
}
