import { describe, expect, it } from "vitest";
import { progressLines } from "./progress-lines.js";

const bytes = (done: number, total: number) => ({ stage: "download", done, total, unit: "bytes" }) as const;

describe("lines of progress", () => {
  it("come at each tenth, with a bar", () => {
    const tell = progressLines();
    const lines = Array.from({ length: 101 }, (_, percent) => tell("m/1", bytes(percent * 1e6, 1e8)));
    const told = lines.filter((line) => line !== undefined);
    expect(told).toHaveLength(11);
    expect(told[0]).toBe("m/1: download [....................] 0 % of 100.0 MB");
    expect(told[5]).toBe("m/1: download [##########..........] 50 % of 100.0 MB");
    expect(told[10]).toBe("m/1: download [####################] 100 % of 100.0 MB");
  });

  it("are those of each model, and of each try", () => {
    const tell = progressLines();
    expect(tell("a/1", bytes(5, 10))).toContain("50 % of 0.0 kB");
    expect(tell("b/1", bytes(5, 10))).toContain("b/1");
    expect(tell("a/1", bytes(5, 10))).toBeUndefined();
    expect(tell("a/1", bytes(0, 10))).toContain(" 0 %");
  });

  it("take a model without bytes, and one whose size is not known", () => {
    const tell = progressLines();
    expect(tell("m", bytes(0, 0))).toContain("100 % of 0.0 kB");
    expect(tell("m", { stage: "download", done: 5, unit: "bytes" })).toBeUndefined();
    expect(tell("n", bytes(3e9, 3e9))).toContain("of 3.00 GB");
  });
});
