import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { EngineName, LibraryOrigin, LibraryPlace } from "@servable/loader-tf/native";
import { describe, expect, it } from "vitest";
import type { PythonFinding } from "./ask-python.js";
import type { DoctorParts } from "./diagnose.js";
import { doctor } from "./doctor.js";
import type { Probe, ProbeFacts, ProbeOutcome, ProbeRequest } from "./probe.js";

const fixtures = fileURLToPath(new URL("../../../../fixtures", import.meta.url));

type Answers = Readonly<Record<string, ProbeOutcome<ProbeFacts[keyof ProbeFacts]>>>;

interface World {
  readonly found?: Readonly<Partial<Record<LibraryOrigin, string>>>;
  readonly python?: PythonFinding;
  /** What tries come to, by `library FILE`, `engine NAME` and `model NAME`. */
  readonly answers?: Answers;
}

const fine = (facts: ProbeFacts[keyof ProbeFacts]): Answers[string] => ({ state: "fine", facts });
const refused = (message: string): Answers[string] => ({ state: "refused", message });
const crashed = (message: string): Answers[string] => ({ state: "crashed", message });
const cpu = { name: "/device:CPU:0", type: "CPU", memoryBytes: 2 ** 28 };
const gpu = { name: "/device:GPU:1", type: "GPU", memoryBytes: 3 * 2 ** 30 };
const withoutTensorFlow: Answers = {
  "engine native": refused("no library"),
  "engine tfjs-node": refused("no package"),
  "engine portable": fine({ because: "it needs nothing else" }),
};

function keyOf(request: ProbeRequest): string {
  return request.kind === "library" ? `library ${request.path}` : `${request.kind} ${request.engine}`;
}

async function run(words: readonly string[], { found = {}, python = { state: "missing" }, answers = {} }: World = {}) {
  const asked: string[] = [];
  const place = (origin: LibraryOrigin): LibraryPlace => ({ origin, looked: ["/a"], found: found[origin] });
  const parts: DoctorParts = {
    places: () => [place("SERVABLE_LIBTENSORFLOW"), place("VIRTUAL_ENV"), place("system")],
    askPython: async () => python,
    probe: (async (request: ProbeRequest) => {
      asked.push(keyOf(request));
      return { ...withoutTensorFlow, ...answers }[keyOf(request)] ?? refused("not foreseen");
    }) as Probe,
    runtimes: "/home/.servable/runtime",
  };
  const lines: string[] = [];
  const status = await doctor(words, { out: (line) => lines.push(line) }, parts);
  return { status, text: lines.join("\n"), asked };
}

describe("servable doctor", () => {
  it("says what to do where there is no TensorFlow, and that the portable engine serves", async () => {
    const { status, text } = await run([], { python: { state: "found", version: "3.11.7", library: undefined } });
    expect(status).toBe(0);
    expect(text).toMatch(/VIRTUAL_ENV +none in \/a$/m);
    expect(text).toMatch(/python3 +Python 3\.11\.7 has no TensorFlow/);
    expect(text).toMatch(/native +no: no library/);
    expect(text).toMatch(/^auto takes portable: it needs nothing else$/m);
    expect(text).toContain("activate a Python environment");
  });

  it("tells the version and the devices of a library, which it loads once for all places that have it", async () => {
    const { status, text, asked } = await run([], {
      found: { VIRTUAL_ENV: "/v/tf.so", system: "/v/tf.so" },
      answers: {
        "library /v/tf.so": fine({ path: "/v/tf.so", version: "2.18.1", devices: [cpu, gpu] }),
        "engine native": fine({ because: "TensorFlow 2.18.1 of /v/tf.so" }),
      },
    });
    expect(status).toBe(0);
    expect(asked).toEqual(["library /v/tf.so", "engine native", "engine tfjs-node", "engine portable"]);
    expect(text).toContain("TensorFlow 2.18.1; devices: CPU, GPU:1 (3.0 GiB)");
    expect(text).toMatch(/^auto takes native: TensorFlow 2\.18\.1 of \/v\/tf\.so$/m);
    expect(text).not.toContain("What to do");
  });

  it("warns of a library that ends the process which loads it", async () => {
    const { status, text } = await run([], {
      found: { SERVABLE_LIBTENSORFLOW: "/bad.so" },
      answers: {
        "library /bad.so": crashed("ended by SIGSEGV"),
        "engine native": crashed("ended by SIGSEGV"),
      },
    });
    expect(status).toBe(0);
    expect(text).toContain("cannot be used: ended by SIGSEGV");
    expect(text).toMatch(/^auto: looking for native would end the process: ended by SIGSEGV$/m);
    expect(text).toContain("--engine=portable");
  });

  it("shows how to use the TensorFlow of python3, for which only doctor asks", async () => {
    const { text } = await run([], {
      python: { state: "found", version: "3.12.1", library: "/py/tf.so" },
      answers: { "library /py/tf.so": fine({ path: "/py/tf.so", version: "2.21.0", devices: [cpu] }) },
    });
    expect(text).toContain("SERVABLE_LIBTENSORFLOW=/py/tf.so");
  });

  it("tries a model on the engines that can be had, of its highest version", async () => {
    const { status, text, asked } = await run([join(fixtures, "mnist")], {
      answers: { "model portable": fine({ signatures: ["serving_default(x: float32 []) -> y: float32 []"] }) },
    });
    expect(status).toBe(0);
    expect(asked.at(-1)).toBe("model portable");
    expect(text).toMatch(/The model in .*mnist.2:/);
    expect(text).toContain("serving_default(x: float32 []) -> y: float32 []");
  });

  it.each([
    ["native", 0, "--engine=native"],
    [undefined, 1, "activate a Python environment"],
  ] as const)("names what serves a model that portable does not: %s", async (engine, expected, advice) => {
    const served = (name: EngineName): Answers[string] =>
      name === engine ? fine({ signatures: [] }) : refused("the portable engine cannot run 1 operation: Foo (a)");
    const { status, text } = await run([join(fixtures, "mnist/1")], {
      answers: {
        ...(engine !== undefined && {
          "engine native": fine({ because: "TensorFlow" }),
          "model native": served("native"),
        }),
        "model portable": served("portable"),
      },
    });
    expect(status).toBe(expected);
    expect(text).toContain("cannot run 1 operation: Foo (a)");
    if (engine === undefined) expect(text).toContain(advice);
  });

  it("advises another engine where the one that auto takes does not serve the model", async () => {
    const { text } = await run([join(fixtures, "mnist/1")], {
      answers: {
        "engine native": fine({ because: "TensorFlow" }),
        "model native": refused("an operation of a newer TensorFlow"),
        "model portable": fine({ signatures: [] }),
      },
    });
    expect(text).toContain("--engine=portable");
  });

  it("prints one JSON object with --json", async () => {
    const { text } = await run(["--json"], {
      found: { system: "/s.so" },
      answers: { "library /s.so": refused("old") },
    });
    expect(JSON.parse(text)).toMatchObject({
      places: [
        { origin: "SERVABLE_LIBTENSORFLOW" },
        { origin: "VIRTUAL_ENV" },
        { origin: "system", found: "/s.so", problem: "old" },
        { origin: "python3" },
      ],
      auto: { engine: "portable", because: expect.stringContaining("not native, since no library") },
      canServe: true,
    });
  });

  it.each([
    [["a", "b"], "one path at most"],
    [["--wat"], "doctor: Unknown option '--wat'"],
  ])("refuses %j", async (words, problem) => {
    await expect(run(words)).rejects.toThrow(problem);
  });

  it.each([fixtures, join(fixtures, "nowhere")])("refuses %s, which holds no model", async (path) => {
    await expect(run([path])).rejects.toMatchObject({ code: "NOT_FOUND" });
  });
});
