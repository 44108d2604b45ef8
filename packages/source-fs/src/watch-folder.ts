import { join } from "node:path";
import {
  type AspiredVersions,
  type LookContext,
  type ModelFiles,
  pollSource,
  ServingError,
  type Source,
} from "@servable/core";
import { NEVER, Observable } from "rxjs";
import { decide, initialState, type Look, type OfferList } from "./decide.js";
import { folderFiles } from "./folder-files.js";
import { makeHints } from "./hints.js";
import { quietMsOf, takeLook } from "./look.js";
import type { FsSourceSettings } from "./options.js";
import type { SourcePorts } from "./ports.js";
import type { Offer } from "./standing.js";

/** A source that looks at a base path again and again, through `ports`. */
export function watchFolder<N extends string>(
  settings: FsSourceSettings<N>,
  ports: SourcePorts,
): Source<ModelFiles, N> {
  const { name, path, pollMs, watch, onWarning } = settings;
  return new Observable((subscriber) => {
    const hints = makeHints(path, ports);
    const toAspired = makeConverter(settings);
    let state = initialState;

    const look = async ({ signal, lookAgainWithin, warn }: LookContext): Promise<Found<N>> => {
      const seen = await takeLook({ settings, ports, signal }, state);
      if (seen.kind === "missing") hints.drop();
      if (seen.kind === "fault" && pollMs === 0) throw new ServingError("NOT_AVAILABLE", seen.reason);
      const step = decide(state, seen, settings);
      state = step.state;
      for (const warning of step.warnings) warn(warning);
      lookAgainWithin(delayMsAfter(seen, settings));
      return step.emission && toAspired(step.emission);
    };
    // All that may pass is a fault in what was seen; what is thrown, as by a policy, would be thrown again.
    const lookOrEnd = (context: LookContext): Promise<Found<N>> =>
      look(context).catch((error: unknown) => {
        if (!context.signal.aborted) subscriber.error(ServingError.from(error, "INTERNAL", name));
        return undefined;
      });

    return pollSource({
      name,
      look: lookOrEnd,
      once: pollMs === 0,
      ...(pollMs > 0 && { minMs: pollMs, maxMs: pollMs }),
      jitter: 0,
      // The file system knows no way to end a call that hangs.
      timeoutMs: Number.POSITIVE_INFINITY,
      hint$: watch ? hints.hint$ : NEVER,
      onWarning,
      clock: ports.clock,
    }).subscribe(subscriber);
  });
}

type Found<N extends string> = AspiredVersions<ModelFiles, N> | undefined;

/** The next look comes sooner when a folder may be at rest sooner. */
function delayMsAfter(look: Look, settings: FsSourceSettings): number {
  const findings = look.kind === "listed" ? [...look.findings.values()] : [];
  const restless = findings.some((each) => each.kind === "known" && each.memory.condition.kind === "restless");
  const quietMs = quietMsOf(settings);
  return restless && quietMs > 0 ? quietMs : settings.pollMs;
}

/** Makes lists for the manager; an offer that stays keeps its data. */
function makeConverter<N extends string>(
  settings: FsSourceSettings<N>,
): (list: OfferList) => AspiredVersions<ModelFiles, N> {
  const data = new WeakMap<Offer, ModelFiles>();
  const dataOf = (offer: Offer): ModelFiles => {
    const files = data.get(offer) ?? folderFiles(join(settings.path, offer.entry));
    data.set(offer, files);
    return files;
  };
  return ({ offers, skipped, notes }) => ({
    name: settings.name,
    versions: offers.map((offer) => ({ version: offer.version, revision: offer.revision, data: dataOf(offer) })),
    skipped,
    notes,
  });
}
