import { type ByteRange, type ModelFiles, type OpenFiles, ServingError } from "@servable/core";

/**
 * Model files that lie in memory, by name: `{ "saved_model.pb": bytes, "variables/variables.index": bytes, … }`. Reads
 * give copies, so that nobody changes what others read.
 */
export function memoryFiles(contents: Readonly<Record<string, Uint8Array>>): ModelFiles {
  const files = new Map(Object.entries(contents));
  return {
    async open({ signal }): Promise<OpenFiles> {
      signal.throwIfAborted();
      return {
        list: async () => [...files].map(([name, bytes]) => ({ name, sizeBytes: bytes.length })),
        async read(name, range) {
          checkName(name);
          const bytes = files.get(name);
          if (bytes === undefined) throw new ServingError("NOT_FOUND", `there is no file ${shortened(name)}`);
          checkRange(name, range, bytes.length);
          return bytes.slice(range?.start, range?.end);
        },
        async [Symbol.asyncDispose]() {},
      };
    },
  };
}

/**
 * Checks that a name stays below its folder.
 * @throws ServingError INVALID_ARGUMENT if it does not, or is no name at all
 */
export function checkName(name: string): void {
  const isRelative = !/^([a-z]+:|\/)/i.test(name) && !name.split("/").some((part) => part === "..");
  if (!isRelative) throw new ServingError("INVALID_ARGUMENT", `${shortened(name)} leads out of the model's folder`);
}

/** @throws ServingError INVALID_ARGUMENT for a range that a file of `sizeBytes` does not have */
export function checkRange(name: string, range: ByteRange | undefined, sizeBytes: number): void {
  if (range === undefined) return;
  const { start, end } = range;
  const isWhole = Number.isSafeInteger(start) && Number.isSafeInteger(end);
  if (isWhole && start >= 0 && start <= end && end <= sizeBytes) return;
  throw new ServingError("INVALID_ARGUMENT", `${name} has ${sizeBytes} bytes, and none from ${start} to ${end}`);
}

/** A name as messages show it. */
export function shortened(name: string): string {
  return JSON.stringify(name.length > 200 ? `${name.slice(0, 200)}…` : name);
}
