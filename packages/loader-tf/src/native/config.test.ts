import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { checkSessionOptions, configOf, runOptionsOf, type SessionOptions } from "./config.js";

interface Golden {
  readonly message: "ConfigProto" | "RunOptions";
  readonly options: SessionOptions & { readonly timeoutMs?: number };
  readonly bytes: string;
}

const goldens = JSON.parse(
  readFileSync(new URL("../../test-data/config.json", import.meta.url), "utf8"),
) as readonly Golden[];

describe("session options", () => {
  it.each(goldens)("$message of $options are TensorFlow's own bytes", ({ message, options, bytes }) => {
    const { timeoutMs = Number.POSITIVE_INFINITY, ...session } = options;
    const found =
      message === "ConfigProto" ? configOf(session) : runOptionsOf({ interOpThreads: 1, ...session }, timeoutMs);
    expect(Buffer.from(found ?? []).toString("hex")).toBe(bytes);
  });

  it("no run has a time limit of its own on the caller's thread, or without a limit", () => {
    expect(runOptionsOf({}, 1_000)).toBeUndefined();
    expect(runOptionsOf({ interOpThreads: 2 }, Number.POSITIVE_INFINITY)).toBeUndefined();
  });

  it.each<[SessionOptions, string]>([
    [{ intraOpThreads: 0 }, "native.intraOpThreads"],
    [{ interOpThreads: -1 }, "native.interOpThreads"],
    [{ xlaLevel: 3 as never }, "native.xlaLevel"],
    [{ gpu: { memoryFraction: 0 } }, "native.gpu.memoryFraction"],
    [{ gpu: { memoryFraction: 1.1 } }, "native.gpu.memoryFraction"],
    [{ gpu: { memoryFraction: Number.NaN } }, "native.gpu.memoryFraction"],
    [{ gpu: { visibleDevices: [0.5] } }, "native.gpu.visibleDevices"],
  ])("refuses %j by name", (options, name) => {
    expect(() => checkSessionOptions(options)).toThrow(name);
  });
});
