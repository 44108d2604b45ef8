import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { operationsPage } from "../../testing/operations-page.js";

it("docs/portable-ops.md lists what the kernels can do", async () => {
  const page = fileURLToPath(new URL("../../../../../docs/portable-ops.md", import.meta.url));
  await expect(operationsPage()).toMatchFileSnapshot(page);
});
