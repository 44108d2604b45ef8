import type { CApi, Pointer } from "./c-api.js";
import { checked } from "./status.js";

/** A processor that TensorFlow computes on. */
export interface Device {
  /** As TensorFlow calls it: `/job:localhost/replica:0/task:0/device:GPU:0`. */
  readonly name: string;
  /** `CPU`, `GPU` and the like. */
  readonly type: string;
  /** The memory that TensorFlow may take there. */
  readonly memoryBytes: number;
}

/** The devices of a session. */
export function devicesOf(api: CApi, session: Pointer): readonly Device[] {
  const list = checked(api, (status) => api.listDevices(session, status));
  try {
    return Array.from({ length: api.deviceCount(list) }, (_, index) => ({
      name: checked(api, (status) => api.deviceName(list, index, status)),
      type: checked(api, (status) => api.deviceType(list, index, status)),
      memoryBytes: checked(api, (status) => api.deviceBytes(list, index, status)),
    }));
  } finally {
    api.deleteDevices(list);
  }
}
