import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { KNOWN, SUPPORTED } from "./flag-table.js";
import { parseFlags } from "./parse-flags.js";
import { serveOptions } from "./serve-options.js";
import { UsageError } from "./usage-error.js";

describe("parseFlags", () => {
  it.each([
    [["--model_name=m", "--model_base_path", "/x"], { model_name: "m", model_base_path: "/x" }],
    [["-model_name=m"], { model_name: "m" }],
    [["--model_name=a=b"], { model_name: "a=b" }],
    [["--model_name="], { model_name: "" }],
    [["--load_retry_interval_micros", "-1"], { load_retry_interval_micros: "-1" }],
    [["--help"], { help: "true" }],
    [["--help", "--model_name=m"], { help: "true", model_name: "m" }],
    [["--help", "false"], { help: "false" }],
    [["--model_name=a", "--model_name=b"], { model_name: "b" }],
    [[], {}],
  ])("reads %j", (argv, values) => {
    expect(parseFlags(argv)).toEqual({ values, ignored: [] });
  });

  it("takes every flag of TensorFlow Serving, in both spellings, and names those without effect", () => {
    for (const [name, { kind }] of Object.entries(KNOWN)) {
      const value = { text: "x", integer: "3", boolean: "true" }[kind];
      expect(parseFlags([`--${name}=${value}`]).ignored).toEqual([name]);
      expect(parseFlags([`--${name}`, value, "--model_name=m"])).toEqual({
        values: { model_name: "m" },
        ignored: [name],
      });
    }
  });

  it.each([
    [["--model_nme=m"], "there is no flag --model_nme; did you mean --model_name?"],
    [["--model-name=m"], "there is no flag --model-name; did you mean --model_name?"],
    [["--entirely_else"], "there is no flag --entirely_else"],
    [["serve"], '"serve" is not a flag'],
    [["--model_name"], "--model_name needs a value"],
    [["--model_name", "--host=x"], "--model_name needs a value"],
    [["--rest_api_port=http"], '--rest_api_port needs an integer, got "http"'],
    [["--enable_batching=maybe"], '--enable_batching needs true or false, got "maybe"'],
    [["--__proto__=1"], "is not a flag"],
    [["--constructor=1"], "there is no flag --constructor"],
  ])("refuses %j", (argv, message) => {
    expect(() => parseFlags(argv)).toThrow(UsageError);
    expect(() => parseFlags(argv)).toThrow(message);
  });

  it("answers any words with values or a usage error", () => {
    const word = fc.oneof(
      fc.string(),
      fc.constantFrom(...Object.keys(SUPPORTED), ...Object.keys(KNOWN)).map((name) => `--${name}`),
      fc.tuple(fc.constantFrom(...Object.keys(SUPPORTED)), fc.string()).map(([name, value]) => `--${name}=${value}`),
    );
    fc.assert(
      fc.property(fc.array(word, { maxLength: 6 }), (argv) => {
        try {
          const { values } = parseFlags(argv);
          for (const name of Object.keys(values)) expect(SUPPORTED).toHaveProperty(name);
        } catch (error) {
          expect(error).toBeInstanceOf(UsageError);
        }
      }),
    );
  });
});

describe("serveOptions", () => {
  const of = (...argv: string[]): ReturnType<typeof serveOptions> => serveOptions(parseFlags(argv));

  it("has TensorFlow Serving's defaults where it has them", () => {
    expect(of("--model_base_path=/m")).toEqual({
      models: {
        kind: "one",
        model: {
          name: "default",
          basePath: "/m",
          versions: expect.objectContaining({ description: "the latest version" }),
          labels: new Map(),
        },
      },
      port: 8501,
      host: "127.0.0.1",
      pollMs: undefined,
      cacheFolder: undefined,
      cacheMaxBytes: undefined,
      loadConcurrency: 1,
      retryAttempts: 5,
      retryIntervalMs: 60_000,
      tags: ["serve"],
      warmUp: true,
      batching: { kind: "off" },
      engine: "auto",
      session: {},
      sessionConfigFile: undefined,
      rest: { timeoutMs: 30_000, cors: false, monitoringFile: undefined },
    });
  });

  it.each([
    [[], "--model_base_path is missing"],
    [["--model_base_path=/m", "--model_name="], "--model_name must not be empty"],
    [
      ["--model_base_path=/m", "--engine=magic"],
      "--engine=magic is not there; this version has: portable, native, tfjs-node, auto",
    ],
    [["--model_base_path=/m", "--rest_api_port=65536"], "--rest_api_port must be from 0 to 65535, got 65536"],
    [["--model_base_path=/m", "--file_system_poll_wait_seconds=-1"], "--file_system_poll_wait_seconds must be from 0"],
    [["--model_base_path=/m", "--saved_model_tags=serve,,gpu"], "has an empty tag"],
    [["--model_base_path=/m", "--batching_parameters_file=/b"], "is set without --enable_batching"],
  ])("refuses %j", (argv, message) => {
    expect(() => of(...argv)).toThrow(message);
  });

  it.each<[string[], unknown]>([
    [["--enable_model_warmup=false"], false],
    [["--enable_model_warmup=false", "--num_request_iterations_for_warmup=3"], false],
    [["--num_request_iterations_for_warmup=3"], { numRequestIterations: 3 }],
    [["--num_request_iterations_for_warmup=-1"], true],
  ])("warms up as TensorFlow Serving does with %j", (argv, warmUp) => {
    expect(of("--model_base_path=/m", ...argv).warmUp).toEqual(warmUp);
  });

  it("takes a negative retry interval for none, as TensorFlow Serving does", () => {
    expect(of("--model_base_path=/m", "--load_retry_interval_micros=-1").retryIntervalMs).toBe(0);
  });
});
