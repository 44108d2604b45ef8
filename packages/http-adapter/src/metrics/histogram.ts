import type { MetricSample } from "./metric-family.js";

/** TensorFlow Serving's buckets of latencies: 33, from 10 µs on, each 1.8 times the one before; the last is 20 minutes. */
const LIMITS: Float64Array = Float64Array.from({ length: 33 }, (_, index) => 10 * 1.8 ** index);

/** As TensorFlow Serving prints them: six digits. */
const LIMIT_TEXTS: readonly string[] = Array.from(LIMITS, (limit) => limitText(limit));

const STEP = Math.log(1.8);

/** Counts latencies by size. */
export class LatencyHistogram {
  readonly #counts = new Float64Array(LIMITS.length + 1);
  #sum = 0;

  /** Notes one latency in microseconds. */
  observe(micros: number): void {
    // The logarithm is off by one at most, at the limits themselves.
    let at = micros <= 10 ? 0 : Math.min(LIMITS.length, Math.ceil(Math.log(micros / 10) / STEP));
    if (micros > (LIMITS[at] ?? Number.POSITIVE_INFINITY)) at++;
    else if (at > 0 && micros <= (LIMITS[at - 1] ?? 0)) at--;
    this.#counts[at] = (this.#counts[at] ?? 0) + 1;
    this.#sum += micros;
  }

  /** Its samples, of which each bucket counts those before it too; `scale` turns microseconds into another unit. */
  samples(labels: MetricSample["labels"], scale = 1): MetricSample[] {
    const samples: MetricSample[] = [];
    let count = 0;
    for (const [index, here] of this.#counts.entries()) {
      count += here;
      const limit = LIMITS[index];
      const le = limit === undefined ? "+Inf" : scale === 1 ? (LIMIT_TEXTS[index] ?? "") : limitText(limit * scale);
      samples.push({ suffix: "_bucket", labels: { ...labels, le }, value: count });
    }
    samples.push({ suffix: "_sum", labels, value: this.#sum * scale });
    samples.push({ suffix: "_count", labels, value: count });
    return samples;
  }
}

/** A number with at most six digits and without zeros at the end, as C's `%g` prints it. */
function limitText(limit: number): string {
  const text = limit.toPrecision(6);
  const [digits = "", exponent] = text.split("e");
  const short = digits.includes(".") ? digits.replace(/\.?0+$/, "") : digits;
  return exponent === undefined ? short : `${short}e${exponent.replace(/^([+-])(\d)$/, "$10$2")}`;
}
