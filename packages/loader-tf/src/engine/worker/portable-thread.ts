import type { Device } from "../../portable/run/device.js";
import { wasmDevice } from "../../portable/run/wasm-device.js";
import { openOn } from "../inline-host.js";
import type { PortableOrder, ProgramFacts } from "../portable-host.js";
import { MemoryAccount } from "./memory-account.js";
import type { ThreadHost } from "./worker-host.js";

/** The device, and who needs its memory. */
interface Ground {
  readonly device: Device;
  readonly memory: MemoryAccount;
}

/**
 * The portable engine on a worker thread: one device for all models.
 * @param startDevice gives the device; where it fails the next model tries again
 */
export function portableThread(
  startDevice: (wasmPath?: string) => Promise<Device> = wasmDevice,
): ThreadHost<PortableOrder, ProgramFacts> {
  let starting: Promise<Ground> | undefined;
  let ground: Ground | undefined;

  async function groundOf({ wasmPath }: PortableOrder): Promise<Ground> {
    starting ??= startDevice(wasmPath).then((device) => ({ device, memory: new MemoryAccount(device) }));
    try {
      return (ground = await starting);
    } catch (error) {
      starting = undefined;
      throw error;
    }
  }

  return {
    async open(number, request) {
      const { device, memory } = await groundOf(request.order);
      const model = await openOn(device, request);
      memory.charge(number);
      memory.require(number, model.facts.deviceBytes);
      return model;
    },
    ran: (number) => ground?.memory.charge(number),
    closed: (number) => {
      ground?.memory.forget(number);
      return ground?.memory.spareBytes ?? 0;
    },
  };
}
