// What the benches of the native engine share.
import "./native-library.mjs";
import { savedModel } from "@servable/loader-tf";
import { folderFiles } from "@servable/source-fs";

process.env.TF_CPP_MIN_LOG_LEVEL = "3";

/** The library of TensorFlow that all sides use; undefined where there is none. */
export const library = process.env.SERVABLE_LIBTENSORFLOW;

/** A SavedModel's folder, loaded into an engine. */
export function openModel(folder, options = { engine: "native" }) {
  return savedModel(options)(folderFiles(folder)).load({
    id: { name: folder.split("/").at(-2), version: 1 },
    servables: {},
    signal: new AbortController().signal,
    report() {},
  });
}

/** Calls a second with so many in flight, for about so many milliseconds. */
export async function speedWith(call, inFlight, milliseconds) {
  const start = performance.now();
  let calls = 0;
  const lane = async () => {
    do {
      await call();
      calls++;
    } while (performance.now() - start < milliseconds);
  };
  await Promise.all(Array.from({ length: inFlight }, lane));
  return (1_000 * calls) / (performance.now() - start);
}
