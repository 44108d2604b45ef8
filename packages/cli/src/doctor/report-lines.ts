import type { Device } from "@servable/loader-tf/native";
import type { Diagnosis, EngineReport, PlaceReport } from "./diagnose.js";

const LABELS: Readonly<Record<PlaceReport["origin"], string>> = {
  "native.library": "--library",
  SERVABLE_LIBTENSORFLOW: "SERVABLE_LIBTENSORFLOW",
  "servable runtime install": "servable runtime",
  VIRTUAL_ENV: "VIRTUAL_ENV",
  CONDA_PREFIX: "CONDA_PREFIX",
  "tfjs-node": "tfjs-node(-gpu)",
  system: "the system",
  python3: "python3",
};

const WIDTH = 24;

/** What a person reads. */
export function reportLines(diagnosis: Diagnosis): readonly string[] {
  const { places, engines, model, advice } = diagnosis;
  return [
    "TensorFlow's library, in the order in which places count; the first that has one decides:",
    ...places.flatMap((place) => placeLines(place, diagnosis)),
    "",
    "Engines:",
    ...engines.flatMap((report) => engineLines(report, "can be had")),
    "",
    autoLine(diagnosis),
    ...(model === undefined ? [] : ["", ...modelLines(model)]),
    ...(advice.length === 0 ? [] : ["", "What to do:", ...advice.map((each) => `  - ${each}`)]),
  ];
}

/** The engines before the one that is taken have said why not. */
function autoLine({ auto, engines }: Diagnosis): string {
  const taken = engines.find(({ engine }) => engine === auto.engine);
  return taken === undefined ? `auto: ${auto.because}` : `auto takes ${taken.engine}: ${taken.reason}`;
}

function placeLines(place: PlaceReport, diagnosis: Diagnosis): readonly string[] {
  const { origin, found, version, devices, problem } = place;
  const lines = [found ?? absence(place, diagnosis)];
  if (problem !== undefined) lines.push(`cannot be used: ${problem}`);
  if (version !== undefined)
    lines.push(`TensorFlow ${version}; devices: ${(devices ?? []).map(deviceText).join(", ")}`);
  return titled(LABELS[origin], lines);
}

function absence({ origin, looked }: PlaceReport, { pythonVersion, runtimes }: Diagnosis): string {
  if (origin === "python3") {
    return pythonVersion === undefined
      ? "there is no such command"
      : `Python ${pythonVersion} has no TensorFlow (asked by doctor alone)`;
  }
  if (origin === "servable runtime install" && looked.length === 0) return `none in use in ${runtimes}`;
  if (origin === "tfjs-node" && looked.length === 0) return "not installed";
  if (looked.length === 0) return origin === "native.library" ? "not given" : "not set";
  return `none in ${looked.join(", ")}`;
}

function deviceText({ name, type, memoryBytes }: Device): string {
  const number = /(\d+)$/.exec(name)?.[1] ?? "0";
  // A CPU's figure is no fact: TensorFlow always says 256 MiB.
  return type === "CPU" ? "CPU" : `${type}:${number} (${(memoryBytes / 2 ** 30).toFixed(1)} GiB)`;
}

function engineLines({ engine, state, reason }: EngineReport, fine: string): readonly string[] {
  const said = { fine, refused: "no", crashed: "NO, it ends the process" }[state];
  return titled(engine, [`${said}: ${reason}`]);
}

function modelLines({ folder, engines }: NonNullable<Diagnosis["model"]>): readonly string[] {
  const signatures = engines.find(({ state }) => state === "fine")?.signatures ?? [];
  return [
    `The model in ${folder}:`,
    ...signatures.flatMap((signature) => titled("signature", [signature])),
    ...engines.flatMap((report) => engineLines(report, "yes")),
  ];
}

function titled(title: string, lines: readonly string[]): readonly string[] {
  return lines.map((line, at) => `  ${(at === 0 ? title : "").padEnd(WIDTH)}${line}`);
}
