const SIZE = 28;
/** MNIST's digits fill a square of this size, with their centre of mass in the middle of the image. */
const BOX = 20;

/**
 * A drawing as MNIST has its digits: float32 [28 × 28], 0 to 1; undefined for an empty one.
 * @param {Uint8ClampedArray | Uint8Array} ink how much of each pixel is drawn over, 0 to 255, row by row
 * @param {number} width of the drawing in pixels
 * @returns {Float32Array | undefined}
 */
export function digitOf(ink, width) {
  const height = ink.length / width;
  const drawn = [...ink.keys()].filter((at) => ink[at] > 0);
  if (drawn.length === 0) return undefined;
  const [columns, rows] = [drawn.map((at) => at % width), drawn.map((at) => Math.floor(at / width))];
  const scale = (Math.max(spanOf(columns), spanOf(rows)) + 1) / BOX;
  const mass = drawn.reduce((sum, at) => sum + ink[at], 0);
  const middle = (places) => drawn.reduce((sum, at, index) => sum + ink[at] * places[index], 0) / mass + 0.5;
  const [left, top] = [middle(columns) - (scale * SIZE) / 2, middle(rows) - (scale * SIZE) / 2];
  return Float32Array.from({ length: SIZE * SIZE }, (_, at) => {
    const [x, y] = [left + (at % SIZE) * scale, top + Math.floor(at / SIZE) * scale];
    return mean(ink, { x, y, scale, width, height }) / 255;
  });
}

function spanOf(places) {
  return (
    places.reduce((most, place) => Math.max(most, place), 0) -
    places.reduce((least, place) => Math.min(least, place), Number.POSITIVE_INFINITY)
  );
}

/** The mean of the pixels under a square; outside of the drawing there is no ink. */
function mean(ink, { x, y, scale, width, height }) {
  let [sum, count] = [0, 0];
  for (let row = Math.round(y); row < Math.max(Math.round(y + scale), Math.round(y) + 1); row++) {
    for (let column = Math.round(x); column < Math.max(Math.round(x + scale), Math.round(x) + 1); column++) {
      count++;
      if (row >= 0 && row < height && column >= 0 && column < width) sum += ink[row * width + column];
    }
  }
  return sum / count;
}
