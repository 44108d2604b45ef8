import { ServingError } from "@servable/core";
import type { Device } from "../portable/run/device.js";

function refuse(): never {
  throw new ServingError("INTERNAL", "a host kernel uses the device");
}

/** A device for tests of host kernels, which must not use one. */
export const hostOnlyDevice: Device = {
  upload: refuse,
  download: refuse,
  run: refuse,
  share: refuse,
  release: refuse,
  tensorCount: 0,
  memoryBytes: 0,
};
