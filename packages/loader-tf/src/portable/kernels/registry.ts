import type { KernelFactory, KernelTable } from "../run/kernel.js";
import { ARRANGEMENT } from "./arrangement.js";
import { ASSERTION } from "./assertion.js";
import { CONVOLUTION } from "./convolution.js";
import { ELEMENTWISE } from "./elementwise.js";
import { GATHER } from "./gather.js";
import { MATMUL } from "./matmul.js";
import { NORMALIZATION } from "./normalization.js";
import { REDUCTION } from "./reduction.js";
import { STRUCTURE } from "./structure.js";

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
];

/** Every operation that the portable engine can run. */
export const KERNELS: ReadonlyMap<string, KernelFactory> = new Map(TABLES.flatMap((table) => Object.entries(table)));
