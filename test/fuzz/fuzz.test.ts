import { beforeAll, describe, expect, it } from "vitest";
import { buildFuzzer, fuzz } from "./fuzz.js";
import { TARGETS } from "./targets/targets.js";

/** Of each target. */
const SECONDS = Number(process.env.SERVABLE_FUZZ_SECONDS ?? (process.env.SERVABLE_NIGHTLY === "1" ? 3_600 : 120));

/** Time to begin with, and to make a found input small. */
const MARGIN_MS = 300_000;

beforeAll(buildFuzzer, MARGIN_MS);

describe(`hostile bytes, for ${SECONDS} seconds each, side by side`, () => {
  it.concurrent.each(TARGETS)(
    "do no harm as $name",
    async ({ name }) => {
      const seed = Math.trunc(Math.random() * 2 ** 31);
      const report = await fuzz(name, { seconds: SECONDS, seed });
      const { executions, corpus, blocks, fault, input } = report;
      console.info(`${name}: seed ${seed}, ${executions} inputs, ${corpus} kept, ${blocks} blocks reached`);
      expect({ fault, input }, `seed ${seed}; keep the input in test/fuzz/found/${name}`).toEqual({});
      expect(executions).toBeGreaterThan(SECONDS);
    },
    SECONDS * 1_000 + MARGIN_MS,
  );
});
