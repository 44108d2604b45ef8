import type { FileEntry, ResourceEstimate } from "@servable/core";
import type { RunMetadata } from "@servable/tf-proto";
import { weightBytesIn } from "../engine/weight-bytes.js";
import type { Device } from "./devices.js";

/** Bytes by the name that the manager's `limits.devices` has for a device. */
export type DeviceBytes = Readonly<Record<string, number>>;

/** The manager's name of a device, `gpu:0`; undefined for the CPU, whose memory is main memory. */
export function resourceOf({ name, type }: Device): string | undefined {
  const [, index] = /:(\d+)$/.exec(name) ?? [];
  return type === "CPU" || index === undefined ? undefined : `${type.toLowerCase()}:${index}`;
}

/**
 * What a model of these files will take, at most, while it loads. TensorFlow puts on the first GPU what the graph puts
 * nowhere; what the graph puts on others is known once it is loaded.
 */
export function estimateFor(devices: readonly Device[], files: readonly FileEntry[]): ResourceEstimate {
  const weights = weightBytesIn(files);
  const first = devices.map(resourceOf).find((name) => name !== undefined);
  // While it loads, TensorFlow has what it reads and what it makes of it; a GPU gets what was made.
  return { memoryBytes: 2 * weights, ...(first !== undefined && { devices: { [first]: weights } }) };
}

/** What a loaded model is counted with: what was measured, and the estimate for what could not be. */
export interface Taken {
  readonly devices: readonly Device[];
  readonly files: readonly FileEntry[];
  /** By how much the process's resident set grew. */
  readonly rssBytes: number;
  /** By how much each device grew, of those that tell. */
  readonly deviceBytes: DeviceBytes;
}

/** What a model takes now that it is loaded. */
export function resourcesOf({ devices, files, rssBytes, deviceBytes }: Taken): ResourceEstimate {
  const taken = { ...estimateFor(devices, files).devices, ...deviceBytes };
  return {
    memoryBytes: Math.max(weightBytesIn(files), rssBytes),
    ...(Object.keys(taken).length > 0 && { devices: taken }),
  };
}

/** By how much each device has grown; of one that has shrunk, since calls beside it have ended, 0. */
export function growthOf(before: DeviceBytes, after: DeviceBytes): DeviceBytes {
  return Object.fromEntries(
    Object.entries(after).flatMap(([name, bytes]) => {
      const was = before[name];
      return was === undefined ? [] : [[name, Math.max(bytes - was, 0)] as const];
    }),
  );
}

/** What the allocator of a node's outputs has given out, to whomever; undefined where it does not tell. */
export function bytesInUse({ stepStats }: RunMetadata, node: string): number | undefined {
  const all = (stepStats?.devStats ?? []).flatMap(({ nodeStats }) => nodeStats);
  const memory = all.filter(({ nodeName }) => nodeName === node).flatMap((each) => each.memory);
  const told = memory.map(({ allocatorBytesInUse }) => Number(allocatorBytesInUse)).filter((bytes) => bytes > 0);
  return told.length === 0 ? undefined : Math.max(...told);
}
