// What core adds to a page: minified, compressed, without rxjs. Run after a build; fails beyond the limits.
import { brotliCompressSync, gzipSync } from "node:zlib";
import { build } from "esbuild";
import { root } from "./workspace.mjs";

// The manager is what an app imports; the whole package holds sources, tensors and adapters that bundlers leave out
// where they are not used.
const CASES = [
  { title: "createManager", names: "{ createManager }", limitBytes: 12 * 1_024 },
  { title: "all of @servable/core", names: "*", limitBytes: 17 * 1_024 },
];

let ok = true;
for (const { title, names, limitBytes } of CASES) {
  const contents = `export ${names} from "./packages/core/dist/index.js"`;
  const options = { bundle: true, minify: true, format: "esm", target: "es2022", external: ["rxjs"], write: false };
  const { outputFiles } = await build({ stdin: { contents, resolveDir: root }, ...options });
  const [{ contents: bytes }] = outputFiles;
  const [brotli, gzip] = [brotliCompressSync(bytes).length, gzipSync(bytes, { level: 9 }).length];
  console.log(
    `${title}: ${bytes.length} bytes minified, ${gzip} with gzip, ${brotli} with brotli, limit ${limitBytes}`,
  );
  ok &&= brotli <= limitBytes;
}
if (!ok) console.error("core has grown beyond its limit: say what for, or take it out");
process.exit(ok ? 0 : 1);
