import { allocate, makeTensor, type Signature, sizeOf, type TensorSpec, type WarmUpCall } from "@servable/core";

/**
 * Calls of every signature with zeros, false and empty strings, for each batch size; one call where the signature
 * leaves no first dimension open. Other open dimensions get the size 1, an open rank a vector of the batch size.
 */
export function* madeUpCalls(
  signatures: Readonly<Record<string, Signature>>,
  batchSizes: readonly number[],
): Generator<WarmUpCall, void> {
  for (const [signature, { inputs }] of Object.entries(signatures)) {
    const specs = Object.entries(inputs);
    const isOpen = specs.some(([, { shape }]) => shape === undefined || shape[0] === -1);
    for (const batch of isOpen ? new Set(batchSizes) : batchSizes.slice(0, 1)) {
      const made = specs.map(([name, spec]) => [name, zeros(spec, batch)] as const);
      yield { signature, inputs: Object.fromEntries(made) };
    }
  }
}

function zeros({ dtype, shape: open = [-1] }: TensorSpec, batch: number): WarmUpCall["inputs"][string] {
  const shape = open.map((size, axis) => (size !== -1 ? size : axis === 0 ? batch : 1));
  return makeTensor(dtype, shape, allocate(dtype, sizeOf(shape)));
}
