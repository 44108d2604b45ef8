import { textAttribute, typeAttribute } from "../graph/attributes.js";
import { withBodies } from "../graph/bodies.js";
import { dtypeAmong } from "../graph/dtypes.js";
import type { Graph, GraphNode } from "../graph/graph.js";
import { unsupported } from "../graph/graph-error.js";
import { Table, type TableType } from "./table.js";

/** Ops that stand for a table, with whether it is filled once; TensorFlow 1 names them without a version. */
const IS_STATIC: ReadonlyMap<string, boolean> = new Map([
  ["HashTable", true],
  ["HashTableV2", true],
  ["AnonymousHashTable", true],
  ["MutableHashTable", false],
  ["MutableHashTableV2", false],
  ["AnonymousMutableHashTable", false],
  ["MutableHashTableOfTensors", false],
  ["MutableHashTableOfTensorsV2", false],
  ["AnonymousMutableHashTableOfTensors", false],
  ["MutableDenseHashTable", false],
  ["MutableDenseHashTableV2", false],
  ["AnonymousMutableDenseHashTable", false],
]);

/** Ops of tables that stand keys of their own for "empty" and "deleted": the first two inputs. */
export function hasReservedKeys(op: string): boolean {
  return op.includes("Dense");
}

/** Ops that stand for a table. */
export const TABLE_OPS: readonly string[] = [...IS_STATIC.keys()];

/**
 * What the table of a node maps.
 * @throws ServingError UNSUPPORTED for types that no table is made of here
 */
export function tableType(node: GraphNode): TableType {
  const shape = node.attributes.get("value_shape");
  const valueShape = typeof shape === "object" && "shape" in shape ? (shape.shape ?? []) : [];
  if (valueShape.includes(-1)) throw unsupported("values of unknown shape");
  return {
    key: dtypeAmong(node, "key_dtype", ["string", "int32", "int64", "float32", "float64"]),
    value: typeAttribute(node, "value_dtype"),
    valueShape,
    isStatic: IS_STATIC.get(node.op) ?? true,
  };
}

/** The table of a node, as a key: two nodes with one shared name are one table. */
export function tableKey(node: GraphNode): string {
  const sharedName = textAttribute(node, "shared_name", "");
  return `${textAttribute(node, "container", "")}/${sharedName === "" ? node.name : sharedName}`;
}

/** The tables of a model, by key. */
export class Tables {
  readonly #tables = new Map<string, Table>();

  /** The table that a node stands for; an empty one at first. */
  of(node: GraphNode): Table {
    const key = tableKey(node);
    const known = this.#tables.get(key);
    if (known !== undefined) return known;
    const table = new Table(tableType(node));
    this.#tables.set(key, table);
    return table;
  }

  /** The graph with its tables in it. */
  bind(graph: Graph): Graph {
    const bound = (node: GraphNode): GraphNode => (IS_STATIC.has(node.op) ? { ...node, table: this.of(node) } : node);
    return withBodies((each) => new Map([...each].map(([name, node]) => [name, bound(node)])))(graph);
  }
}
