import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** What a server gives out: by path, the body and its type. */
export type Site = Readonly<Record<string, { readonly type: string; readonly body: string | Uint8Array }>>;

/** Opens `/` of a site in a headless Chromium; resolves to the JSON that its page posts to `/result`. */
export async function runPage(chromium: string, site: Site): Promise<unknown> {
  const { promise: answered, resolve: answer } = withResolvers<string>();
  const server = createServer((request, response) => {
    if (request.method === "POST" && request.url === "/result") {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        response.end();
        answer(Buffer.concat(chunks).toString());
      });
      return;
    }
    const file = site[request.url ?? ""];
    response.statusCode = file === undefined ? 404 : 200;
    if (file !== undefined) response.setHeader("content-type", file.type);
    response.end(file?.body);
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const profile = await mkdtemp(join(tmpdir(), "servable-chromium-"));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  // Its sandbox needs rights that containers do not give.
  const flags = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"];
  const browser = spawn(chromium, [...flags, `--user-data-dir=${profile}`, url], { stdio: "ignore" });
  const exited = once(browser, "exit");
  try {
    const early = exited.then(() => {
      throw new Error(`${chromium} ended before the page answered`);
    });
    return JSON.parse(await Promise.race([answered, early]));
  } finally {
    browser.kill();
    await exited;
    server.closeAllConnections();
    server.close();
    await rm(profile, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Promise.withResolvers, which Node 20 lacks. */
function withResolvers<T>(): { readonly promise: Promise<T>; readonly resolve: (value: T) => void } {
  const parts: { resolve?: (value: T) => void } = {};
  const promise = new Promise<T>((resolve) => Object.assign(parts, { resolve }));
  return { promise, resolve: (value) => parts.resolve?.(value) };
}
