// What both servers serve: the same files, the same engine, the same number of threads.
import { fileURLToPath } from "node:url";
import { savedModel } from "@servable/loader-tf";

export const folder = fileURLToPath(new URL("../../fixtures/mnist", import.meta.url));
export const loader = savedModel({ threads: 1 });
