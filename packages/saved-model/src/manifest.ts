import type { ListedFile } from "./completeness.js";
import { SavedModelError } from "./saved-model-error.js";

/** The file that says what else belongs to a version; it is written last. */
export const MANIFEST_FILE = "servable.json";

/** A file as a manifest promises it. */
export interface ManifestFile extends ListedFile {
  /** SHA-256 of its bytes, as 64 hexadecimal digits. */
  readonly sha256: string;
}

/** All files of a version, apart from the manifest. */
export interface Manifest {
  readonly files: readonly ManifestFile[];
}

const FORMAT = 1;

/** A manifest as it is stored: `{"servable": 1, "files": [{"name", "sizeBytes", "sha256"}]}`. */
export function formatManifest({ files }: Manifest): string {
  const sorted = [...files].sort((a, b) => (a.name < b.name ? -1 : 1));
  const rows = sorted.map(({ name, sizeBytes, sha256 }) => ({ name, sizeBytes, sha256 }));
  return `${JSON.stringify({ servable: FORMAT, files: rows }, undefined, 2)}\n`;
}

/**
 * Reads a manifest.
 * @throws SavedModelError DATA_LOSS if it is none, or names a file that would lie outside the version
 */
export function parseManifest(bytes: Uint8Array): Manifest {
  const { servable, files } = record(parseJson(bytes), "it");
  if (servable !== FORMAT) throw malformed(`"servable" must be ${FORMAT}, the format, got ${JSON.stringify(servable)}`);
  if (!Array.isArray(files)) throw malformed('"files" must be a list');
  const parsed = files.map(parseFile);
  const twice = parsed.find(({ name }, index) => parsed.findIndex((other) => other.name === name) !== index);
  if (twice !== undefined) throw malformed(`${JSON.stringify(twice.name)} is listed twice`);
  return { files: parsed };
}

/** What a folder lacks of its manifest, as a sentence; undefined when everything is there. Other files may be there, too. */
export function missingFromManifest({ files }: Manifest, listed: readonly ListedFile[]): string | undefined {
  const sizes = new Map(listed.map(({ name, sizeBytes }) => [name, sizeBytes]));
  for (const { name, sizeBytes } of files) {
    const size = sizes.get(name);
    if (size === undefined) return `${name}, which ${MANIFEST_FILE} lists, is missing`;
    if (size !== sizeBytes) return `${name} has ${size} bytes, and ${MANIFEST_FILE} says ${sizeBytes}`;
  }
  return undefined;
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (error) {
    throw malformed("it is not JSON", error);
  }
}

function parseFile(value: unknown, index: number): ManifestFile {
  const where = `files[${index}]`;
  const { name, sizeBytes, sha256 } = record(value, where);
  if (typeof name !== "string" || !staysInside(name)) throw malformed(`${where}.name must be the name of a file`);
  if (!Number.isSafeInteger(sizeBytes) || Number(sizeBytes) < 0) throw malformed(`${where}.sizeBytes must be a size`);
  if (typeof sha256 !== "string" || !/^[0-9a-f]{64}$/.test(sha256)) {
    throw malformed(`${where}.sha256 must be 64 lower-case hexadecimal digits`);
  }
  return { name, sizeBytes: Number(sizeBytes), sha256 };
}

/** Whether a name, with `/` between its segments, names a file below the folder that it is relative to. */
export function staysInside(name: string): boolean {
  if (/[\0\\]/.test(name) || /^[A-Za-z]:/.test(name)) return false;
  return name.split("/").every((segment) => segment !== "" && segment !== "." && segment !== "..");
}

function record(value: unknown, where: string): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw malformed(`${where} must be an object`);
  return { ...value };
}

function malformed(text: string, cause?: unknown): SavedModelError {
  return new SavedModelError("DATA_LOSS", `${MANIFEST_FILE}: ${text}`, { cause });
}
