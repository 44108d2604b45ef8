// What one writes without a serving library: express, its JSON parser, and tfjs-node's predict.
import express from "express";
import { open } from "../lib/tfjs-node.mjs";

const [folder, packages] = process.argv.slice(2);
const predict = await open({ model: `${folder}/1`, packages });
const app = express();
app.use(express.json({ limit: "64mb" }));
app.post("/predict", (request, response) => {
  const { instances } = request.body;
  const values = predict(Float32Array.from(instances.flat(2)), [instances.length, 28, 28]);
  response.json({ predictions: instances.map((_, row) => Array.from(values.slice(10 * row, 10 * row + 10))) });
});
const server = app.listen(0, "127.0.0.1", () =>
  process.send({ url: `http://127.0.0.1:${server.address().port}/predict` }),
);
