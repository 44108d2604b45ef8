// The process that reads inputs. It may be ended at any time: the input that it reads lies in a file.
import { openSync, writeSync } from "node:fs";
import { Coverage } from "./coverage.js";
import { Fuzzer } from "./fuzzer.js";
import { MemoryLimit } from "./memory-limit.js";
import { minimise } from "./minimise.js";
import { check, Fault } from "./target.js";

const [name = "", seconds = "", seed = "", inputFile = ""] = process.argv.slice(2);
// Most inputs end in an error, and stacks take longer than all else.
Error.stackTraceLimit = 4;
const memory = new MemoryLimit();
memory.install();
// Not before: modules may keep the constructors that they find.
const { TARGETS } = await import("./targets/targets.js");
const target = TARGETS.find((each) => each.name === name);
if (target === undefined) throw new RangeError(`there is no target ${name}`);

const file = openSync(inputFile, "w");
const head = new DataView(new ArrayBuffer(8));
let last: Uint8Array = new Uint8Array(0);
let number = 0;

async function execute(input: Uint8Array): Promise<void> {
  last = input;
  head.setUint32(0, ++number);
  head.setUint32(4, input.length);
  writeSync(file, input, 0, input.length, 8);
  writeSync(file, new Uint8Array(head.buffer), 0, 8, 0);
  if (target === undefined) return;
  memory.reset();
  await check(target, input);
  memory.check();
}

async function fails(input: Uint8Array): Promise<boolean> {
  try {
    await execute(input);
    return false;
  } catch (error) {
    if (error instanceof Fault) return true;
    throw error;
  }
}

const folder = new URL(".", import.meta.url).href;
const coverage = new Coverage((url) => url.startsWith(folder) && url !== import.meta.url);
const fuzzer = new Fuzzer({ target, seed: Number(seed), coverage, execute });
const end = Date.now() + Number(seconds) * 1_000;
try {
  await fuzzer.begin();
  while (Date.now() < end) await fuzzer.step();
} catch (error) {
  if (!(error instanceof Fault)) throw error;
  const input = await minimise(last, fails);
  console.log(
    JSON.stringify({ ...fuzzer.progress, fault: error.message, input: Buffer.from(input).toString("base64") }),
  );
  process.exit(0);
}
console.log(JSON.stringify(fuzzer.progress));
process.exit(0);
