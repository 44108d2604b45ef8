import { Observable } from "rxjs";
import { type ModelEntry, parseModelConfig } from "./model-config.js";
import { readFlagFile } from "./read-flag-file.js";

/**
 * Reads a model config file.
 * @throws UsageError if it cannot be read, or says what cannot be followed
 */
export async function readModelConfig(file: string): Promise<readonly ModelEntry[]> {
  return parseModelConfig(await readFlagFile("model_config_file", file), file);
}

/** How a config file is followed. */
export interface ConfigFileOptions {
  readonly file: string;
  /** What was read at the start. */
  readonly models: readonly ModelEntry[];
  /** Time between looks at the file; with 0 it is not read again. */
  readonly pollMs: number;
  /** Told, once per change, of a file that cannot be followed; the last one stays in force. */
  readonly onWarning: (text: string) => void;
}

/** The models that a config file lists, as it changes. */
export function configFileModels({
  file,
  models,
  pollMs,
  onWarning,
}: ConfigFileOptions): Observable<readonly ModelEntry[]> {
  return new Observable((subscriber) => {
    subscriber.next(models);
    if (pollMs === 0) return;
    let last = "";
    let timer: NodeJS.Timeout | undefined;
    const read = async (): Promise<void> => {
      try {
        const next = await readModelConfig(file);
        last = "";
        subscriber.next(next);
      } catch (error) {
        const text = error instanceof Error ? error.message : String(error);
        if (text !== last) onWarning(`${text}; what was configured before stays`);
        last = text;
      }
      if (!subscriber.closed) timer = setTimeout(() => void read(), pollMs);
    };
    timer = setTimeout(() => void read(), pollMs);
    return () => clearTimeout(timer);
  });
}
