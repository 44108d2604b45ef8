export { createHttpHandler } from "./create-http-handler.js";
export type { HttpOptions } from "./options.js";
