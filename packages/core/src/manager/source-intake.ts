import { ServingError } from "../errors.js";
import type { Loader } from "../loader.js";
import type { AspiredVersions } from "../source/source.js";
import { Model } from "./model.js";
import type { ModelHost } from "./model-host.js";
import type { SourceDesk } from "./source-desk.js";

/** Whom the intake works for. */
export interface IntakeWorld {
  readonly models: Map<string, Model<unknown>>;
  readonly desk: SourceDesk;
  readonly host: ModelHost;
}

/** Brings what sources say to the models that they name. */
export class SourceIntake {
  readonly #world: IntakeWorld;

  constructor(world: IntakeWorld) {
    this.#world = world;
  }

  /** Takes a list; one that is none, or of a name that another source has named, is refused. */
  take(source: string, list: AspiredVersions<Loader<unknown>>): void {
    const { models, desk, host } = this.#world;
    if (!isList(list)) {
      const message = `source "${source}" gave what is no list of versions: { name, versions }`;
      return this.#refuse(source, new ServingError("INVALID_ARGUMENT", message));
    }
    const { name } = list;
    const model = models.get(name) ?? new Model<unknown>(name, source, host);
    if (model.source !== source) {
      const message =
        `${name} is listed by source "${source}" and by source "${model.source}"; ` +
        `the list of "${source}" is not followed: give one of the two another name`;
      return this.#refuse(source, new ServingError("ALREADY_EXISTS", message));
    }
    if (desk.get(source)?.state === "waiting") desk.set({ key: source, state: "speaking" });
    models.set(name, model);
    model.aspire(list);
    host.composition.note(model);
    host.composition.changed(model);
  }

  /** Takes the end of a source; what it has asked for stays. */
  end(source: string, failure?: ServingError): void {
    const { desk, host } = this.#world;
    const error = failure ?? desk.get(source)?.error;
    desk.set({ key: source, state: failure ? "failed" : "completed", ...(error && { error }) });
    const atMs = host.clock.now();
    if (failure === undefined) return host.emit({ type: "source-completed", source, atMs });
    host.emit({ type: "source-failed", source, error: failure, atMs });
    host.report(failure);
  }

  #refuse(source: string, error: ServingError): void {
    const { desk, host } = this.#world;
    if (desk.get(source)?.error?.message === error.message) return;
    desk.set({ key: source, state: "speaking", error });
    host.emit({ type: "list-refused", source, error, atMs: host.clock.now() });
    host.report(error);
  }
}

function isList(list: Partial<AspiredVersions<unknown>> | undefined | null): boolean {
  return typeof list?.name === "string" && Array.isArray(list.versions);
}
