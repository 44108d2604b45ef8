import { expect, it } from "vitest";
import { entryBytes, indexOf, shapeProto } from "../testing/bundle-writer.js";
import { codeOf } from "../testing/files.js";
import { openBundle } from "./bundle.js";

const place = (offset: bigint, size: bigint): Uint8Array =>
  entryBytes("uint8", { offset, size, shape: shapeProto([size]) });

it.each([
  { title: "takes tensors that lie behind each other", second: place(8n, 8n), code: undefined },
  { title: "takes tensors without bytes anywhere", second: place(4n, 0n), code: undefined },
  {
    title: "refuses tensors that share bytes, of which few would become many",
    second: place(7n, 8n),
    code: "DATA_LOSS",
  },
])("$title", async ({ second, code }) => {
  const index = indexOf([
    ["a", place(0n, 8n)],
    ["b", second],
  ]);
  expect(await codeOf(() => openBundle(async () => index, "variables"))).toBe(code);
});
