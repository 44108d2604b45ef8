import { describe, expect, it } from "vitest";
import { parseFlags } from "./parse-flags.js";
import { serveOptions } from "./serve-options.js";
import { parseSessionConfig, sessionFlags } from "./session-config.js";

const flags = (...argv: readonly string[]) => sessionFlags(parseFlags(argv).values);

describe("flags of TensorFlow's sessions", () => {
  it.each([
    [[], {}],
    [["--tensorflow_session_parallelism=3"], { intraOpThreads: 3, interOpThreads: 3 }],
    [
      ["--tensorflow_intra_op_parallelism=2", "--tensorflow_inter_op_parallelism=1"],
      { intraOpThreads: 2, interOpThreads: 1 },
    ],
    [["--tensorflow_intra_op_parallelism=0"], {}],
    [["--per_process_gpu_memory_fraction=0.25"], { gpu: { memoryFraction: 0.25 } }],
    [["--per_process_gpu_memory_fraction=0"], {}],
    [["--xla_cpu_compilation_enabled"], { xlaLevel: 1 }],
    [["--xla_gpu_compilation_enabled"], { xlaLevel: 1 }],
    [["--xla_cpu_compilation_enabled=false"], {}],
  ])("%j is %j", (argv, wanted) => {
    expect(flags(...argv)).toEqual(wanted);
  });

  it.each([
    ["--tensorflow_intra_op_parallelism=-1"],
    ["--tensorflow_inter_op_parallelism=1025"],
    ["--per_process_gpu_memory_fraction=1.5"],
    ["--per_process_gpu_memory_fraction="],
    ["--per_process_gpu_memory_fraction=half"],
  ])("%s is refused by name", (flag) => {
    expect(() => flags(flag)).toThrow(flag.slice(0, flag.indexOf("=")));
  });

  it("numbers of threads that exclude each other are refused", () => {
    const all = ["session", "intra_op", "inter_op"].map((kind) => `--tensorflow_${kind}_parallelism=2`);
    expect(() => flags(...all)).toThrow(/either --tensorflow_session_parallelism/);
  });
});

describe("--engine", () => {
  const engine = (...argv: readonly string[]) =>
    serveOptions(parseFlags(["--model_base_path=/models", ...argv])).engine;

  it("is auto by default", () => {
    expect(engine()).toBe("auto");
  });

  it.each(["portable", "native", "tfjs-node", "auto"])("may be %s", (name) => {
    expect(engine(`--engine=${name}`)).toBe(name);
  });

  it.each(["Native", "", "toString"])('may not be "%s"', (name) => {
    expect(() => engine(`--engine=${name}`)).toThrow(/--engine.*portable, native, tfjs-node, auto/);
  });
});

describe("a ConfigProto in text format", () => {
  it("says all that an engine can follow", () => {
    const text = `
      intra_op_parallelism_threads: 2
      inter_op_parallelism_threads: 4
      allow_soft_placement: false
      gpu_options { per_process_gpu_memory_fraction: 0.5 allow_growth: true visible_device_list: "0,2" }
      graph_options { optimizer_options { global_jit_level: ON_2 } }`;
    expect(parseSessionConfig(text, "file")).toEqual({
      intraOpThreads: 2,
      interOpThreads: 4,
      softPlacement: false,
      xlaLevel: 2,
      gpu: { memoryFraction: 0.5, allowGrowth: true, visibleDevices: [0, 2] },
    });
  });

  it.each([
    ["", {}],
    ["inter_op_parallelism_threads: -1", { interOpThreads: 0 }],
    ["inter_op_parallelism_threads: 0", {}],
    ["intra_op_parallelism_threads: 0", {}],
    ["graph_options { }", {}],
    ["graph_options { optimizer_options { global_jit_level: OFF } }", { xlaLevel: 0 }],
    ['gpu_options { visible_device_list: "-1" }', { gpu: { visibleDevices: [] } }],
  ])("%s is %j", (text, wanted) => {
    expect(parseSessionConfig(text, "file")).toEqual(wanted);
  });

  it.each([
    ["log_device_placement: true", /file: ConfigProto has the unknown field log_device_placement/],
    ["gpu_options { force_gpu_compatible: true }", /gpu_options has the unknown field force_gpu_compatible/],
    ["graph_options { place_pruned_graph: true }", /unknown field place_pruned_graph/],
    ["graph_options { optimizer_options { opt_level: L0 } }", /unknown field opt_level/],
    ["graph_options { optimizer_options { global_jit_level: ON_3 } }", /global_jit_level/],
    ["intra_op_parallelism_threads: 1.5", /intra_op_parallelism_threads/],
    ["allow_soft_placement: maybe", /allow_soft_placement/],
    ['gpu_options { visible_device_list: "GPU-1" }', /visible_device_list/],
    ["gpu_options { per_process_gpu_memory_fraction: 2 }", /per_process_gpu_memory_fraction/],
    ["gpu_options: 1", /gpu_options/],
    ["intra_op_parallelism_threads {", /line 1/],
  ])("%s is refused", (text, message) => {
    expect(() => parseSessionConfig(text, "file")).toThrow(message);
  });
});
