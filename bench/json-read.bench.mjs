// Bodies of predict calls, from a Buffer to a tensor: RequestBody as the adapter uses it, against JSON.parse and what makes
// a Float32Array of nested lists.
import { alternate, report } from "./lib/measure.mjs";
import { processorTime, sourceModule } from "./lib/source-module.mjs";

const ROUNDS = 15;
const { RequestBody } = await sourceModule("http-adapter/src/json/request-body.ts");
const signature = { inputs: { images: { dtype: "float32", shape: undefined } }, outputs: {}, methodName: "" };
const { signal } = new AbortController();

function bodyOf(shape, digits) {
  const nested = ([size, ...rest]) =>
    Array.from({ length: size }, () => {
      if (rest.length > 0) return nested(rest);
      return digits === 17 ? Math.random() : Number(Math.random().toFixed(digits));
    });
  return Buffer.from(JSON.stringify({ instances: nested(shape) }));
}

const ours = async (body) => (await new RequestBody(body).inputs(signature, signal)).images.data;

function byLoops(body, shape) {
  const { instances } = JSON.parse(body.toString());
  const data = new Float32Array(shape.reduce((all, size) => all * size, 1));
  let at = 0;
  for (const image of instances) {
    for (const row of image) {
      for (const pixel of row) {
        if (typeof pixel === "number") data[at++] = pixel;
        else for (const channel of pixel) data[at++] = channel;
      }
    }
  }
  return data;
}

const byFlat = (body) => Float32Array.from(JSON.parse(body.toString()).instances.flat(Number.POSITIVE_INFINITY));

const results = [];
for (const shape of [
  [32, 28, 28],
  [1, 224, 224, 3],
]) {
  for (const digits of [6, 17]) {
    const body = bodyOf(shape, digits);
    const name = `${shape.join("×")}, ${digits} digits`;
    for (const [rivalName, rival, target] of [
      ["JSON.parse and nested loops", () => byLoops(body, shape), 2],
      ["JSON.parse and flat(Infinity)", () => byFlat(body), 5],
    ]) {
      const [read, wanted] = [await ours(body), rival()];
      if (read.length !== wanted.length || read.some((value, at) => value !== wanted[at])) throw new Error("differs");
      for (let round = 0; round < 3; round++) await processorTime(() => ours(body)).then(() => processorTime(rival));
      const times = await alternate({
        rounds: ROUNDS,
        ours: async () => 1_000 / (await processorTime(() => ours(body))),
        rival: async () => 1_000 / (await processorTime(rival)),
      });
      results.push(report({ bench: "json-read", name, rivalName, unit: "bodies/s", sense: ">=", target, ...times }));
    }
  }
}
process.exit(results.every(Boolean) ? 0 : 1);
