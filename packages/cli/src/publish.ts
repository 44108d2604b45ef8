import { publishToFolder } from "@servable/source-fs";
import { publishToS3 } from "@servable/source-s3";
import { progressLines } from "./progress-lines.js";
import type { CliPorts } from "./run-cli.js";
import { UsageError } from "./usage-error.js";

/**
 * Runs `servable publish DIR TARGET [--version=N]`: puts one version into a bucket or a folder, so that no watcher ever
 * sees half of it.
 * @throws UsageError for words that cannot be followed, ServingError if it cannot be published
 */
export async function publish(
  words: readonly string[],
  { out, err, onStop }: Pick<CliPorts, "out" | "err" | "onStop">,
): Promise<void> {
  const { folder, target, version } = parsePublish(words);
  const stopping = new AbortController();
  onStop(() => stopping.abort(new Error("stopped")));
  const { signal } = stopping;
  const tell = progressLines();
  if (target.startsWith("s3://")) {
    const onProgress = (progress: Parameters<typeof tell>[1]): void => {
      const line = tell("publish", progress);
      if (line !== undefined) err(line);
    };
    const done = await publishToS3({ folder, url: target, version, signal, onProgress });
    out(`published version ${done.version} at ${done.url}: ${done.files} files, ${done.totalBytes} bytes`);
    return;
  }
  const done = await publishToFolder({ folder, path: target, version, signal });
  out(`published version ${done.version} at ${done.path}: ${done.files} files, ${done.totalBytes} bytes`);
}

interface PublishWords {
  readonly folder: string;
  readonly target: string;
  readonly version: number | undefined;
}

/** @throws UsageError for words that cannot be followed */
export function parsePublish(words: readonly string[]): PublishWords {
  const flags = words.filter((word) => word.startsWith("--"));
  const [folder, target, ...rest] = words.filter((word) => !word.startsWith("--"));
  const unknown = flags.find((flag) => !/^--version=\d{1,15}$/.test(flag));
  if (unknown !== undefined) throw new UsageError(`publish: ${unknown} is not known; there is --version=N`);
  if (folder === undefined || target === undefined || rest.length > 0) {
    throw new UsageError(
      "publish needs two names: servable publish DIR s3://bucket/models/mnist, or a folder in place of the address",
    );
  }
  const version = flags.at(-1)?.split("=")[1];
  return { folder, target, version: version === undefined ? undefined : Number(version) };
}
