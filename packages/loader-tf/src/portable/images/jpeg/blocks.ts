import type { EntropyBits, HuffmanTable } from "./entropy.js";
import { BLOCK_SIZE } from "./frame.js";

/** Places in a block in the order in which coefficients are coded (ITU T.81, figure A.6). */
export const ZIGZAG: Uint8Array = zigzag();

function zigzag(): Uint8Array {
  const order = new Uint8Array(BLOCK_SIZE);
  for (let at = 0, row = 0, column = 0; at < BLOCK_SIZE; at++) {
    order[at] = row * 8 + column;
    const isUpwards = (row + column) % 2 === 0;
    if (isUpwards) {
      if (column === 7) row++;
      else {
        column++;
        row = Math.max(row - 1, 0);
      }
    } else if (row === 7) column++;
    else {
      row++;
      column = Math.max(column - 1, 0);
    }
  }
  return order;
}

/** What a scan codes of each block. */
export interface Band {
  /** The first and the last coefficient, in coded order. */
  readonly first: number;
  readonly last: number;
  /** The bit below which nothing is coded; and, if not 0, that only this bit is coded. */
  readonly low: number;
  readonly high: number;
}

/** A component as a scan codes it. */
export interface ScanTables {
  readonly dc: HuffmanTable;
  readonly ac: HuffmanTable;
}

/** What goes on from one block of a component to the next. */
export interface BlockState {
  /** The last first coefficient. */
  prediction: number;
  /** Blocks to come without coefficients of the band that are new. */
  emptyRun: number;
}

/** One block to be decoded: 64 coefficients from `start` on. */
export interface BlockPlace {
  readonly coefficients: Int16Array;
  start: number;
}

/** Decodes what a scan has of one block. */
export type DecodeBlock = (bits: EntropyBits, state: BlockState, place: BlockPlace) => void;

/** All of a block at once, as sequential images have it (ITU T.81, F.2.2). */
export function sequentialBlock({ dc, ac }: ScanTables): DecodeBlock {
  return (bits, state, { coefficients, start }) => {
    state.prediction += bits.takeSigned(bits.symbol(dc) & 15);
    coefficients[start] = state.prediction;
    for (let at = 1; at < BLOCK_SIZE; at++) {
      const symbol = bits.symbol(ac);
      const size = symbol & 15;
      if (size === 0 && symbol < 0xf0) break;
      at += symbol >> 4;
      const value = bits.takeSigned(size);
      if (at < BLOCK_SIZE && size > 0) coefficients[start + (ZIGZAG[at] ?? 0)] = value;
    }
  };
}

/** What a scan of a progressive image has of a block (ITU T.81, G.1.2). */
export function progressiveBlock(tables: ScanTables, band: Band): DecodeBlock {
  if (band.first === 0) return band.high === 0 ? firstOfDc(tables, band) : moreOfDc(band);
  return band.high === 0 ? firstOfAc(tables, band) : moreOfAc(tables, band);
}

function firstOfDc({ dc }: ScanTables, { low }: Band): DecodeBlock {
  return (bits, state, { coefficients, start }) => {
    state.prediction += bits.takeSigned(bits.symbol(dc) & 15);
    coefficients[start] = state.prediction << low;
  };
}

function moreOfDc({ low }: Band): DecodeBlock {
  return (bits, _state, { coefficients, start }) => {
    if (bits.take(1) === 1) coefficients[start] = (coefficients[start] ?? 0) | (1 << low);
  };
}

function firstOfAc({ ac }: ScanTables, { first, last, low }: Band): DecodeBlock {
  return (bits, state, { coefficients, start }) => {
    if (state.emptyRun > 0) {
      state.emptyRun--;
      return;
    }
    for (let at = first; at <= last; at++) {
      const symbol = bits.symbol(ac);
      const run = symbol >> 4;
      const size = symbol & 15;
      if (size === 0 && run < 15) {
        state.emptyRun = (1 << run) - 1 + bits.take(run);
        break;
      }
      at += run;
      const value = bits.takeSigned(size) * (1 << low);
      if (at <= last && size > 0) coefficients[start + (ZIGZAG[at] ?? 0)] = value;
    }
  };
}

function moreOfAc({ ac }: ScanTables, { first, last, low }: Band): DecodeBlock {
  const bit = 1 << low;
  /** A coefficient that is there gets one more bit, away from zero. */
  const refine = (bits: EntropyBits, coefficients: Int16Array, place: number): void => {
    const value = coefficients[place] ?? 0;
    if (bits.take(1) === 1 && (value & bit) === 0) coefficients[place] = value + (value < 0 ? -bit : bit);
  };
  return (bits, state, { coefficients, start }) => {
    let at = first;
    while (state.emptyRun === 0 && at <= last) {
      const symbol = bits.symbol(ac);
      const size = symbol & 15;
      let zeros = symbol >> 4;
      if (size === 0 && zeros < 15) {
        state.emptyRun = (1 << zeros) + bits.take(zeros);
        break;
      }
      const value = size === 0 ? 0 : bits.take(1) === 1 ? bit : -bit;
      for (; at <= last; at++) {
        const place = start + (ZIGZAG[at] ?? 0);
        if (coefficients[place] !== 0) refine(bits, coefficients, place);
        else if (zeros-- === 0) {
          coefficients[place] = value;
          at++;
          break;
        }
      }
    }
    if (state.emptyRun === 0) return;
    state.emptyRun--;
    for (; at <= last; at++) {
      const place = start + (ZIGZAG[at] ?? 0);
      if (coefficients[place] !== 0) refine(bits, coefficients, place);
    }
  };
}
