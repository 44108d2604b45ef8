import { connect, type Socket } from "node:net";

/** A connection that a test writes bytes to and reads text from. */
export interface RawClient {
  readonly socket: Socket;
  send(text: string): void;
  /** Resolves with all text so far once it holds `wanted`, `times` times; rejects if the connection ends before. */
  until(wanted: string, times?: number): Promise<string>;
  /** Resolves with all text once the server has closed the connection, in whatever way. */
  ended(): Promise<string>;
}

/** Connects to a server on this machine. */
export async function rawClient(port: number): Promise<RawClient> {
  const socket = connect(port, "127.0.0.1");
  let text = "";
  let over = false;
  const waiting = new Set<() => void>();
  const look = (): void => {
    for (const each of waiting) each();
  };
  socket.on("data", (chunk: Buffer) => {
    text += chunk.toString("latin1");
    look();
  });
  socket.on("error", () => {});
  socket.on("close", () => {
    over = true;
    look();
  });
  await new Promise<void>((resolve) => socket.once("connect", resolve));
  const wait = (isThere: () => boolean): Promise<string> =>
    new Promise((resolve, reject) => {
      const check = (): void => {
        if (!isThere() && !over) return;
        waiting.delete(check);
        if (isThere()) resolve(text);
        else reject(new Error(`the connection ended after: ${text}`));
      };
      waiting.add(check);
      check();
    });
  return {
    socket,
    send: (bytes) => void socket.write(bytes),
    until: (wanted, times = 1) => wait(() => text.split(wanted).length > times),
    ended: () => wait(() => over),
  };
}
