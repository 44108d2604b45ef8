import { damaged } from "../image.js";
import { fastMultipliers, fastSamples } from "./fast-cosine.js";
import { BLOCK, BLOCK_SIZE, type Component, type Frame } from "./frame.js";
import { allSamples, type BlockTransform, fewerSamples, type Plane } from "./inverse-cosine.js";
import type { JpegFile } from "./jpeg-file.js";

/** The samples of a component, and how many pixels each stands for. */
export interface ComponentPlane extends Plane {
  readonly across: number;
  readonly down: number;
}

/** How samples are wanted. */
export interface PlaneForm {
  /** By how much the image is made smaller: 1, 2, 4 or 8. */
  readonly ratio: number;
  /** Whether samples are as accurate as they can be, or a little faster and mostly within 1 of that. */
  readonly isAccurate: boolean;
}

/**
 * The samples of each component. A component with fewer samples than others keeps more of them where an image is made
 * smaller, so that less has to be made up.
 */
export function planesOf({ frame, quantizers }: JpegFile, { ratio, isAccurate }: PlaneForm): ComponentPlane[] {
  const least = BLOCK / ratio;
  return frame.components.map((component) => {
    const quantizer = quantizers.get(component);
    if (quantizer === undefined) throw damaged("JPEG", "a component of it has no scan");
    const size = sampleSize(frame, component, least);
    const [across, down] = [
      (frame.horizontal * least) / (component.horizontal * size),
      (frame.vertical * least) / (component.vertical * size),
    ];
    if (!Number.isInteger(across) || !Number.isInteger(down)) throw damaged("JPEG", "its sampling is not supported");
    const isFast = size === BLOCK && !isAccurate;
    const multipliers = isFast ? fastMultipliers(quantizer) : quantizer;
    const transform = isFast ? fastSamples : size === BLOCK ? allSamples : fewerSamples(size);
    const samples = samplesOf(component, multipliers, { transform, size });
    return { ...samples, ...extent(frame, component, size), across, down };
  });
}

function sampleSize(frame: Frame, { horizontal, vertical }: Component, least: number): number {
  let size = least;
  const goesInto = (factor: number, most: number): boolean => (most * least) % (factor * size * 2) === 0;
  while (size < BLOCK && goesInto(horizontal, frame.horizontal) && goesInto(vertical, frame.vertical)) size *= 2;
  return size;
}

function extent(frame: Frame, { horizontal, vertical }: Component, size: number): Pick<Plane, "width" | "height"> {
  return {
    width: Math.ceil((frame.width * horizontal * size) / (frame.horizontal * BLOCK)),
    height: Math.ceil((frame.height * vertical * size) / (frame.vertical * BLOCK)),
  };
}

interface Transform {
  readonly transform: BlockTransform;
  /** Samples along an edge of what it gives. */
  readonly size: number;
}

function samplesOf(
  component: Component,
  multipliers: Uint16Array | Int32Array,
  { transform, size }: Transform,
): Pick<Plane, "data" | "stride"> {
  const { stride: blocks, coefficients } = component;
  const stride = blocks * size;
  const plane = { data: new Uint8Array((coefficients.length / BLOCK_SIZE) * size * size), stride };
  const block = new Int32Array(BLOCK_SIZE);
  for (let row = 0; row < component.rows; row++) {
    for (let column = 0; column < component.columns; column++) {
      const start = (row * blocks + column) * BLOCK_SIZE;
      for (let at = 0; at < BLOCK_SIZE; at++) block[at] = (coefficients[start + at] ?? 0) * (multipliers[at] ?? 0);
      transform(block, plane, row * size * stride + column * size);
    }
  }
  return plane;
}
