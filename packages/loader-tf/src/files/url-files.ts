import { type ByteRange, type FileEntry, type ModelFiles, type OpenFiles, ServingError } from "@servable/core";
import { checkName, checkRange, shortened } from "./memory-files.js";

/** Options of {@link urlFiles}. */
export interface UrlFilesOptions {
  /**
   * The files that there are, since a web address cannot be listed; names that do not exist are left out.
   * @defaultValue those of a SavedModel with one shard
   */
  readonly names?: readonly string[];
  /** Makes the requests. @defaultValue the runtime's own */
  readonly fetch?: typeof fetch;
}

const SAVED_MODEL_FILES = [
  "saved_model.pb",
  "variables/variables.index",
  "variables/variables.data-00000-of-00001",
] as const;

/**
 * Model files below a web address: `urlFiles("https://example.com/models/mnist/1/")`. Parts of files are asked for by
 * Range requests; a server that knows none answers with the whole, of which the part is taken.
 * @throws TypeError for what is no absolute address
 */
export function urlFiles(url: string | URL, options: UrlFilesOptions = {}): ModelFiles {
  const { names = SAVED_MODEL_FILES, fetch: ask = fetch } = options;
  const base = new URL(url);
  if (!base.pathname.endsWith("/")) base.pathname += "/";
  const addressOf = (name: string): URL => {
    checkName(name);
    const address = new URL(base);
    address.pathname += name.split("/").map(encodeURIComponent).join("/");
    return address;
  };

  return {
    async open({ signal }): Promise<OpenFiles> {
      signal.throwIfAborted();
      const request = async (name: string, init: RequestInit): Promise<Response> => {
        const address = addressOf(name);
        let response: Response;
        try {
          response = await ask(address, { ...init, signal });
        } catch (error) {
          signal.throwIfAborted();
          throw new ServingError("NOT_AVAILABLE", `${address} cannot be reached: ${String(error)}`, { cause: error });
        }
        if (response.ok || response.status === 404 || response.status === 416) return response;
        const retryable = response.status >= 500 || response.status === 429;
        throw new ServingError("NOT_AVAILABLE", `${address} answered ${response.status}`, { retryable });
      };
      const missing = (name: string): ServingError =>
        new ServingError("NOT_FOUND", `there is no file ${shortened(name)} below ${base}`);

      const sizeOf = async (name: string): Promise<FileEntry | undefined> => {
        const response = await request(name, { method: "HEAD" });
        if (response.status === 404) return undefined;
        const length = response.headers.get("content-length");
        // What is compressed on its way has another length there.
        const isPlain = (response.headers.get("content-encoding") ?? "identity") === "identity";
        const sizeBytes = length === null || !isPlain ? (await readWhole(name)).length : Number(length);
        return { name, sizeBytes };
      };
      const readWhole = async (name: string): Promise<Uint8Array> => {
        const response = await request(name, {});
        if (response.status === 404) throw missing(name);
        return new Uint8Array(await response.arrayBuffer());
      };
      const readPart = async (name: string, range: ByteRange): Promise<Uint8Array> => {
        checkRange(name, range, Number.MAX_SAFE_INTEGER);
        // A Range header cannot ask for nothing; that the file has so many bytes is found out with the one before.
        const first = range.start === range.end ? Math.max(range.start - 1, 0) : range.start;
        const last = Math.max(range.end, first + 1) - 1;
        const response = await request(name, { headers: { range: `bytes=${first}-${last}` } });
        if (response.status === 404) throw missing(name);
        const bytes = new Uint8Array(await response.arrayBuffer());
        if (response.status === 206) {
          const total = Number(response.headers.get("content-range")?.match(/\/(\d+)$/)?.[1] ?? first + bytes.length);
          checkRange(name, range, total);
          return bytes.slice(range.start - first, range.end - first);
        }
        const whole = response.status === 416 ? await readWhole(name) : bytes;
        checkRange(name, range, whole.length);
        return whole.slice(range.start, range.end);
      };

      return {
        async list() {
          const entries = await Promise.all(names.map((name) => sizeOf(name)));
          return entries.filter((entry) => entry !== undefined);
        },
        read: (name, range) => (range === undefined ? readWhole(name) : readPart(name, range)),
        async [Symbol.asyncDispose]() {},
      };
    },
  };
}
