import type { Diagnosis } from "./diagnose.js";

/** What to do about what was found, most important first; nothing where all is well. */
export function adviceFor(found: Omit<Diagnosis, "advice">): readonly string[] {
  const { places, engines, auto, model } = found;
  const advice: string[] = [];
  const crashed = engines.find(({ state }) => state === "crashed");
  if (crashed !== undefined) {
    advice.push(
      `--engine=auto cannot be used while the library of ${crashed.engine} ends the process: name another by ` +
        "SERVABLE_LIBTENSORFLOW, or say --engine=portable",
    );
  }
  if (engines.find(({ engine }) => engine === "native")?.state !== "fine") advice.push(...toGetNative(places));
  if (model !== undefined) advice.push(...forModel(model.engines, auto.engine));
  return advice;
}

function toGetNative(places: Diagnosis["places"]): readonly string[] {
  const usable = places.find(({ version }) => version !== undefined);
  const ofPython = usable?.origin === "python3";
  if (ofPython) {
    return [
      `to use the TensorFlow of python3, which servable itself does not ask: SERVABLE_LIBTENSORFLOW=${usable.found}`,
    ];
  }
  if (usable !== undefined)
    return [`a library that can be used is ${usable.found}: SERVABLE_LIBTENSORFLOW=${usable.found}`];
  return [
    "for TensorFlow itself, which is faster and runs every model: activate a Python environment that has TensorFlow 2.12 " +
      "or newer, or name the file of its library by SERVABLE_LIBTENSORFLOW",
  ];
}

function forModel(
  models: NonNullable<Diagnosis["model"]>["engines"],
  auto: Diagnosis["auto"]["engine"],
): readonly string[] {
  const served = models.filter(({ state }) => state === "fine").map(({ engine }) => engine);
  const [first] = served;
  if (first === undefined || auto === undefined || served.includes(auto)) return [];
  return [`the engine ${auto} that auto takes does not serve this model, ${first} does: --engine=${first}`];
}
