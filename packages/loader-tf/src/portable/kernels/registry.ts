import type { KernelFactory, KernelTable } from "../run/kernel.js";
import { ARRANGEMENT } from "./arrangement.js";
import { ASSERTION } from "./assertion.js";
import { CONVOLUTION } from "./convolution.js";
import { ELEMENTWISE } from "./elementwise.js";
import { GATHER } from "./gather.js";
import { MATMUL } from "./matmul.js";
import { NORMALIZATION } from "./normalization.js";
import { REDUCTION } from "./reduction.js";
import { BASE64 } from "./strings/base64.js";
import { CHARACTERS } from "./strings/characters.js";
import { HASHING } from "./strings/hashing.js";
import { JOINING } from "./strings/joining.js";
import { NUMBERS } from "./strings/numbers.js";
import { REGULAR_EXPRESSIONS } from "./strings/regular-expressions.js";
import { SPLITTING } from "./strings/splitting.js";
import { UNICODE } from "./strings/unicode.js";
import { STRUCTURE } from "./structure.js";

/** Operations on strings. */
const STRINGS: readonly KernelTable[] = [
  BASE64,
  CHARACTERS,
  HASHING,
  JOINING,
  NUMBERS,
  REGULAR_EXPRESSIONS,
  SPLITTING,
  UNICODE,
];

const TABLES: readonly KernelTable[] = [
  ARRANGEMENT,
  ASSERTION,
  CONVOLUTION,
  ELEMENTWISE,
  GATHER,
  MATMUL,
  NORMALIZATION,
  REDUCTION,
  STRUCTURE,
  ...STRINGS,
];

/** Every operation that the portable engine can run. */
export const KERNELS: ReadonlyMap<string, KernelFactory> = new Map(TABLES.flatMap((table) => Object.entries(table)));
