import { type NamedTensors, ServingError, type Tensor } from "@servable/core";
import type { PendingCall } from "./pending-call.js";
import { sliceRows } from "./rows/concat-rows.js";
import { joinRows } from "./rows/join-rows.js";
import type { Part } from "./schedule/lane.js";

/** The inputs of one run, and how much of them is padding. */
export interface MergedInputs {
  readonly inputs: NamedTensors;
  readonly elements: number;
  readonly paddingElements: number;
}

/** Puts the inputs of several calls together, and adds rows up to `size`. A single call as it is is not copied. */
export function mergeInputs(parts: readonly Part<PendingCall>[], size: number): MergedInputs {
  const rows = parts.reduce((sum, part) => sum + part.rows, 0);
  let [elements, given] = [0, 0];
  const merge = (name: string): Tensor => {
    const tensors = parts.map((part) => rowsOf(part, name));
    given += tensors.reduce((sum, { data }) => sum + data.length, 0);
    const merged = joinRows(tensors, size - rows);
    elements += merged.data.length;
    return merged;
  };
  const names = Object.keys(parts[0]?.request.inputs ?? {});
  const inputs = Object.fromEntries(names.map((name) => [name, merge(name)]));
  return { inputs, elements, paddingElements: elements - given };
}

function rowsOf({ request, start, rows }: Part<PendingCall>, name: string): Tensor {
  const tensor = request.inputs[name];
  if (tensor === undefined) throw new ServingError("INTERNAL", `input ${name} is missing in a batch`);
  return rows === request.rows ? tensor : sliceRows(tensor, start, rows);
}
