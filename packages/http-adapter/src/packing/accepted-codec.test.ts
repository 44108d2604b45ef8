import { describe, expect, it } from "vitest";
import { NODE_CODECS } from "../node/node-codecs.js";
import { acceptedCodec } from "./accepted-codec.js";
import { WEB_CODECS } from "./web-codecs.js";

describe("acceptedCodec", () => {
  it.each([
    [undefined, undefined],
    ["", undefined],
    ["identity", undefined],
    ["gzip", "gzip"],
    ["x-gzip", "gzip"],
    ["GZip ; Q=0.5", "gzip"],
    ["br", "br"],
    ["gzip, deflate, br", "br"],
    ["gzip;q=1.0, br;q=0.5", "gzip"],
    ["gzip;q=0, br;q=0", undefined],
    ["*", "br"],
    ["*;q=0.5, br;q=0", "gzip"],
    ["*;q=0", undefined],
    ["deflate, zstd", undefined],
    ["gzip;q=0.5, identity", undefined],
    ["gzip;q=0.5, identity;q=0.1", "gzip"],
    ["gzip;q=2", undefined],
    ["gzip;q=none", undefined],
    ["gzip;level=9;q=0.3", "gzip"],
    [",,;q=1,gzip", "gzip"],
  ])("of %o is %o", (header, name) => {
    expect(acceptedCodec(header, NODE_CODECS)?.name).toBe(name);
  });

  it("is one of those that there are", () => {
    expect(acceptedCodec("gzip;q=0.1, br", WEB_CODECS)?.name).toBe("gzip");
    expect(acceptedCodec("br", WEB_CODECS)).toBeUndefined();
  });
});
