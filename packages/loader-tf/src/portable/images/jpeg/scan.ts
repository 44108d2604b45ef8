import type { BlockPlace, BlockState, DecodeBlock } from "./blocks.js";
import type { EntropyBits } from "./entropy.js";
import { BLOCK_SIZE, type Component, type Frame } from "./frame.js";

/** A component in a scan, and how its blocks are decoded. */
export interface ScanComponent {
  readonly component: Component;
  readonly decode: DecodeBlock;
}

/** A scan of a frame. */
export interface Scan {
  readonly frame: Frame;
  readonly parts: readonly ScanComponent[];
  /** Units from one restart to the next; 0 if there are none. */
  readonly restartInterval: number;
}

/**
 * Decodes a scan into the coefficients of its components. Where its bits end early, the rest up to the next restart
 * stays as it is.
 * @returns whether all of it was there
 */
export function decodeScan(bits: EntropyBits, { frame, parts, restartInterval }: Scan): boolean {
  const [only] = parts;
  const isSingle = parts.length === 1 && only !== undefined;
  const columns = isSingle ? only.component.columns : frame.unitColumns;
  const units = columns * (isSingle ? only.component.rows : frame.unitRows);
  const coded = parts.map((part) => coder(part, isSingle));
  const interval = restartInterval > 0 ? restartInterval : units;
  let isWhole = true;
  for (let start = 0; start < units; start += interval) {
    if (start > 0 && !bits.restart()) return false;
    for (const { state } of coded) {
      state.prediction = 0;
      state.emptyRun = 0;
    }
    for (let unit = start, end = Math.min(start + interval, units); unit < end; unit++) {
      const row = Math.floor(unit / columns);
      for (const part of coded) part.unit(bits, row, unit - row * columns);
      if (!bits.isExhausted) continue;
      isWhole = false;
      break;
    }
  }
  return isWhole;
}

interface Coder {
  readonly state: BlockState;
  readonly unit: (bits: EntropyBits, row: number, column: number) => void;
}

/** Alone, a component's units are its blocks; with others each gives as many as it has samples in the unit. */
function coder({ component, decode }: ScanComponent, isSingle: boolean): Coder {
  const { stride, coefficients } = component;
  const [across, down] = isSingle ? [1, 1] : [component.horizontal, component.vertical];
  const state: BlockState = { prediction: 0, emptyRun: 0 };
  const place: BlockPlace = { coefficients, start: 0 };
  const unit: Coder["unit"] = (bits, row, column) => {
    for (let y = 0; y < down; y++) {
      for (let x = 0; x < across; x++) {
        place.start = ((row * down + y) * stride + column * across + x) * BLOCK_SIZE;
        decode(bits, state, place);
      }
    }
  };
  return { state, unit };
}
