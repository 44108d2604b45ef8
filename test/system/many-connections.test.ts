import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { Agent, request } from "node:http";
import { connect, type Socket } from "node:net";
import { createManager, type Loader, makeTensor, type Predictor } from "@servable/core";
import { listen } from "@servable/http-adapter/node";
import { Subject } from "rxjs";
import { describe, expect, it } from "vitest";
import { ask, basePath, serve } from "./command.js";

const NIGHTLY = process.env["SERVABLE_NIGHTLY"] === "1";

interface Reply {
  readonly status: number | undefined;
  readonly text: string;
}

/** One request on a connection of the agent's. */
function post(url: string, agent: Agent, body: string): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const headers = { "content-length": body.length };
    const sent = request(url, { method: "POST", agent, headers }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk: string) => {
        text += chunk;
      });
      response.on("end", () => resolve({ status: response.statusCode, text }));
      response.on("error", reject);
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

/** A version that adds its number, and is of no use once it is unloaded. */
function adder(version: number): Loader<Predictor> {
  return {
    async load() {
      let isLoaded = true;
      const spec = { x: { dtype: "float32", shape: [-1] } } as const;
      const servable: Predictor = {
        signatures: { serving_default: { inputs: spec, outputs: spec, methodName: "" } },
        async predict({ x }) {
          // In its turn, so that swaps meet calls that are under way.
          await new Promise(setImmediate);
          if (!isLoaded) throw new Error(`version ${version} was called after it was unloaded`);
          return { x: makeTensor("float32", [1], Float32Array.of(Number(x?.data[0]) + version)) };
        },
      };
      return {
        servable,
        async [Symbol.asyncDispose]() {
          isLoaded = false;
        },
      };
    },
  };
}

it(
  "versions are swapped under 64 connections, and no request fails",
  async () => {
    const [swaps, everyMs, atLeast] = NIGHTLY ? [150, 2_000, 1_000_000] : [15, 2_000, 1_000];
    const lists = new Subject<{ name: string; versions: { version: number; data: Loader<Predictor> }[] }>();
    await using manager = createManager({ code: lists });
    let version = 0;
    const swap = (): void => {
      version++;
      lists.next({ name: "m", versions: [{ version, data: adder(version) }] });
    };
    swap();
    await manager.whenAvailable("m");
    await using server = await listen(manager, { port: 0 });
    const timer = setInterval(swap, everyMs);
    const agent = new Agent({ keepAlive: true, maxSockets: 64 });
    const failed: unknown[] = [];
    let answered = 0;
    const isDone = (): boolean => version >= swaps && answered >= atLeast;
    const client = async (): Promise<void> => {
      while (!isDone()) {
        const earliest = version - 1;
        const reply = await post(`${server.url}/v1/models/m:predict`, agent, '{"instances":[0.5]}');
        const [, value = "0"] = /^\{"predictions":\[(\d+\.5)\]\}$/.exec(reply.text) ?? [];
        // Whoever asks gets the present version, the next one, or the one that it replaces.
        const isRight = reply.status === 200 && Number(value) - 0.5 >= earliest && Number(value) - 0.5 <= version;
        if (!isRight) failed.push(reply);
        answered++;
      }
    };
    await Promise.all(Array.from({ length: 64 }, client)).finally(() => clearInterval(timer));
    agent.destroy();
    expect(failed).toEqual([]);
    expect(answered).toBeGreaterThanOrEqual(atLeast);
  },
  NIGHTLY ? 1_200_000 : 60_000,
);

describe("idle connections", () => {
  it("by the thousand cost memory that is bounded, and nobody waits behind them", async () => {
    const limit = Number(execFileSync("sh", ["-c", "ulimit -n"], { encoding: "utf8" })) || 10_500;
    const count = Math.min(10_000, limit - 500);
    await using base = await basePath();
    await base.add("half_plus_two/1");
    const { server, url } = await serve(base);
    await using _ = server;
    const memory = (): number =>
      process.platform === "linux"
        ? Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${server.pid}/status`, "utf8"))?.[1]) * 1_024
        : 0;
    const before = memory();
    const { port } = new URL(url);
    const sockets: Socket[] = [];
    // Some at a time: the system's queue of connections that nobody has taken yet is short.
    while (sockets.length < count) {
      const next = Array.from({ length: Math.min(100, count - sockets.length) }, () =>
        connect(Number(port), "127.0.0.1"),
      );
      await Promise.all(
        next.map((socket) => new Promise((resolve, reject) => socket.on("connect", resolve).on("error", reject))),
      );
      sockets.push(...next);
    }
    // Half of a request, so that they are not merely open.
    for (const socket of sockets.slice(0, 500)) socket.write("POST /v1/models/m:predict HTTP/1.1\r\nhost: h\r\n");
    expect((await ask(`${url}:predict`, { instances: [2] })).json).toEqual({ predictions: [3] });
    expect((memory() - before) / count).toBeLessThan(30_000);
    for (const socket of sockets) socket.destroy();
    expect((await ask(`${url}:predict`, { instances: [2] })).json).toEqual({ predictions: [3] });
    server.signal("SIGTERM");
    expect(await server.ended).toBe(0);
  });
});
