import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** What a proxy does to what a server answers; all at random, by a seed. */
export type Fault = "none" | "latency" | "reset" | "truncate" | "flip" | "error" | "stall";

/** A proxy that can be told to spoil what it passes on. */
export interface FaultProxy extends AsyncDisposable {
  readonly endpoint: string;
  /** Which fault strikes the next connection's answer. */
  next: () => Fault;
}

/** Puts a proxy before a server, at the level of TCP; `random` gives numbers from 0 to 1. */
export async function faultProxy(port: number, random: () => number): Promise<FaultProxy> {
  const sockets = new Set<Socket>();
  const proxy = { next: (): Fault => "none" };
  const server = createServer((client) => {
    const upstream = connect(port, "127.0.0.1");
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => {
        sockets.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    let fault: Fault = "none";
    let left = 0;
    client.on("data", (request) => {
      // A new request on this connection: anything may happen to its answer.
      fault = proxy.next();
      left = Math.floor(random() * 6_000);
      if (fault === "error") {
        const [status, code] =
          random() < 0.5 ? ["500 Internal Server Error", "InternalError"] : ["503 Slow Down", "SlowDown"];
        const body = `<Error><Code>${code}</Code></Error>`;
        client.end(
          `HTTP/1.1 ${status}\r\nContent-Type: application/xml\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`,
        );
        return;
      }
      upstream.write(request);
    });
    upstream.on("data", (chunk) => {
      const bytes = Buffer.from(chunk);
      const strikes = left < bytes.length;
      left -= bytes.length;
      if (fault === "none" || !strikes) return void client.write(bytes);
      const at = Math.max(0, bytes.length + left);
      switch (fault) {
        case "latency":
          setTimeout(() => client.write(bytes), 20);
          return;
        case "reset":
          client.write(bytes.subarray(0, at));
          client.resetAndDestroy();
          return;
        case "truncate":
          client.end(bytes.subarray(0, at));
          return;
        case "stall":
          client.write(bytes.subarray(0, at));
          upstream.pause();
          return;
        case "flip": {
          // Headers may not be touched: a server would not have sent them.
          const body = bytes.indexOf("\r\n\r\n") + 4;
          const place = Math.max(at, body);
          if (place < bytes.length) bytes[place] = (bytes[place] ?? 0) ^ 0x10;
          fault = "none";
          client.write(bytes);
          return;
        }
        case "error":
          return;
      }
    });
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get next() {
      return proxy.next;
    },
    set next(next) {
      proxy.next = next;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
