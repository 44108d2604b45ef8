// A process that serves one model until its first answer: node first-answer.mjs OPTIONS SHAPE. Prints how long that took.
import { createManager, loadWith } from "@servable/core";
import { savedModel } from "@servable/loader-tf";
import { fsSource } from "@servable/source-fs";
import { s3Source } from "@servable/source-s3";

const [options, shape] = process.argv.slice(2).map((text) => JSON.parse(text));
const start = performance.now();
const source = options.path === undefined ? s3Source(options) : fsSource(options);
const manager = createManager({ source: source.pipe(loadWith(savedModel())) });
await manager.whenAvailable("model");
const images = { dtype: "float32", shape, data: new Float32Array(shape.reduce((size, each) => size * each, 1)) };
await manager.use("model", (model) => {
  const [input] = Object.keys(model.signatures.serving_default.inputs);
  return model.predict({ [input]: images });
});
console.log(JSON.stringify({ milliseconds: performance.now() - start }));
await manager.close();
process.exit(0);
