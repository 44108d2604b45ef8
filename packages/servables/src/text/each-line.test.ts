import { loadContext } from "@servable/core/testing";
import { expect, it } from "vitest";
import { memoryFiles } from "../testing/memory-files.js";
import { eachLine } from "./each-line.js";
import { decode } from "./utf8.js";

async function linesOf(text: string, maxLineBytes = 2 ** 20): Promise<{ lines: string[]; reads: number }> {
  const open = await memoryFiles({ t: text }).open(loadContext());
  const [entry] = await open.list();
  if (entry === undefined) throw new Error("there is no file");
  const lines: string[] = [];
  let reads = 0;
  let miscounted = 0;
  const files = { ...open, read: (...args: Parameters<typeof open.read>) => (reads++, open.read(...args)) };
  await eachLine({ files, entry, maxLineBytes }, loadContext(), (bytes, line) => {
    lines.push(decode(bytes));
    if (line !== lines.length) miscounted++;
  });
  expect(miscounted).toBe(0);
  return { lines, reads };
}

it("hands out the lines of a file that is read in chunks, also characters and CRLF that lie across two", async () => {
  for (const shift of [0, 1, 2, 3]) {
    const written = Array.from({ length: 300_000 }, (_, index) => `${index}äß€`);
    written.unshift("x".repeat(shift));
    const { lines, reads } = await linesOf(`${written.join("\r\n")}\r\n`);
    expect(reads).toBeGreaterThan(3);
    expect(lines.join("\n")).toBe(written.join("\n"));
  }
});

it("takes a line that is as long as may be, over several reads", async () => {
  const long = "y".repeat(3 * 2 ** 20);
  expect((await linesOf(`a\n${long}\nb`, 3 * 2 ** 20)).lines).toEqual(["a", long, "b"]);
  await expect(linesOf(`a\n${long}\nb`, 3 * 2 ** 20 - 1)).rejects.toThrow("t:2: the line is longer than 3145727 bytes");
});

it("has no line in an empty file, and one without text in one that ends a line", async () => {
  expect((await linesOf("")).lines).toEqual([]);
  expect((await linesOf("\n")).lines).toEqual([""]);
  expect((await linesOf("\u{feff}\r\n\u{feff}")).lines).toEqual(["", "\u{feff}"]);
});
