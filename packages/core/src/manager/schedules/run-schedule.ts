import { ServingError } from "../../errors.js";
import type { Handle } from "../../handle.js";
import type { ManagerOptions } from "../options.js";
import type { VersionSnapshot } from "../snapshot.js";
import { type Command, NAMES, type Name } from "./commands.js";
import { BROKEN, loadError, type Thing, World } from "./world.js";

/** Runs a schedule and closes the manager; the faults found, in words. */
export async function runSchedule(commands: readonly Command[], options: ManagerOptions): Promise<readonly string[]> {
  const world = new World(options);
  const run = new Run(world, options);
  for (const command of commands) await run.step(command);
  await run.finish();
  return [...world.faults, ...eventFaults(world)];
}

/** All promises that can turn have turned. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

class Run {
  readonly #world: World;
  readonly #options: ManagerOptions;
  readonly #aborts: AbortController[] = [];
  /** Waits and borrows that have not been answered. */
  readonly #open = new Set<Question>();
  #asked = 0;
  #steps = 0;
  /** Names that were available, and have been wanted ever since. */
  readonly #mustStay = new Set<Name>();
  readonly #ended = new Set<Name>();

  constructor(world: World, options: ManagerOptions) {
    this.#world = world;
    this.#options = options;
  }

  async step(command: Command): Promise<void> {
    this.#do(command);
    this.#steps++;
    if (command.type === "settle") await turn();
    this.#check();
  }

  #do(command: Command): void {
    const { manager, loads, releases, handles, clock } = this.#world;
    switch (command.type) {
      case "list":
        if (this.#ended.has(command.source)) return;
        if (command.versions.length === 0) this.#mustStay.delete(command.name);
        return this.#world.list(command.source, command.name, command.versions);
      case "load": {
        const { outcome } = command;
        const error = outcome === "succeeds" ? undefined : loadError(outcome === "fails");
        return loads[command.which % Math.max(loads.length, 1)]?.end(error);
      }
      case "release":
        return releases[command.which % Math.max(releases.length, 1)]?.end(
          command.fails ? loadError(false) : undefined,
        );
      case "acquire":
        try {
          this.#world.hold(manager.acquire(command.name, command.selector));
        } catch (error) {
          this.#mustBeServingError(error);
        }
        return;
      case "borrow": {
        const { name, selector } = command;
        return this.#ask({ title: "borrow", name }, async (signal) =>
          this.#world.hold((await manager.borrow(name, selector, { signal })) as Handle<Thing>),
        );
      }
      case "wait":
        return this.#ask({ title: "wait", name: command.name }, (signal) =>
          manager.whenAvailable(command.name, { ...command.selector, signal }),
        );
      case "abort":
        return this.#aborts[command.which % Math.max(this.#aborts.length, 1)]?.abort();
      case "give-back": {
        const [handle] = handles.splice(command.which % Math.max(handles.length, 1), 1);
        handle?.release();
        if (command.again) handle?.release();
        return;
      }
      case "label":
        if (command.version === undefined) manager.removeLabel(command.name, "stable");
        else manager.setLabel(command.name, "stable", command.version);
        return;
      case "advance":
        return clock.advance(command.ms);
      case "end":
        this.#ended.add(command.name);
        if (command.fails) this.#world.sources[command.name].error(new Error("the source died"));
        else this.#world.sources[command.name].complete();
        return;
      case "react":
        this.#world.reaction = () => this.#do(command.command);
        return;
      case "settle":
    }
  }

  #ask(question: Question, work: (signal: AbortSignal) => Promise<unknown>): void {
    const abort = new AbortController();
    this.#asked++;
    this.#aborts.push(abort);
    this.#open.add(question);
    work(abort.signal)
      .catch((error: unknown) => this.#mustBeServingError(error))
      .finally(() => this.#open.delete(question));
  }

  #mustBeServingError(error: unknown): void {
    if (!ServingError.is(error) || error.code === "INTERNAL") this.#world.faults.push(`threw ${String(error)}`);
  }

  #check(): void {
    const { manager, faults, handles } = this.#world;
    for (const { servable } of handles) if (servable.released) faults.push(`${servable.key} is held and released`);
    const isByDefault = this.#options.policy === undefined && this.#options.onDemand === undefined;
    for (const name of this.#world.names) {
      const versions = manager.model(name)?.versions ?? [];
      this.#checkWanted(name, versions);
      const isAvailable = versions.some(({ state }) => state === "AVAILABLE");
      // A version that calls others goes with them.
      const keepsAvailability = isByDefault && !this.#world.composites.has(name);
      if (!isAvailable && this.#mustStay.has(name) && keepsAvailability) {
        faults.push(`${name} is not available any more: ${manager.explain(name)}`);
        this.#mustStay.delete(name);
      }
      if (isAvailable && versions.some(({ aspired }) => aspired)) this.#mustStay.add(name);
      if (versions.some(({ reason }) => reason === "")) faults.push(`${name} has a version without a reason`);
      if (this.#canAcquire(name) !== isAvailable) faults.push(`${name}: the snapshot and acquire do not agree`);
    }
  }

  /** Every version of the latest list is there, and no other is wanted. */
  #checkWanted(name: Name, versions: readonly VersionSnapshot[]): void {
    const listed = new Map((this.#world.wanted.get(name)?.versions ?? []).map((each) => [each.version, each]));
    const there = versions.filter(({ aspired }) => aspired);
    const isThere = there.every(({ id, revision }) => {
      const each = listed.get(id.version);
      return each !== undefined && (each.isBroken ? undefined : each.revision) === revision;
    });
    if (isThere && there.length === listed.size) return;
    this.#world.faults.push(`${name} is not what was listed: ${this.#world.manager.explain(name)}`);
  }

  #canAcquire(name: Name): boolean {
    try {
      this.#world.manager.acquire(name).release();
      return true;
    } catch {
      return false;
    }
  }

  /** Opens all gates, looks at where every version has ended, and closes. */
  async finish(): Promise<void> {
    const { manager, faults, counts, clock, handles } = this.#world;
    this.#world.isOpen = true;
    this.#world.reaction = undefined;
    const closing = this.#closeWithHeldHandles();
    if (closing === undefined) for (const handle of handles.splice(0)) handle.release();
    // Some managers are closed in the middle of their work, and some at rest.
    if (closing === undefined && this.#steps % 2 === 0) {
      await this.#quiesce();
      for (const name of NAMES) for (const each of manager.model(name)?.versions ?? []) this.#checkEnd(each);
      this.#checkAnswers();
    }
    await (closing ?? this.#close());
    await turn();
    if (this.#open.size > 0) faults.push(`never answered: ${JSON.stringify([...this.#open])}`);
    if (counts.loaded !== counts.released) faults.push(`${counts.loaded} loads, ${counts.released} releases`);
    if (clock.scheduled > 0) faults.push(`${clock.scheduled} timers are left`);
    const sources = Object.values(this.#world.sources);
    if (sources.some(({ observed }) => observed)) faults.push("a source is still subscribed to");
  }

  /** Where handles are held, close must run out of time, name them, and complete when they are given back. */
  #closeWithHeldHandles(): Promise<void> | undefined {
    const { manager, handles, clock, faults } = this.#world;
    if (handles.length === 0 || this.#asked % 2 === 0) return undefined;
    const closed = manager.close({ timeoutMs: 500 });
    const check = async (): Promise<void> => {
      const outcome = closed.then(
        () => "closed",
        (error: unknown) => error,
      );
      await this.#openGates();
      clock.advance(500);
      const error = await outcome;
      if (
        !ServingError.is(error) ||
        error.code !== "DEADLINE_EXCEEDED" ||
        !/handles? to be released/.test(error.message)
      ) {
        faults.push(`close with held handles: ${String(error)}`);
      }
      for (const handle of handles.splice(0)) handle.release();
      await this.#quiesce();
    };
    return check();
  }

  async #close(): Promise<void> {
    const closed = this.#world.manager.close({ timeoutMs: 500 }).catch((error: unknown) => {
      this.#world.faults.push(`close: ${String(error)}`);
    });
    await this.#openGates();
    this.#world.clock.advance(500);
    await closed;
  }

  async #openGates(): Promise<void> {
    const { loads, releases } = this.#world;
    do {
      for (const gate of [...loads, ...releases]) gate.end();
      await turn();
    } while (loads.length + releases.length > 0);
  }

  /** Lets everything happen that happens by itself. */
  async #quiesce(): Promise<void> {
    const { clock, handles } = this.#world;
    for (let round = 0; round < 20; round++) {
      await this.#openGates();
      for (const handle of handles.splice(0)) handle.release();
      clock.advance(60_000);
    }
    await turn();
  }

  /** Where loading is on demand nobody waits at rest, but for a part that nobody lists. */
  #checkAnswers(): void {
    const { manager, faults } = this.#world;
    for (const { title, name } of this.#open) {
      const said = manager.explain(name);
      if (title === "borrow" && !said.includes("which it calls")) faults.push(`a borrow waits for ${said}`);
    }
  }

  #checkEnd({ id, aspired, state, reason, error }: VersionSnapshot): void {
    const what = `${id.name}/${id.version}`;
    if (!aspired) {
      // The availability-preserving policy keeps one that nothing has replaced.
      const kept = state === "AVAILABLE" && reason.startsWith("no longer wanted; serves until");
      if (state !== "END" && !kept) this.#world.faults.push(`${what} is not wanted and ${state}: ${reason}`);
      return;
    }
    if (state === "AVAILABLE" || (state === "END" && error !== undefined)) return;
    if (
      /waits for .*which it calls|bytes of memory|versions that may be loaded|first borrowed|policy to choose/.test(
        reason,
      )
    )
      return;
    this.#world.faults.push(`${what} ends as ${state}: ${reason}`);
  }
}

/** A wait or a borrow that has not been answered. */
interface Question {
  readonly title: "wait" | "borrow";
  readonly name: Name;
}

const FOLLOWS: Readonly<Record<string, readonly string[]>> = {
  "version-started": ["version-loading", "version-ended"],
  "version-loading": ["load-failed", "version-available", "version-ended"],
  "load-failed": ["version-loading", "version-ended"],
  "version-available": ["version-unloading"],
  "version-unloading": ["version-ended"],
};

/** Events that do not follow each other, told apart by version; several lives of one version are let pass. */
function eventFaults({ events }: World): readonly string[] {
  const living = new Map<string, { last: string; lives: number }>();
  const faults: string[] = [];
  for (const event of events) {
    if (!("id" in event) || event.type === "drain-overdue" || event.type === "load-progressed") continue;
    if (event.type === "version-ended" && event.error?.message.includes(BROKEN) === true) continue;
    const key = `${event.id.name}/${event.id.version}`;
    const { last, lives } = living.get(key) ?? { last: "", lives: 0 };
    const begins = event.type === "version-started" ? 1 : event.type === "version-ended" ? -1 : 0;
    const isAlone = lives === 1 && begins !== 1;
    if (isAlone && FOLLOWS[last]?.includes(event.type) === false) faults.push(`${key}: ${event.type} after ${last}`);
    living.set(key, { last: event.type, lives: lives + begins });
  }
  return faults;
}
