import { homedir } from "node:os";
import { placesHere, runtimesFolder } from "@servable/loader-tf/native";
import type { CliPorts } from "../run-cli.js";
import { askPython } from "./ask-python.js";
import { type DoctorParts, diagnose } from "./diagnose.js";
import { parseDoctorWords } from "./doctor-words.js";
import { modelFolder } from "./model-folder.js";
import { childProbe } from "./probe.js";
import { reportLines } from "./report-lines.js";

/**
 * Runs `servable doctor [PATH]`: tells where TensorFlow's library was looked for, what was found, which engines can be
 * had, and what of them serves a model.
 * @returns the exit status: 0 if some engine can serve, else 1
 * @throws UsageError for words that cannot be followed, ServingError NOT_FOUND for a path without a model
 */
export async function doctor(
  words: readonly string[],
  { out }: Pick<CliPorts, "out">,
  parts: DoctorParts = partsHere(),
): Promise<number> {
  const { path, library, tags, json } = parseDoctorWords(words);
  const folder = path === undefined ? undefined : await modelFolder(path);
  const diagnosis = await diagnose({ library, folder, tags }, parts);
  for (const line of json ? [JSON.stringify(diagnosis, null, 2)] : reportLines(diagnosis)) out(line);
  return diagnosis.canServe ? 0 : 1;
}

function partsHere(): DoctorParts {
  const { platform, env } = process;
  return {
    places: placesHere,
    askPython,
    probe: childProbe(),
    runtimes: runtimesFolder({ platform, env, home: homedir() }),
  };
}
