import { type Manager, makeTensor, type Predictor } from "@servable/core";
import { createHttpHandler } from "../create-http-handler.js";
import type { HttpOptions } from "../options.js";
import { fakePredictor } from "./served.js";

/** Answers `x / 2 + 2`, for any shape. */
export const half: Predictor = fakePredictor(
  { x: ["float32", undefined] },
  { y: ["float32", undefined] },
  async ({ x }) => ({
    y: makeTensor(
      "float32",
      x?.shape ?? [],
      Float32Array.from(x?.data as Float32Array, (value) => value / 2 + 2),
    ),
  }),
);

/** What came back, read. */
export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** One request to a new handler. */
export async function ask(
  manager: Manager,
  path: string,
  request: RequestInit & { options?: HttpOptions } = {},
): Promise<Reply> {
  const handler = createHttpHandler(manager, request.options);
  const response = await handler(new Request(`http://host${path}`, request));
  return { status: response.status, headers: response.headers, text: await response.text() };
}

/** A request that posts `body`, as JSON unless it is text. */
export const post = (body: string | object, more: RequestInit = {}): RequestInit => ({
  method: "POST",
  body: typeof body === "string" ? body : JSON.stringify(body),
  ...more,
});
