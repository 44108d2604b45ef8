// Models without weights: what the manager itself costs.
import { createManager } from "@servable/core";
import { Subject } from "rxjs";

const release = async () => {};

/** A loader that gives `servable` at once; what it gives is the same every time, so that it costs nothing by itself. */
function instant(servable) {
  const loaded = { servable, [Symbol.asyncDispose]: release };
  return { load: async () => loaded };
}

/** A manager of `count` models that all have `versions` available, and the subject that lists them. */
export async function zoo({ count, versions, servable = {} }) {
  const source = new Subject();
  const manager = createManager({ zoo: source });
  const names = Array.from({ length: count }, (_, index) => `model-${index}`);
  const data = instant(servable);
  const list = (name, numbers) => source.next({ name, versions: numbers.map((version) => ({ version, data })) });
  for (const name of names) list(name, versions);
  for (const name of names) for (const version of versions) await manager.whenAvailable(name, { version });
  return { manager, names, list };
}
