import { type Answer, errorAnswer } from "./answer.js";
import type { Exchange } from "./exchange.js";
import type { Authorize, RequestHead } from "./options.js";
import type { Route } from "./route.js";

/** A request whose route is known. */
export interface Judged {
  readonly exchange: Exchange;
  readonly route: Route;
}

/** What a request that the app does not allow is answered; undefined for one that it does. */
export async function refusalOf(authorize: Authorize, { exchange, route }: Judged): Promise<Answer | undefined> {
  const head: RequestHead = {
    method: exchange.method,
    path: exchange.path,
    kind: route.kind,
    model: "spec" in route ? route.spec.model : undefined,
    header: (name) => exchange.header(name),
  };
  switch (await authorize(head)) {
    case "allowed":
      return undefined;
    case "unauthenticated":
      return errorAnswer(401, "who asks is not known; send credentials", { "www-authenticate": "Bearer" });
    case "forbidden":
      return errorAnswer(403, "this is not allowed to who asks");
  }
}
