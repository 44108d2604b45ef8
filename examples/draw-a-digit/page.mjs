import { controllableSource, createManager, loadWith } from "@servable/core";
import { savedModel, urlFiles } from "@servable/loader-tf/portable";
import { digitOf } from "./digit.mjs";

const canvas = document.querySelector("canvas");
const [clear, swap, answer, bars, version] = ["clear", "swap", "answer", "bars", "version"].map((id) =>
  document.getElementById(id),
);
const pen = canvas.getContext("2d", { willReadFrequently: true });

// The model: its files come from the server that gave the page, and run in a web worker.
const control = controllableSource();
const manager = createManager({
  web: control.lists$.pipe(loadWith(savedModel({ threads: 1, wasmPath: new URL(".", document.baseURI).href }))),
});
let wanted = 1;
const aspire = () => {
  const files = urlFiles(new URL(`models/mnist/${wanted}`, document.baseURI));
  control.replace("mnist", [{ version: wanted, data: files }]);
};

manager.events$.subscribe((event) => {
  if (event.type === "version-available") {
    version.textContent = `Version ${event.id.version} answers.`;
    swap.disabled = false;
    void show();
  }
  if (event.type === "version-ended" && event.error !== undefined) {
    answer.textContent = `The model cannot be loaded: ${event.error.message}`;
  }
});

/** Asks the model for the digit; a version that comes meanwhile drops no answer. */
async function show() {
  const pixels = pen.getImageData(0, 0, canvas.width, canvas.height).data;
  const images = digitOf(
    pixels.filter((_, at) => at % 4 === 3),
    canvas.width,
  );
  if (images === undefined) {
    answer.textContent = "Draw a digit.";
    bars.replaceChildren();
    return;
  }
  const began = performance.now();
  const { probabilities } = await manager.use("mnist", (mnist) =>
    mnist.predict({ images: { dtype: "float32", shape: [1, 28, 28], data: images } }),
  );
  const digits = [...probabilities.data];
  answer.textContent = `It is a ${digits.indexOf(Math.max(...digits))} (${(performance.now() - began).toFixed(1)} ms).`;
  bars.replaceChildren(...digits.map(bar));
}

function bar(share) {
  const [item, progress] = [document.createElement("li"), document.createElement("progress")];
  progress.value = share;
  item.append(progress);
  return item;
}

// The pen: a mouse, a finger or a pencil. What leaves the canvas while it is down goes on outside.
let last;
const place = ({ clientX, clientY }) => {
  const { left, top, width, height } = canvas.getBoundingClientRect();
  return [((clientX - left) * canvas.width) / width, ((clientY - top) * canvas.height) / height];
};
const draw = (event) => {
  if (last === undefined) return;
  const next = place(event);
  Object.assign(pen, { lineWidth: 22, lineCap: "round", strokeStyle: "white" });
  pen.beginPath();
  pen.moveTo(...last);
  pen.lineTo(...next);
  pen.stroke();
  last = next;
};
canvas.addEventListener("pointerdown", (event) => {
  last = place(event);
  draw(event);
});
addEventListener("pointermove", draw);
addEventListener("pointerup", () => {
  if (last === undefined) return;
  last = undefined;
  void show();
});

clear.addEventListener("click", () => {
  pen.clearRect(0, 0, canvas.width, canvas.height);
  void show();
});
swap.addEventListener("click", () => {
  wanted = wanted === 1 ? 2 : 1;
  aspire();
});
aspire();
