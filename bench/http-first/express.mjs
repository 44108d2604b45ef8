// What one writes without a serving library: express, its JSON parser, and the engine called by hand.
import { toNested } from "@servable/core";
import { folderFiles } from "@servable/source-fs";
import express from "express";
import { folder, loader } from "./model.mjs";

const context = { id: { name: "mnist", version: 2 }, signal: new AbortController().signal, report: () => {} };
const { servable } = await loader(folderFiles(`${folder}/2`)).load(context);
const app = express();
app.use(express.json({ limit: "64mb" }));
// oxlint-disable-next-line oxc/no-async-endpoint-handlers -- express 5 takes promises
app.post("/predict", async (request, response) => {
  const { probabilities } = await servable.predict({ images: request.body.instances });
  response.json({ predictions: toNested(probabilities) });
});
const server = app.listen(0, "127.0.0.1", () =>
  process.send({ url: `http://127.0.0.1:${server.address().port}/predict` }),
);
