import { type ManagerEvent, ServingError } from "@servable/core";
import { expect, it } from "vitest";
import { narrate } from "./narrate.js";

const base = { id: { name: "m", version: 2 }, atMs: 0 };
const error = new ServingError("LOAD_FAILED", "m/2: no room");

it.each<[ManagerEvent, string | undefined]>([
  [{ ...base, type: "version-started" }, undefined],
  [{ ...base, type: "version-loading", attempt: 1 }, "m/2: loading"],
  [{ ...base, type: "version-loading", attempt: 3 }, "m/2: loading, attempt 3"],
  [
    { ...base, type: "load-progressed", progress: { stage: "read", done: 1, total: 3, unit: "bytes" } },
    "m/2: read 33 % of 3 bytes",
  ],
  [{ ...base, type: "load-progressed", progress: { stage: "compile" } }, "m/2: compile"],
  [{ ...base, type: "load-failed", attempt: 1, error, retryInMs: 1_500 }, "! m/2: no room; trying again in 1.5 s"],
  [{ ...base, type: "version-available", durationMs: 1_234 }, "m/2: available after 1.23 s"],
  [{ ...base, type: "version-unloading", reason: "no longer wanted" }, "m/2: unloading (no longer wanted)"],
  [{ ...base, type: "drain-overdue", handles: 2, takenAt: [] }, "! m/2: is to be unloaded and still held by 2 handles"],
  [{ ...base, type: "version-ended" }, "m/2: unloaded"],
  [{ ...base, type: "version-ended", error }, "! m/2: no room"],
  [{ ...base, type: "version-ended", error: new ServingError("CANCELLED", "m/2: not wanted") }, "m/2: not wanted"],
  [{ type: "source-failed", source: "s", error, atMs: 0 }, "! m/2: no room"],
  [{ type: "list-refused", source: "s", error, atMs: 0 }, "! m/2: no room"],
  [{ type: "label-moved", name: "m", label: "stable", version: 2, atMs: 0 }, "m: label stable points to version 2"],
  [{ type: "label-moved", name: "m", label: "stable", previous: 2, atMs: 0 }, "m: label stable is taken away"],
  [{ type: "source-completed", source: "s", atMs: 0 }, undefined],
])("%o", (event, expected) => {
  const line = narrate(event);
  expect(line && `${line.trouble ? "! " : ""}${line.text}`).toBe(expected);
});
