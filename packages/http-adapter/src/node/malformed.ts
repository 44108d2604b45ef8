import type { Socket } from "node:net";
import { errorAnswer } from "../answer.js";

const FAULTS: ReadonlyMap<string | undefined, readonly [number, string, string]> = new Map([
  ["HPE_HEADER_OVERFLOW", [431, "Request Header Fields Too Large", "the headers are too large"]],
  ["ERR_HTTP_REQUEST_TIMEOUT", [408, "Request Timeout", "the request did not come in time"]],
]);

/** Answers bytes that are no HTTP request, in the form of all other errors, and closes the connection. */
export function refuseMalformed(error: NodeJS.ErrnoException, socket: Socket): void {
  if (!socket.writable || error.code === "ECONNRESET") {
    socket.destroy();
    return;
  }
  const [status, phrase, message] = FAULTS.get(error.code) ?? [400, "Bad Request", `no HTTP request: ${error.message}`];
  const { body } = errorAnswer(status, message);
  const head = [
    `HTTP/1.1 ${status} ${phrase}`,
    "content-type: application/json",
    `content-length: ${Buffer.byteLength(body)}`,
    "connection: close",
  ];
  socket.write(`${head.join("\r\n")}\r\n\r\n`);
  socket.end(body);
}
