export { createNodeHandler, type NodeHandler } from "./create-node-handler.js";
export { type HttpServer, listen, type ServerCloseOptions } from "./listen.js";
export type { ListenOptions } from "./listen-options.js";
