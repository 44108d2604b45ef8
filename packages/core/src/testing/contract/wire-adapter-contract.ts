import { ServingError, type ServingErrorCode } from "../../errors.js";
import type { Manager } from "../../manager/manager.js";
import type { NamedTensors } from "../../predictor.js";
import { tensor } from "../../tensor/nested.js";
import type { Tensor } from "../../tensor/tensor.js";
import { claim, claimCode, claimFails, claimSame, short } from "./claim.js";
import { type ContractCase, type ContractOptions, contractOf } from "./contract.js";
import { claimTensors } from "./tensor-claims.js";
import { aborted, arrived, settled, waitingPredictor } from "./waiting-predictor.js";
import type { WireClient, WireRequest } from "./wire-client.js";
import {
  echo,
  failing,
  plus,
  predictorOf,
  ready,
  signature,
  stuck,
  type WireModels,
  type WireStage,
  wireStage,
} from "./wire-stage.js";

/** An adapter that answers requests over a manager. */
export interface WireAdapterSubject extends ContractOptions {
  /** Serves a manager's models, and connects a client to that; the manager stays open when the client is disposed. */
  readonly serve: (manager: Manager) => WireClient | Promise<WireClient>;
}

const MANY = 20;
const EXACT = { tolerance: 0 };
const x = (...values: readonly number[]): NamedTensors => ({ x: tensor([...values], "float32") });
const y = (...values: readonly number[]): NamedTensors => ({ y: tensor([...values], "float32") });

/** Values that wires like to lose. */
const HARD: Readonly<Record<string, Tensor>> = {
  float32: tensor([0.1, -0, 3.4028234663852886e38, 1e-45, Number.POSITIVE_INFINITY, Number.NaN], "float32"),
  float64: tensor(
    [
      [0.1, 5e-324],
      [-1.7976931348623157e308, Number.NEGATIVE_INFINITY],
    ],
    "float64",
  ),
  int32: tensor([[[2147483647, -2147483648]]], "int32"),
  int64: tensor([9223372036854775807n, -9223372036854775808n, 9007199254740993n], "int64"),
  uint8: tensor([0, 255], "uint8"),
  bool: tensor([true, false], "bool"),
  string: tensor(["größer", "", '"quoted"\n', "\u{1f642}"], "string"),
  scalar: tensor(2.5, "float32"),
  none: tensor([], "float32"),
};

/** What every adapter does that answers requests over a manager, whatever its wire. */
export function wireAdapterContract({ serve, skip }: WireAdapterSubject): readonly ContractCase[] {
  /** Runs `work` on an adapter over a manager of its own. */
  const served =
    (models: WireModels, work: (served: Served) => Promise<void>, options: Parameters<typeof wireStage>[1] = {}) =>
    async (): Promise<void> => {
      await using stage = await wireStage(models, options);
      await using client = await serve(stage.manager);
      await work({ ...stage, client });
    };

  const gives = async (client: WireClient, request: WireRequest, outputs: NamedTensors): Promise<void> =>
    claimTensors(await client.predict(request), outputs, { ...EXACT, what: `the answer to ${asked(request)}` });

  const refuses = (client: WireClient, request: WireRequest, code: ServingErrorCode): Promise<string> =>
    claimCode(() => client.predict(request), code, asked(request));

  const numbers = { m: { 3: ready(plus(3)), 7: ready(plus(7)) } };

  return contractOf(
    "wireAdapterContract",
    {
      "answers with the latest version": served(numbers, ({ client }) =>
        gives(client, { model: "m", inputs: x(1, 2.5) }, y(8, 9.5)),
      ),
      "answers with the version that is asked for": served(numbers, async ({ client }) => {
        for (const version of [3, 7]) await gives(client, { model: "m", version, inputs: x(1) }, y(1 + version));
      }),
      "answers with the version that a label points to": served(numbers, async ({ client, manager }) => {
        for (const version of [3, 7, 3]) {
          manager.setLabel("m", "stable", version);
          await gives(client, { model: "m", label: "stable", inputs: x(1) }, y(1 + version));
        }
      }),
      "answers by the signature that is asked for": served(
        { m: { 1: ready({ ...echo({ x: ["float32", [-1]] }), predict: signed }) } },
        async ({ client }) => {
          await gives(client, { model: "m", inputs: x(1) }, x(1));
          await gives(client, { model: "m", signature: "twin", inputs: x(1) }, x(2));
        },
      ),
      "serves many models": served(
        { a: { 1: ready(plus(1)) }, "b/c d:ü": { 1: ready(plus(2)) } },
        async ({ client }) => {
          await gives(client, { model: "a", inputs: x(1) }, y(2));
          await gives(client, { model: "b/c d:ü", inputs: x(1) }, y(3));
        },
      ),
      "carries values of every kind as they are": served(
        Object.fromEntries(
          Object.entries(HARD).map(([name, { dtype }]) => [name, { 1: ready(echo({ t: [dtype, undefined] })) }]),
        ),
        async ({ client }) => {
          for (const [model, t] of Object.entries(HARD)) await gives(client, { model, inputs: { t } }, { t });
        },
      ),
      "carries many inputs and outputs by their names": served(
        { m: { 1: ready(echo({ a: ["float32", [-1]], b: ["int32", [-1]] })) } },
        async ({ client }) => {
          const inputs = { b: tensor([3], "int32"), a: tensor([1, 2], "float32") };
          await gives(client, { model: "m", inputs }, inputs);
        },
      ),
      "keeps many calls apart": served(numbers, async ({ client }) => {
        const calls = Array.from({ length: MANY }, (_, at) => {
          const version = at % 2 === 0 ? 3 : 7;
          return gives(client, { model: "m", version, inputs: x(at) }, y(at + version));
        });
        await Promise.all(calls);
      }),
      "loads what is loaded on demand": served(
        numbers,
        ({ client }) => gives(client, { model: "m", version: 3, inputs: x(1) }, y(4)),
        { onDemand: {} },
      ),
      "does not find what there is not": served(numbers, async ({ client }) => {
        await refuses(client, { model: "n", inputs: x(1) }, "NOT_FOUND");
        await refuses(client, { model: "m", version: 4, inputs: x(1) }, "NOT_FOUND");
        await refuses(client, { model: "m", label: "stable", inputs: x(1) }, "NOT_FOUND");
        await claimCode(() => client.status("n"), "NOT_FOUND", "the status of an unknown model");
        await claimCode(() => client.metadata("n"), "NOT_FOUND", "the metadata of an unknown model");
      }),
      "tells of what is not available yet": served({ m: { 1: stuck } }, async ({ client }) => {
        await refuses(client, { model: "m", inputs: x(1) }, "NOT_AVAILABLE");
        await refuses(client, { model: "m", version: 1, inputs: x(1) }, "NOT_AVAILABLE");
        await claimCode(() => client.metadata("m"), "NOT_AVAILABLE", "the metadata of a model that is loading");
      }),
      "refuses a servable that is no predictor": served({ m: { 1: ready(new Map()) } }, async ({ client }) => {
        const message = await refuses(client, { model: "m", inputs: x(1) }, "INVALID_ARGUMENT");
        claim(message.includes("m"), `the error does not name the model: ${message}`);
      }),
      "refuses inputs that do not fit": served(numbers, async ({ client }) => {
        const bad: readonly NamedTensors[] = [
          {},
          { z: tensor([1], "float32") },
          { x: tensor(["text"], "string") },
          { x: tensor([[[1]]], "float32") },
        ];
        for (const inputs of bad) await refuses(client, { model: "m", inputs }, "INVALID_ARGUMENT");
        await refuses(client, { model: "m", signature: "other", inputs: x(1) }, "INVALID_ARGUMENT");
        await gives(client, { model: "m", inputs: x(1) }, y(8));
      }),
      "refuses an input that the model does not have": served(numbers, async ({ client }) => {
        const inputs = { ...x(1), z: tensor([1], "float32") };
        await refuses(client, { model: "m", inputs }, "INVALID_ARGUMENT");
      }),
      "passes on the code that a predictor fails with": served(
        Object.fromEntries(CODES.map((code) => [code, { 1: ready(failingWith(code)) }])),
        async ({ client }) => {
          for (const code of CODES) {
            const message = await refuses(client, { model: code, inputs: x(1) }, code);
            claim(message.includes(REASON), `the error does not say why: ${message}`);
          }
        },
      ),
      "tells the state of every version": served(
        { m: { 1: failing, 2: ready(plus(2)), 3: stuck } },
        async ({ client }) => {
          const found = [...(await client.status("m"))].sort((a, b) => a.version - b.version);
          claimSame(
            found.map(({ version, state }) => `${version} ${state}`),
            ["1 END", "2 AVAILABLE", "3 LOADING"],
            "the states",
          );
        },
      ),
      "tells the signatures": served(
        { m: { 1: ready(echo({ a: ["float32", [-1, 28]], b: ["int64", undefined], c: ["string", []] })) } },
        async ({ client }) => {
          const found = await client.metadata("m");
          const wanted = signature({ a: ["float32", [-1, 28]], b: ["int64", undefined], c: ["string", []] });
          claimSame(Object.keys(found).sort(), ["serving_default", "twin"], "the signatures");
          for (const { inputs, outputs } of Object.values(found)) {
            claimSame(written(inputs), written(wanted.inputs), "the inputs");
            claimSame(written(outputs), written(wanted.outputs), "the outputs");
          }
        },
      ),
      "holds a version while a call on it runs": async () => {
        const { predictor, called } = waitingPredictor();
        await served({ m: { 1: ready(predictor) } }, async ({ client, leaks }) => {
          const answer = settled(client.predict({ model: "m", inputs: x(1) }));
          const call = await arrived(called, answer);
          const held = leaks.held.length;
          call.succeed();
          claimTensors((await answer)(), y(1), { ...EXACT, what: "the answer" });
          claim(held > 0, "no handle was held while the predictor ran: the version could have been unloaded");
        })();
      },
      "gives back every handle after an answer": served(numbers, async ({ client, leaks }) => {
        await gives(client, { model: "m", inputs: x(1) }, y(8));
        await client.status("m");
        await client.metadata("m");
        leaks.check();
      }),
      "gives back every handle after a failure": served(
        { ...numbers, bad: { 1: ready(failingWith("INTERNAL")) }, map: { 1: ready(new Map()) } },
        async ({ client, leaks }) => {
          await refuses(client, { model: "bad", inputs: x(1) }, "INTERNAL");
          await refuses(client, { model: "map", inputs: x(1) }, "INVALID_ARGUMENT");
          await refuses(client, { model: "m", inputs: {} }, "INVALID_ARGUMENT");
          await refuses(client, { model: "m", signature: "other", inputs: x(1) }, "INVALID_ARGUMENT");
          await claimCode(() => client.metadata("map"), "INVALID_ARGUMENT", "the metadata of what is no predictor");
          leaks.check();
        },
      ),
      "aborts the call of a client that is gone, and gives its handle back": async () => {
        const { predictor, called } = waitingPredictor();
        await served({ ...numbers, slow: { 1: ready(predictor) } }, async ({ client, leaks }) => {
          const controller = new AbortController();
          const answer = settled(client.predict({ model: "slow", inputs: x(1), signal: controller.signal }));
          const call = await arrived(called, answer);
          const { signal } = call;
          claim(signal !== undefined, "the predictor was given no signal");
          controller.abort();
          await aborted(signal);
          call.fail(new ServingError("CANCELLED", "it was aborted"));
          await claimFails(async () => (await answer)(), "a call whose client is gone");
          // What the adapter has left to do for the one is done when it has answered another.
          await gives(client, { model: "m", inputs: x(1) }, y(8));
          leaks.check();
        })();
      },
    },
    { skip },
  );
}

interface Served extends Pick<WireStage, "manager" | "leaks"> {
  readonly client: WireClient;
}

const REASON = "the reason that the contract gave";
const CODES: readonly ServingErrorCode[] = [
  "INVALID_ARGUMENT",
  "RESOURCE_EXHAUSTED",
  "DEADLINE_EXCEEDED",
  "UNSUPPORTED",
  "INTERNAL",
];

/** INTERNAL stands for any error that has no code. */
function failingWith(code: ServingErrorCode): ReturnType<typeof predictorOf> {
  const error = code === "INTERNAL" ? new Error(REASON) : new ServingError(code, REASON);
  return predictorOf(() => Promise.reject(error));
}

/** Doubles under the signature `twin`. */
async function signed(
  inputs: NamedTensors,
  options: { readonly signature?: string } = {},
): Promise<Record<string, Tensor>> {
  return options.signature === "twin" ? { ...x(2) } : { ...inputs };
}

function asked({ model, version, label, signature, inputs }: WireRequest): string {
  const which = [model, version ?? label, signature].filter((part) => part !== undefined).join("/");
  return `a call on ${which} with ${Object.keys(inputs).join(", ") || "nothing"}`;
}

function written(specs: Readonly<Record<string, { readonly dtype: string; readonly shape: unknown }>>): string[] {
  return Object.entries(specs)
    .map(([name, { dtype, shape }]) => `${name} ${dtype} ${short(shape)}`)
    .sort();
}
