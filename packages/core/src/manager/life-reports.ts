import type { Clock } from "../clock.js";
import type { ServingError } from "../errors.js";
import type { Dependency, Parts } from "../loader.js";
import type { Progress } from "../progress.js";
import type { ServableId } from "../servable.js";
import type { VersionEvent } from "../version/version-state.js";
import type { Life, LifeOwner } from "./life.js";
import type { Model } from "./model.js";
import type { ModelHost } from "./model-host.js";

/** Carries what the lives of a model tell into the manager's mailbox. */
export class LifeReports implements LifeOwner {
  readonly #model: Model<unknown>;
  readonly #host: ModelHost;

  constructor(model: Model<unknown>, host: ModelHost) {
    this.#model = model;
    this.#host = host;
  }

  get clock(): Clock {
    return this.#host.clock;
  }

  partsFor(id: ServableId, dependencies: readonly Dependency[]): Parts {
    return this.#host.partsFor(id, dependencies);
  }

  happened({ incarnation }: Life<unknown>, event: VersionEvent): void {
    this.#host.post(() => {
      this.#model.happen(incarnation, event);
      this.#model.advance();
    });
  }

  failed(life: Life<unknown>, error: ServingError): void {
    const state = this.#model.entry(life.incarnation)?.state;
    const retry = state?.phase === "loading" && error.retryable && state.attempt <= this.#host.retry.attempts;
    this.happened(life, { type: "load-failed", error, retry });
  }

  progressed(life: Life<unknown>, progress: Progress): void {
    this.#host.post(() => {
      if (this.#model.entry(life.incarnation)?.state.phase !== "loading") return;
      life.progress = progress;
      this.#host.emit({ type: "load-progressed", id: life.id, progress, atMs: this.clock.now() });
    });
  }

  estimated(): void {
    this.#host.post(() => this.#host.changed(this.#model));
  }

  drainOverdue({ id, lease }: Life<unknown>): void {
    this.#host.post(() => {
      const { borrowers: handles = 0, takenAt = [] } = lease ?? {};
      if (handles > 0) this.#host.emit({ type: "drain-overdue", id, atMs: this.clock.now(), handles, takenAt });
    });
  }
}
