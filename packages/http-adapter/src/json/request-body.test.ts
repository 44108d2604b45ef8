import { type DType, type NamedTensors, ServingError, type Signature } from "@servable/core";
import { describe, expect, it, vi } from "vitest";
import { diceOf, someBody, someNumber } from "../testing/body-grammar.js";
import { decodeBody } from "./decode-body.js";
import { parseJson } from "./parse-json.js";
import { predictBody } from "./predict-body.js";
import { RequestBody } from "./request-body.js";

const isNightly = process.env["SERVABLE_NIGHTLY"] === "1";
const signal = new AbortController().signal;
const encoder = new TextEncoder();

function signatureOf(inputs: Readonly<Record<string, DType>>): Signature {
  const specs = Object.entries(inputs).map(([name, dtype]) => [name, { dtype, shape: undefined }] as const);
  return { inputs: Object.fromEntries(specs), outputs: {}, methodName: "" };
}

interface Read {
  readonly form: string;
  readonly signature: string;
  readonly inputs: NamedTensors;
}

async function scanned(bytes: Uint8Array, signature: Signature): Promise<Read> {
  const body = await RequestBody.of(bytes, signal);
  const inputs = await body.inputs(signature, signal);
  return { form: body.form, signature: body.signature, inputs };
}

/** The reference: `JSON.parse`, then loops over what it gave. */
function parsed(bytes: Uint8Array, signature: Signature): Read {
  const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
  const body = predictBody(parseJson(text));
  return { form: body.form, signature: body.signature, inputs: decodeBody(body, text, signature) };
}

async function outcome(read: () => Read | Promise<Read>): Promise<unknown> {
  try {
    return await read();
  } catch (error) {
    if (!ServingError.is(error)) throw error;
    return { code: error.code, message: error.message };
  }
}

describe("a body", () => {
  const signatures = [
    ...(["float32", "float64", "int8", "uint8", "int32", "uint32", "bfloat16"] as const),
    ...(["int64", "uint64", "bool", "string", "complex64"] as const),
  ].flatMap((dtype) => [signatureOf({ x: dtype }), signatureOf({ x: dtype, y: "float32" }), signatureOf({})]);

  it("is read as JSON.parse and loops read it: the same tensors, or the same error", {
    timeout: 3_600_000,
  }, async () => {
    const dice = diceOf(isNightly ? Date.now() : 7);
    let good = 0;
    for (let run = 0; run < (isNightly ? 1_000_000 : 20_000); run++) {
      const text = someBody(dice);
      const bytes = encoder.encode(text);
      const signature = signatures[dice(signatures.length)] ?? signatureOf({});
      const [ours, theirs] = [
        await outcome(() => scanned(bytes, signature)),
        await outcome(() => parsed(bytes, signature)),
      ];
      if (typeof ours === "object" && ours !== null && "inputs" in ours) good++;
      expect(ours, text).toEqual(theirs);
    }
    expect(good).toBeGreaterThan(2_000);
  });

  it("that is no UTF-8 is read as its text is", async () => {
    for (const middle of [[0xff], [0xc3], [0xe2, 0x82], [0xef, 0xbb, 0xbf]]) {
      const bytes = new Uint8Array([...encoder.encode('{"instances":["'), ...middle, ...encoder.encode('"]}')]);
      const signature = signatureOf({ x: "string" });
      expect(await scanned(bytes, signature)).toEqual(parsed(bytes, signature));
    }
  });

  it.each<[string, Readonly<Record<string, DType>>]>([
    ['{"instances":[[1.5,-2],[0.25,3e5]]}', { x: "float32" }],
    ['{"signature_name":"s","instances":[0.12345678901234567,1]}', { x: "float64" }],
    ['{"inputs": [[1, 2], [3, 4]] }\n', { x: "int32" }],
    ['{"inputs":{"y":[9223372036854775807],"x":7}}', { x: "uint8", y: "int64" }],
    ['{"instances":[{"x":[true],"y":"é"},{"y":{"b64":"AQ=="},"x":[false]}]}', { x: "bool", y: "string" }],
    ['{"instances":[{"b64":"AQ=="},"some_name"]}', { x: "string" }],
    ['{"instances":[NaN,-Infinity]}', { x: "float16" }],
    ['{"inputs":[[],[]]}', { x: "uint64" }],
    ['{"inputs":3}', { x: "float32" }],
  ])("of a usual form never becomes objects: %s", async (text, inputs) => {
    const parse = vi.spyOn(JSON, "parse");
    try {
      await scanned(encoder.encode(text), signatureOf(inputs));
      expect(parse).not.toHaveBeenCalled();
    } finally {
      parse.mockRestore();
    }
  });

  it("that is large is read in slices, which end when the call is aborted", async () => {
    const row = JSON.stringify(Array.from({ length: 1_000 }, (_, index) => index / 7));
    const bytes = encoder.encode(`{"instances":[${Array.from({ length: 1_000 }, () => row).join(",")}]}`);
    const signature = signatureOf({ x: "float32" });
    let turns = 0;
    const ticking = setInterval(() => turns++, 0);
    try {
      expect((await (await RequestBody.of(bytes, signal)).inputs(signature, signal))["x"]?.shape).toEqual([
        1_000, 1_000,
      ]);
    } finally {
      clearInterval(ticking);
    }
    expect(turns).toBeGreaterThan(1);
    const abort = new AbortController();
    const reading = (await RequestBody.of(bytes, signal)).inputs(signature, abort.signal);
    const reason = new Error("gone");
    abort.abort(reason);
    await expect(reading).rejects.toBe(reason);
  });

  it("asks for no more memory than it has values", async () => {
    const zeros = JSON.stringify(Array.from({ length: 30_000 }, () => 0));
    const bytes = encoder.encode(`{"instances":[${zeros}${",[]".repeat(30_000)}]}`);
    await expect(scanned(bytes, signatureOf({ x: "float32" }))).rejects.toThrow("instances[1] is a list of 0");
  });
});

describe("a number", () => {
  /** Halfway between neighbours, below the normal numbers, at the ends of the range: where readers go wrong. */
  const hard = [
    "9007199254740993",
    "9007199254740992.5",
    "1.00000005960464477539062499999999999999999999",
    "1.00000005960464477539062500000000000000000001",
    "1.000000059604644775390625",
    "1.0000000596046448",
    "16777217",
    "16777217.0000001",
    "0.50000002980232",
    "7.038531e-26",
    "1.4012984643e-45",
    "7.0064923216240854e-46",
    "7.0064923216240853e-46",
    "1.1754943508e-38",
    "3.4028235677973366e38",
    "3.4028235677973365e38",
    "2.2250738585072011e-308",
    "2.2250738585072014e-308",
    "4.9406564584124654e-324",
    "2.4703282292062327e-324",
    "1.7976931348623159e308",
    "1.7976931348623158e308",
    "9214843084008499",
    "30078505129381147446200",
    "1777820000000000000001",
    "0.500000000000000166547006220929549868969843373633921146392822265625",
    "3.518437208883201171875e13",
    "62.5364939768271845828",
    "8.10109172351e-10",
    "1.50000000000000011102230246251565",
    "9355950000000000000.00000000000000000000000000000001844674407370955161600000184467440737095516161844674407370955",
    "0.000000000000000000000000000000000000011754943508222875079687365372222456778186655567720875215087517062784172594547271728515625",
    "123456789012345678",
    "0.1234567890123456789",
    "99999999.99999999",
    "999999999.999999999",
    "0.00000000000000000000001",
    `0.${"0".repeat(400)}1`,
    `1${"0".repeat(400)}`,
    "-0",
    "-0.0",
    "0e5",
    "1E-400",
  ];

  it.each(["float32", "float64"] as const)(
    "is that of Number, rounded to %s",
    { timeout: 3_600_000 },
    async (dtype) => {
      const dice = diceOf(isNightly ? Date.now() : 11);
      const rounds = isNightly ? 2_500 : 10;
      for (let round = 0; round < rounds; round++) {
        const texts = [...hard, ...hard.map((text) => `-${text.replace("-", "")}`)];
        for (let count = 0; count < 1_000; count++) {
          texts.push(someNumber(dice));
          // Neighbours of a float32 and what lies halfway to the next, by a few digits too many or too few.
          const single = Math.fround((dice(2 ** 24) + 2 ** 24) * 2 ** (dice(60) - 50));
          const halfway = single * (1 + 2 ** -24);
          texts.push(String(single), String(halfway), halfway.toPrecision(17), halfway.toPrecision(8 + dice(10)));
        }
        const { inputs } = await scanned(encoder.encode(`{"inputs":[${texts.join(",")}]}`), signatureOf({ x: dtype }));
        const numbers = dtype === "float32" ? Float32Array.from(texts, Number) : Float64Array.from(texts, Number);
        const data = inputs["x"]?.data ?? [];
        const wrong = texts.filter((_, index) => !Object.is(data[index], numbers[index]));
        expect(wrong).toEqual([]);
      }
    },
  );
});
