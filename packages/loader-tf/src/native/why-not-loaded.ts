import { open } from "node:fs/promises";

/** ELF's numbers for processors. */
const ELF_MACHINES: Readonly<Record<number, string>> = {
  3: "ia32",
  40: "arm",
  62: "x64",
  183: "arm64",
  243: "riscv64",
};

/** Mach-O's numbers for processors, of files for one. */
const MACH_O_MACHINES: Readonly<Record<number, string>> = { 0x0100_0007: "x64", 0x0100_000c: "arm64" };

/** PE's numbers for processors. */
const PE_MACHINES: Readonly<Record<number, string>> = { 0x014c: "ia32", 0x8664: "x64", 0xaa64: "arm64" };

/** Says why a library could not be used, and what to do; `error` is what the attempt threw. */
export async function whyNotLoaded(path: string, error: unknown): Promise<string> {
  const reason = error instanceof Error ? error.message : String(error);
  const header = await headerOf(path);
  const format = header && formatOf(header);
  if (format === undefined) return `${path} is no library of this system; name TensorFlow's C library (${reason})`;
  const { machine } = format;
  if (machine !== undefined && machine !== process.arch) {
    return `${path} is for ${machine}, and this Node for ${process.arch}; take TensorFlow for ${process.arch} (${reason})`;
  }
  const [, missing] =
    /(?:^|: )(\S+): cannot open shared object file/.exec(reason) ?? /Library not loaded: (\S+)/.exec(reason) ?? [];
  if (missing !== undefined && missing !== path) {
    return `${path} needs ${missing}, which is not beside it; keep all libraries of TensorFlow together (${reason})`;
  }
  const [, symbol] = /['"\s](TF_\w+)/.exec(` ${reason}`) ?? [];
  if (symbol !== undefined) {
    return `${path} lacks ${symbol} of TensorFlow's C API; take TensorFlow 2.12 or newer (${reason})`;
  }
  return `${path} cannot be loaded: ${reason}`;
}

async function headerOf(path: string): Promise<Buffer | undefined> {
  try {
    await using file = await open(path);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(4096), 0, 4096, 0);
    return buffer.subarray(0, bytesRead);
  } catch {
    return undefined;
  }
}

interface Format {
  /** As Node calls it; undefined for one that is not known, and for files for several. */
  readonly machine: string | undefined;
}

function formatOf(header: Buffer): Format | undefined {
  if (header.length < 64) return undefined;
  if (header.readUInt32BE(0) === 0x7f45_4c46) {
    const machine = header[5] === 2 ? header.readUInt16BE(18) : header.readUInt16LE(18);
    return { machine: ELF_MACHINES[machine] };
  }
  if (header.readUInt32LE(0) === 0xfeed_facf) return { machine: MACH_O_MACHINES[header.readUInt32LE(4)] };
  if (header.readUInt32BE(0) === 0xcafe_babe) return { machine: undefined };
  if (header.toString("latin1", 0, 2) !== "MZ") return undefined;
  const start = header.readUInt32LE(60);
  const isWhole = start + 6 <= header.length && header.toString("latin1", start, start + 2) === "PE";
  return { machine: isWhole ? PE_MACHINES[header.readUInt16LE(start + 4)] : undefined };
}
