export { createNodeHandler, type NodeHandler } from "./create-node-handler.js";
export { type HttpServer, type ListenOptions, listen, type ServerCloseOptions } from "./listen.js";
