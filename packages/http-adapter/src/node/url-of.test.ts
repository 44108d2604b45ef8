import { expect, it } from "vitest";
import { urlOf } from "./url-of.js";

it.each([
  ["127.0.0.1", "http://127.0.0.1:1"],
  ["::1", "http://[::1]:1"],
  ["fe80::1", "http://[fe80::1]:1"],
  ["example.org", "http://example.org:1"],
  ["0.0.0.0", "http://localhost:1"],
  ["::", "http://localhost:1"],
])("reaches a server that listens on %s at %s", (host, url) => {
  expect(urlOf(host, 1)).toBe(url);
  expect(new URL(url).port).toBe("1");
});
