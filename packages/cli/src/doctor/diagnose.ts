import {
  type Device,
  ENGINE_ORDER,
  type EngineName,
  type LibraryOrigin,
  type LibraryPlace,
} from "@servable/loader-tf/native";
import { adviceFor } from "./advice.js";
import type { PythonFinding } from "./ask-python.js";
import type { Probe, ProbeOutcome } from "./probe.js";

/** What doctor looks with. */
export interface DoctorParts {
  places(library?: string): readonly LibraryPlace[];
  askPython(): Promise<PythonFinding>;
  readonly probe: Probe;
  /** The folder of installed runtimes. */
  readonly runtimes: string;
}

/** What is to be looked at. */
export interface Question {
  readonly library: string | undefined;
  /** The folder of a SavedModel. */
  readonly folder: string | undefined;
  readonly tags: readonly string[];
}

/** A place where TensorFlow's library may lie, with what it is. */
export interface PlaceReport {
  /** `python3` is asked by doctor alone. */
  readonly origin: LibraryOrigin | "python3";
  readonly looked: readonly string[];
  readonly found?: string;
  readonly version?: string;
  readonly devices?: readonly Device[];
  /** Why the library that is there cannot be used. */
  readonly problem?: string;
}

/** Whether an engine can be had here, or can serve the model. */
export interface EngineReport {
  readonly engine: EngineName;
  readonly state: "fine" | "refused" | "crashed";
  readonly reason: string;
}

/** Whether an engine serves the model. */
export interface ModelReport extends EngineReport {
  readonly signatures: readonly string[];
}

/** All that doctor has found. */
export interface Diagnosis {
  readonly places: readonly PlaceReport[];
  /** Absent where there is no such command. */
  readonly pythonVersion?: string;
  readonly runtimes: string;
  readonly engines: readonly EngineReport[];
  /** What the engine `auto` would take, and why; no engine where looking for it would end the process. */
  readonly auto: { readonly engine?: EngineName; readonly because: string };
  readonly model?: { readonly folder: string; readonly engines: readonly ModelReport[] };
  readonly canServe: boolean;
  /** What to do, most important first. */
  readonly advice: readonly string[];
}

/** Looks at all places and tries all engines, one after another. */
export async function diagnose(question: Question, parts: DoctorParts): Promise<Diagnosis> {
  const { library, folder, tags } = question;
  const python = await parts.askPython();
  const places = await placeReports(parts.places(library), python, parts.probe);
  const engines: EngineReport[] = [];
  for (const engine of ENGINE_ORDER) {
    const outcome = await parts.probe({ kind: "engine", engine, library });
    engines.push({
      engine,
      state: outcome.state,
      reason: outcome.state === "fine" ? outcome.facts.because : outcome.message,
    });
  }
  const models: ModelReport[] = [];
  for (const { engine, state } of folder === undefined ? [] : engines) {
    if (state !== "fine" || folder === undefined) continue;
    models.push(modelReport(engine, await parts.probe({ kind: "model", engine, library, folder, tags })));
  }
  const found = {
    places,
    ...(python.state === "found" && { pythonVersion: python.version }),
    runtimes: parts.runtimes,
    engines,
    auto: autoChoice(engines),
    ...(folder !== undefined && { model: { folder, engines: models } }),
    canServe: (folder === undefined ? engines : models).some(({ state }) => state === "fine"),
  };
  return { ...found, advice: adviceFor(found) };
}

async function placeReports(
  places: readonly LibraryPlace[],
  python: PythonFinding,
  probe: Probe,
): Promise<readonly PlaceReport[]> {
  const ofPython = python.state === "found" ? python.library : undefined;
  const all: readonly (Omit<LibraryPlace, "origin"> & Pick<PlaceReport, "origin">)[] = [
    ...places,
    { origin: "python3", looked: [], found: ofPython },
  ];
  const reports: PlaceReport[] = [];
  /** Several places may have one library. */
  const known = new Map<string, Promise<ProbeOutcome<Pick<PlaceReport, "version" | "devices">>>>();
  for (const { origin, looked, found } of all) {
    if (found === undefined) {
      reports.push({ origin, looked });
      continue;
    }
    const asked = known.get(found) ?? probe({ kind: "library", path: found });
    known.set(found, asked);
    const outcome = await asked;
    if (outcome.state !== "fine") reports.push({ origin, looked, found, problem: outcome.message });
    else {
      const { version, devices } = outcome.facts;
      reports.push({ origin, looked, found, ...(version && { version }), ...(devices && { devices }) });
    }
  }
  return reports;
}

/** As the engine `auto` decides: the first that can be had. */
function autoChoice(engines: readonly EngineReport[]): Diagnosis["auto"] {
  const refusals: string[] = [];
  for (const { engine, state, reason } of engines) {
    if (state === "crashed") return { because: `looking for ${engine} would end the process: ${reason}` };
    if (state === "fine") return { engine, because: [reason, ...refusals].join("; ") };
    refusals.push(`not ${engine}, since ${reason}`);
  }
  return { because: `no engine can run here: ${refusals.join("; ")}` };
}

function modelReport(
  engine: EngineName,
  outcome: ProbeOutcome<{ readonly signatures: readonly string[] }>,
): ModelReport {
  if (outcome.state !== "fine") return { engine, state: outcome.state, reason: outcome.message, signatures: [] };
  return { engine, state: "fine", reason: "it can be served", signatures: outcome.facts.signatures };
}
