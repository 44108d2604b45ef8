// Writes src/gen from proto/. An argument names another folder to write into, for the test that compares.
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(fileURLToPath(import.meta.url));
const output = process.argv[2] ?? root;

execFileSync("buf", ["generate", "--output", output], { cwd: root, stdio: "inherit" });

// ts-proto's decoders take a zero for the end of a message, and go on where a message stopped short of its length or
// ran past it; so a file that ends in zeros reads as a smaller one. A message ends where its length says, or its bytes
// are not what was written.
const checkEnd = (end, indent) =>
  `${indent}if (reader.pos !== ${end}) {\n${indent}  throw new globalThis.Error("a length does not match what it covers");\n${indent}}\n`;

const folder = join(output, "src/gen");
for (const name of readdirSync(folder)) {
  const path = join(folder, name);
  const generated = readFileSync(path, "utf8");
  const checked = generated
    .replace(
      /(if \(\(tag & 7\) === 4 \|\| tag === 0\) \{\n *)break;/g,
      '$1throw new globalThis.Error("a field without a number, or the end of a group that never began");',
    )
    .replace(/^( *)return message;\n(?= *\} finally)/gm, (line, indent) => `${checkEnd("end", indent)}${line}`)
    .replace(
      /^( *)while \(reader\.pos < end2\) \{\n.*\n *\}\n/gm,
      (loop, indent) => `${loop}${checkEnd("end2", indent)}`,
    );
  const decoders = generated.match(/ decode\(input: BinaryReader/g)?.length ?? 0;
  const packed = generated.match(/end2 = /g)?.length ?? 0;
  const inserted = checked.match(/if \(reader\.pos !== end2?\)|throw .*"a field without/g)?.length ?? 0;
  // One decoder signature more than decoders: the interface that all of them share ends in ";" and has no body.
  const wanted = 2 * (decoders - 1) + packed;
  if (inserted !== wanted) throw new Error(`${name}: ${inserted} checks of ${wanted}; has ts-proto's output changed?`);
  writeFileSync(path, checked);
}
