import { malformed } from "../graph/graph-error.js";

/** A few functions that call each other twice can name more nodes than there is memory: nodes and edges, … */
const MAX_NODES = 500_000;
const MAX_EDGES = 4_000_000;
/** … and the characters of all names, which grow with each call that they are within. */
const MAX_NAMES = 2 ** 27;

/** How much a model's functions may unfold to. */
export class Budget {
  #nodes = 0;
  #edges = 0;
  #characters = 0;

  /** Accounts for a node. @throws ServingError DATA_LOSS beyond the limit */
  node(name: string): void {
    this.#nodes++;
    this.#characters += name.length;
    if (this.#nodes <= MAX_NODES && this.#characters <= MAX_NAMES) return;
    throw malformed(`its functions unfold to more than ${MAX_NODES} nodes, or names of ${MAX_NAMES} characters`);
  }

  /** Accounts for edges. @throws ServingError DATA_LOSS beyond the limit */
  edges(count: number): void {
    this.#edges += count;
    if (this.#edges > MAX_EDGES) throw malformed(`its functions unfold to more than ${MAX_EDGES} edges`);
  }
}
