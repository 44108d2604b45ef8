import { join } from "node:path";
import type { AspiredVersions, ModelFiles, Source } from "@servable/core";
import { ServingError } from "@servable/core";
import { Observable, type Subscriber } from "rxjs";
import { decide, initialState, type Look, type OfferList, type Step } from "./decide.js";
import { folderFiles } from "./folder-files.js";
import { type Hints, makeHints, noHints } from "./hints.js";
import { quietMsOf, takeLook } from "./look.js";
import type { FsSourceSettings } from "./options.js";
import { makePause, type Pause } from "./pause.js";
import type { SourcePorts } from "./ports.js";
import type { Offer } from "./standing.js";

/** A source that looks at a base path again and again, through `ports`. */
export function watchFolder<N extends string>(
  settings: FsSourceSettings<N>,
  ports: SourcePorts,
): Source<ModelFiles, N> {
  return new Observable((subscriber) => {
    const stopping = new AbortController();
    const pause = makePause(ports.clock);
    const hints = settings.watch && settings.pollMs > 0 ? makeHints(settings.path, ports, () => pause.hint()) : noHints;
    subscriber.add(() => {
      stopping.abort();
      pause.stop();
      hints.close();
    });
    const run: Run<N> = { settings, ports, pause, hints, signal: stopping.signal };
    // A failure after the end is of nobody's interest, and rxjs would report it as unhandled.
    lookAndSay(run, subscriber).catch((error: unknown) => {
      if (!subscriber.closed) subscriber.error(ServingError.from(error, "INTERNAL", settings.name));
    });
  });
}

interface Run<N extends string> {
  readonly settings: FsSourceSettings<N>;
  readonly ports: SourcePorts;
  readonly pause: Pause;
  readonly hints: Hints;
  readonly signal: AbortSignal;
}

/** Takes look after look, each after the last has ended, until the signal aborts or there was the only one. */
async function lookAndSay<N extends string>(
  run: Run<N>,
  subscriber: Subscriber<AspiredVersions<ModelFiles, N>>,
): Promise<void> {
  const { settings, pause, hints, signal } = run;
  const toAspired = makeConverter(settings);
  let state = initialState;
  while (!signal.aborted) {
    // Before the look, so that nothing changes unseen between the two.
    hints.ensure();
    const look = await takeLook(run, state);
    // A function, since the compiler takes the signal to be as it was at the head of the loop.
    if (hasEnded(signal)) return;
    if (look.kind === "missing") hints.close();
    if (look.kind === "fault" && settings.pollMs === 0) throw new ServingError("NOT_AVAILABLE", look.reason);
    const step: Step = decide(state, look, settings);
    state = step.state;
    for (const warning of step.warnings) warn(settings, warning);
    if (hasEnded(signal)) return;
    if (step.emission !== undefined) subscriber.next(toAspired(step.emission));
    if (settings.pollMs === 0) return subscriber.complete();
    if (!hasEnded(signal)) await pause.wait(delayMsAfter(look, settings));
  }
}

function hasEnded(signal: AbortSignal): boolean {
  return signal.aborted;
}

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

function warn({ name, onWarning }: FsSourceSettings, text: string): void {
  try {
    onWarning(`${name}: ${text}`);
  } catch (error) {
    // The listener's fault, not the source's: it is reported as one, and looking goes on.
    setTimeout(() => {
      throw error;
    });
  }
}
