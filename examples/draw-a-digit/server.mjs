// Serves the page, the model and the kernels: `node server.mjs [PORT]`.
import { readdir, readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { dirname, extname } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const TYPES = { ".css": "text/css", ".html": "text/html", ".js": "text/javascript", ".wasm": "application/wasm" };
const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const packageFolder = (name) => dirname(fileURLToPath(import.meta.resolve(`${name}/package.json`)));

/**
 * Everything that the page asks for.
 * @returns {Promise<Readonly<Record<string, { type: string, body: Uint8Array }>>>} by path
 */
export async function site() {
  const engine = packageFolder("@servable/loader-tf");
  const kernels = packageFolder("@tensorflow/tfjs-backend-wasm");
  const { outputFiles } = await build({
    entryPoints: { page: here("page.mjs"), "portable-web-worker": `${engine}/dist/portable-web-worker.js` },
    outdir: "/",
    bundle: true,
    format: "esm",
    target: "es2022",
    minify: true,
    logLevel: "error",
    write: false,
  });
  const files = [
    ...outputFiles.map(({ path, contents }) => [path, contents]),
    ["/", await readFile(here("index.html"))],
    ["/style.css", await readFile(here("style.css"))],
    ...(await folder(`${kernels}/dist/`, "/", ".wasm")),
    ...(await folder(here("../../fixtures/mnist/"), "/models/mnist/", "")),
  ];
  const typeOf = (path) => (path === "/" ? "text/html" : (TYPES[extname(path)] ?? "application/octet-stream"));
  return Object.fromEntries(files.map(([path, body]) => [path, { type: typeOf(path), body }]));
}

async function folder(path, prefix, suffix) {
  const entries = await readdir(path, { withFileTypes: true, recursive: true });
  const names = entries
    .filter((entry) => entry.isFile() && entry.name.endsWith(suffix))
    .map((entry) => `${entry.parentPath}/${entry.name}`.slice(path.length).replaceAll("\\", "/").replace(/^\//, ""));
  return Promise.all(names.map(async (name) => [`${prefix}${name}`, await readFile(`${path}${name}`)]));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const files = await site();
  const server = createServer(({ url = "/" }, response) => {
    const file = files[new URL(url, "http://localhost").pathname];
    response.writeHead(file === undefined ? 404 : 200, { "content-type": file?.type ?? "text/plain" });
    response.end(file?.body ?? "There is no such file.");
  });
  server.listen(Number(process.argv[2] ?? 8080), () =>
    console.log(`Draw at http://localhost:${server.address().port}/`),
  );
  process.on("SIGINT", () => {
    server.close();
    server.closeAllConnections();
  });
}
