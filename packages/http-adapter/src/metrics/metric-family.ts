/** Metrics of one name, as they are when they are asked for. */
export interface MetricFamily {
  /** Letters, digits, `_` and `:`. */
  readonly name: string;
  readonly help: string;
  readonly type: "counter" | "gauge" | "histogram";
  samples(): readonly MetricSample[];
}

/** One value. */
export interface MetricSample {
  /** What a histogram's samples have after the name: `_bucket`, `_sum`, `_count`. @defaultValue nothing */
  readonly suffix?: string;
  /** In the order in which they are written. */
  readonly labels: Readonly<Record<string, string | number>>;
  readonly value: number;
}

/**
 * Metrics as a page in Prometheus' text format, as TensorFlow Serving writes it: `{}` stands behind a name without
 * labels, and of label values only backslashes and quotes are escaped, and line ends, which would tear the page.
 */
export function metricsPage(families: readonly MetricFamily[]): string {
  return families.map(familyText).join("");
}

function familyText(family: MetricFamily): string {
  const { name, help, type } = family;
  let text = `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`;
  for (const { suffix = "", labels, value } of family.samples())
    text += `${name}${suffix}{${labelText(labels)}} ${value}\n`;
  return text;
}

function labelText(labels: MetricSample["labels"]): string {
  return Object.entries(labels)
    .map(([label, value]) => `${label}="${escaped(String(value))}"`)
    .join(",");
}

function escaped(value: string): string {
  return value.replaceAll(/[\\"]/g, String.raw`\$&`).replaceAll("\n", String.raw`\n`);
}
