import { ServingError } from "../errors.js";
import type { Selector, VersionChoice } from "../handle.js";
import { formatId } from "../servable.js";
import type { ModelSnapshot, SourceSnapshot } from "./snapshot.js";

/** What is known when a servable cannot be lent. */
export interface RefusalFacts {
  readonly model: ModelSnapshot | undefined;
  readonly names: readonly string[];
  readonly sources: readonly SourceSnapshot[];
  readonly closing: boolean;
  /** The version that the selector means; undefined for a label that is not set. */
  readonly choice: VersionChoice | undefined;
}

/** Why `name` cannot be borrowed now, and what to do about it. */
export function refusal(name: string, selector: Selector | undefined, facts: RefusalFacts): ServingError {
  const { model, names, sources, closing, choice } = facts;
  if (closing)
    return new ServingError("NOT_AVAILABLE", `${name} is not available: the manager is closed`, { retryable: false });
  if (model === undefined) {
    const silent = sources.filter(({ state }) => state === "waiting").map(({ key }) => `"${key}"`);
    if (silent.length > 0) {
      return new ServingError(
        "NOT_AVAILABLE",
        `${name} is not known yet: source ${silent.join(", ")} has not listed its versions`,
      );
    }
    return new ServingError("NOT_FOUND", `no model is named ${name}; ${listed("there is", names)}`);
  }
  const label = selector?.label;
  if (choice === undefined) {
    const labels = Object.entries(model.labels).map(([each, version]) => `${each} (version ${version})`);
    return new ServingError("NOT_FOUND", `${name} has no label ${label}; ${listed("it has", labels)}`);
  }
  if (typeof choice !== "number") {
    const reasons = model.versions.map((each) => `version ${each.id.version} ${each.reason}`);
    const why = reasons.length === 0 ? "its source wants no version" : reasons.join("; ");
    return new ServingError("NOT_AVAILABLE", `${name} has no available version: ${why}`);
  }
  const asked = model.versions.find((each) => each.id.version === choice);
  // A label may be set before its version is there.
  if (label !== undefined) {
    const why = asked?.reason ?? "its source has not listed it";
    return new ServingError(
      "NOT_AVAILABLE",
      `${name}: label ${label} points to version ${choice}, which is not available: ${why}`,
    );
  }
  if (asked === undefined || (!asked.aspired && asked.state === "END")) {
    const available = model.versions.filter(({ state }) => state === "AVAILABLE").map(({ id }) => String(id.version));
    const gone = asked === undefined ? "" : ` any more (${asked.reason})`;
    return new ServingError("NOT_FOUND", `${name} has no version ${choice}${gone}; ${listed("available:", available)}`);
  }
  const options = asked.error === undefined ? {} : { cause: asked.error };
  return new ServingError("NOT_AVAILABLE", `${formatId(asked.id)} is not available: ${asked.reason}`, options);
}

function listed(lead: string, words: readonly string[]): string {
  const few = words.slice(0, 10).join(", ");
  if (words.length === 0) return `${lead} none`;
  return words.length > 10 ? `${lead} ${few} and ${words.length - 10} more` : `${lead} ${few}`;
}
