import type { Tensor } from "@servable/core";
import { malformed } from "../graph/graph-error.js";
import type { Kernel } from "../run/kernel.js";
import { type KernelFactory, type KernelTable } from "../run/kernel.js";
import { Value } from "../run/value.js";
import { Table } from "../tables/table.js";
import { TABLE_OPS, tableType } from "../tables/table-node.js";

/** A kernel on a table, which is its first input. */
function onTable(compute: (table: Table, ...inputs: readonly Tensor[]) => readonly Tensor[]): KernelFactory {
  const kernel: Kernel = (device, ...inputs) => {
    const [handle, ...rest] = inputs;
    if (handle === undefined || rest.length < compute.length - 1) throw malformed("an operation lacks an input");
    const results = compute(handle.table(), ...rest.map((input) => input.host()));
    return results.map((tensor) => Value.ofHost(tensor, device));
  };
  return () => kernel;
}

/** A table that no initializer filled is an empty one of its own. */
const handle: KernelFactory = (node) => {
  const table = node.table ?? new Table(tableType(node));
  return (device) => [Value.ofTable(table, device)];
};

const find = onTable((table, keys, fallback) => [table.find(keys, fallback)]);
const size = onTable((table) => [{ dtype: "int64", shape: [], data: BigInt64Array.of(BigInt(table.size)) }]);
const entries = onTable((table) => table.entries());

/** Operations on lookup tables; what fills them runs at load. */
export const LOOKUP: KernelTable = {
  ...Object.fromEntries(TABLE_OPS.map((op) => [op, handle])),
  LookupTableExport: entries,
  LookupTableExportV2: entries,
  LookupTableFind: find,
  LookupTableFindV2: find,
  LookupTableSize: size,
  LookupTableSizeV2: size,
};
