// What the benches of the portable engine share: the model on this thread, and how fast something is called.
import { join } from "node:path";
import { savedModel } from "@servable/loader-tf";
import { folderFiles } from "@servable/source-fs";

/** The servable of a SavedModel's folder, inline: calls run on this thread. */
export async function inlineModel(folder) {
  const { servable } = await savedModel({ threads: 0 })(folderFiles(folder)).load({
    id: { name: folder.split("/").at(-2), version: 1 },
    signal: new AbortController().signal,
    report() {},
  });
  return servable;
}

/** Calls a second, one after another, for about so many milliseconds. */
export async function speed(call, milliseconds) {
  const start = performance.now();
  let calls = 0;
  let now = start;
  do {
    await call();
    calls++;
    now = performance.now();
  } while (now - start < milliseconds);
  return (1_000 * calls) / (now - start);
}

/** Numbers from 0 to 1, the same each time. */
export function pixels(count) {
  return Float32Array.from({ length: count }, (_, index) => ((index * 7_919) % 256) / 255);
}

/** Where the fixtures lie. */
export const fixtures = join(import.meta.dirname, "..", "..", "fixtures");
