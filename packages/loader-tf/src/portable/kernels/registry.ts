import type { KernelFactory, KernelTable } from "../run/kernel.js";
import { ARRANGEMENT } from "./arrangement.js";
import { ASSERTION } from "./assertion.js";
import { BINCOUNT } from "./bincount.js";
import { BITS } from "./bits.js";
import { CAST } from "./cast.js";
import { COLOR } from "./color.js";
import { COMPLEX_NUMBERS } from "./complex/elementwise.js";
import { FOURIER } from "./complex/fourier.js";
import { withComplex } from "./complex/with-complex.js";
import { CONTROL } from "./control.js";
import { CONVOLUTION } from "./convolution.js";
import { COUNTING } from "./counting.js";
import { CROSSING } from "./crossing.js";
import { CUMULATIVE } from "./cumulative.js";
import { DIAGONAL } from "./diagonal.js";
import { EDIT_DISTANCE } from "./edit-distance.js";
import { EINSUM } from "./einsum.js";
import { ELEMENTWISE } from "./elementwise.js";
import { CSV } from "./examples/csv.js";
import { PARSING } from "./examples/parsing.js";
import { RAW } from "./examples/raw.js";
import { FILLING } from "./filling.js";
import { GATHER } from "./gather.js";
import { withHalf } from "./half.js";
import { IMAGE_DECODING } from "./image-decoding.js";
import { LINEAR_ALGEBRA } from "./linear-algebra.js";
import { LOOKUP } from "./lookup.js";
import { LOSSES } from "./losses.js";
import { MATMUL } from "./matmul.js";
import { NORMALIZATION } from "./normalization.js";
import { PADDING } from "./padding.js";
import { PARTITION } from "./partition.js";
import { PATCHES } from "./patches.js";
import { POOLING } from "./pooling.js";
import { PROJECTION } from "./projection.js";
import { QUANTIZATION } from "./quantization.js";
import { RAGGED_GATHER } from "./ragged/gather.js";
import { RAGGED_RANGE } from "./ragged/range.js";
import { RAGGED_TO_DENSE } from "./ragged/to-dense.js";
import { RAGGED_TO_SPARSE } from "./ragged/to-sparse.js";
import { RAGGED_VARIANT } from "./ragged/variant.js";
import { RANDOM } from "./random.js";
import { REDUCTION } from "./reduction.js";
import { RESIZE } from "./resize.js";
import { REVERSAL } from "./reversal.js";
import { SCATTER } from "./scatter.js";
import { SEGMENT } from "./segment.js";
import { SELECTION } from "./selection.js";
import { SEQUENCE_DECODING } from "./sequence-decoding.js";
import { SLOPES } from "./slopes.js";
import { SORTING } from "./sorting.js";
import { SOUND } from "./sound.js";
import { SPACE } from "./space.js";
import { SPARSE } from "./sparse.js";
import { SPARSE_ARITHMETIC } from "./sparse-arithmetic.js";
import { SPARSE_PARTS } from "./sparse-parts.js";
import { SPARSE_REDUCTION } from "./sparse-reduction.js";
import { BASE64 } from "./strings/base64.js";
import { CHARACTERS } from "./strings/characters.js";
import { HASHING } from "./strings/hashing.js";
import { JOINING } from "./strings/joining.js";
import { NUMBERS } from "./strings/numbers.js";
import { REGULAR_EXPRESSIONS } from "./strings/regular-expressions.js";
import { SPLITTING } from "./strings/splitting.js";
import { UNICODE } from "./strings/unicode.js";
import { STRUCTURE } from "./structure.js";
import { SUPPRESSION } from "./suppression.js";
import { TENSOR_ARRAY } from "./tensor-array.js";
import { TENSOR_LIST } from "./tensor-list.js";
import { TRANSPOSE } from "./transpose.js";
import { UNARY_ELEMENTWISE } from "./unary.js";
import { UNIQUE } from "./unique.js";

/** Operations that compute: those that take float32 take half types too. */
const COMPUTING: readonly KernelTable[] = [
  COLOR,
  CONVOLUTION,
  CUMULATIVE,
  EINSUM,
  ELEMENTWISE,
  LINEAR_ALGEBRA,
  LOSSES,
  MATMUL,
  NORMALIZATION,
  POOLING,
  PROJECTION,
  QUANTIZATION,
  REDUCTION,
  SCATTER,
  SEGMENT,
  SEQUENCE_DECODING,
  SLOPES,
  SORTING,
  SPARSE_ARITHMETIC,
  SPARSE_REDUCTION,
  SUPPRESSION,
  UNARY_ELEMENTWISE,
];

/** Operations that move elements, or say something about them. */
const MOVING: readonly KernelTable[] = [
  ARRANGEMENT,
  ASSERTION,
  BINCOUNT,
  BITS,
  CAST,
  CONTROL,
  COMPLEX_NUMBERS,
  COUNTING,
  CROSSING,
  DIAGONAL,
  EDIT_DISTANCE,
  FILLING,
  FOURIER,
  GATHER,
  IMAGE_DECODING,
  LOOKUP,
  PADDING,
  PARTITION,
  PATCHES,
  RAGGED_GATHER,
  RAGGED_RANGE,
  RAGGED_TO_DENSE,
  RAGGED_TO_SPARSE,
  RAGGED_VARIANT,
  RANDOM,
  RESIZE,
  REVERSAL,
  SELECTION,
  SOUND,
  SPACE,
  SPARSE,
  SPARSE_PARTS,
  STRUCTURE,
  TENSOR_ARRAY,
  TENSOR_LIST,
  TRANSPOSE,
  UNIQUE,
];

/** Operations on strings, and on what is serialized in them. */
const STRINGS: readonly KernelTable[] = [
  BASE64,
  CHARACTERS,
  CSV,
  HASHING,
  JOINING,
  NUMBERS,
  PARSING,
  RAW,
  REGULAR_EXPRESSIONS,
  SPLITTING,
  UNICODE,
];

/** Every operation that the portable engine can run. */
export const KERNELS: ReadonlyMap<string, KernelFactory> = new Map(
  [...[...COMPUTING.map(withHalf), ...MOVING].map(withComplex), ...STRINGS].flatMap((table) => Object.entries(table)),
);
