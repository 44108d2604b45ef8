// Prints the milliseconds from a folder to the first answer; the library is there, its worker thread is not.
import { load, oneImage } from "../lib/keras-application.mjs";

const start = performance.now();
const loaded = await load(process.argv[2]);
await loaded.servable.predict(oneImage(loaded));
console.log(performance.now() - start);
await loaded[Symbol.asyncDispose]();
