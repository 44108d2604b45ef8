import type { ManagerEvent } from "@servable/core";
import { formatId } from "@servable/core";

/** A line of the log, and whether it tells of trouble. */
export interface LogLine {
  readonly text: string;
  readonly trouble: boolean;
}

/** What a person at the terminal should hear of an event; undefined for what is of no interest there. */
export function narrate(event: ManagerEvent): LogLine | undefined {
  switch (event.type) {
    case "version-started":
      return undefined;
    case "version-loading":
      return said(`${formatId(event.id)}: loading${event.attempt === 1 ? "" : `, attempt ${event.attempt}`}`);
    case "load-progressed": {
      const { stage, done, total, unit = "items" } = event.progress;
      const share = done !== undefined && total ? ` ${Math.floor((100 * done) / total)} %` : "";
      return said(`${formatId(event.id)}: ${stage}${share}${total === undefined ? "" : ` of ${total} ${unit}`}`);
    }
    case "load-failed":
      return trouble(`${event.error.message}; trying again in ${(event.retryInMs / 1_000).toFixed(1)} s`);
    case "version-available":
      return said(`${formatId(event.id)}: available after ${(event.durationMs / 1_000).toFixed(2)} s`);
    case "version-unloading":
      return said(`${formatId(event.id)}: unloading (${event.reason})`);
    case "drain-overdue":
      return trouble(`${formatId(event.id)}: is to be unloaded and still held by ${event.handles} handles`);
    case "version-ended":
      if (event.error === undefined) return said(`${formatId(event.id)}: unloaded`);
      return event.error.code === "CANCELLED" ? said(event.error.message) : trouble(event.error.message);
    case "label-moved": {
      const target = event.version === undefined ? "is taken away" : `points to version ${event.version}`;
      return said(`${event.name}: label ${event.label} ${target}`);
    }
    case "list-refused":
    case "source-failed":
      return trouble(event.error.message);
    case "source-completed":
      return undefined;
  }
}

function said(text: string): LogLine {
  return { text, trouble: false };
}

function trouble(text: string): LogLine {
  return { text, trouble: true };
}
