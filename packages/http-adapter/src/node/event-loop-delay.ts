import { monitorEventLoopDelay } from "node:perf_hooks";
import type { MetricFamily } from "../metrics/metric-family.js";

const QUANTILES = [0.5, 0.9, 0.99, 1] as const;

/** How late the event loop ran what was due, since the page was last asked for. */
export function eventLoopDelay(): MetricFamily {
  const delays = monitorEventLoopDelay({ resolution: 10 });
  delays.enable();
  return {
    name: "servable_event_loop_delay_seconds",
    help: "How late the event loop ran what was due, since the last look.",
    type: "gauge",
    samples: () => {
      const samples = QUANTILES.map((quantile) => ({
        labels: { quantile },
        // Before the first tick there is nothing that could be late.
        value: delays.count === 0 ? 0 : delays.percentile(quantile * 100) / 1e9,
      }));
      delays.reset();
      return samples;
    },
  };
}
