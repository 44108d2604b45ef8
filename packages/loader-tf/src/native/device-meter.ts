import { AttrValue, DataType, GraphDef, RunMetadata, RunOptions, RunOptions_TraceLevel } from "@servable/tf-proto";
import type { CApi, Pointer } from "./c-api.js";
import { bytesInUse, type DeviceBytes, resourceOf } from "./device-memory.js";
import { type Device, devicesOf } from "./devices.js";
import { checked, errorOfStatus } from "./status.js";
import { releaseTensor, writeTensor } from "./tensors.js";

/** Tells what TensorFlow takes of devices that have memory of their own. */
export interface DeviceMeter {
  readonly devices: readonly Device[];
  /** What all models together have of each device that tells; of others nothing is said. */
  inUse(): Promise<DeviceBytes>;
}

const meters = new WeakMap<CApi, Promise<DeviceMeter>>();

/**
 * The meter of a library. The first caller's configuration, a ConfigProto, decides which devices there are: a process has
 * one set of them.
 * @throws ServingError with TensorFlow's message where it can make no session
 */
export function deviceMeter(api: CApi, config: Uint8Array): Promise<DeviceMeter> {
  const known = meters.get(api);
  if (known !== undefined) return known;
  const opened = openMeter(api, config);
  meters.set(api, opened);
  opened.catch(() => meters.delete(api));
  return opened;
}

/** What is measured, and how. */
export interface Measuring {
  /** Whether the memory of a device is asked for. @defaultValue where it is not main memory */
  readonly isMetered?: (device: Device) => boolean;
  /** Finds the bytes in the trace of a run of `node`. @defaultValue what its allocator has given out */
  readonly read?: (trace: RunMetadata, node: string) => number | undefined;
}

/** Opens a meter. Nobody closes it: where there is something to measure, it keeps a session with a few small nodes. */
export async function openMeter(api: CApi, config: Uint8Array, how: Measuring = {}): Promise<DeviceMeter> {
  const { isMetered = (device) => resourceOf(device) !== undefined, read = bytesInUse } = how;
  const sessionOptions = api.newSessionOptions();
  const graph = api.newGraph();
  const status = api.newStatus();
  let session: Pointer = 0n;
  const close = async (): Promise<void> => {
    if (session !== 0n) await api.deleteSession(session, status);
    api.deleteGraph(graph);
  };
  try {
    checked(api, (each) => api.setConfig(sessionOptions, config, each));
    session = await api.newSession(graph, sessionOptions, status);
    const error = errorOfStatus(api.code(status), api.message(status));
    if (error !== undefined) throw error;
    const devices = devicesOf(api, session);
    const metered = devices.filter(isMetered);
    if (metered.length === 0) {
      await close();
      return { devices, inUse: async () => ({}) };
    }
    const probes = metered.map((device, at) => probeOf({ api, graph, session, read }, device, `device_${at}`));
    return { devices, inUse: () => measured(probes) };
  } catch (error) {
    await close();
    throw error;
  } finally {
    api.deleteSessionOptions(sessionOptions);
    api.deleteStatus(status);
  }
}

interface Probe {
  readonly resource: string;
  ask(): Promise<number | undefined>;
}

async function measured(probes: readonly Probe[]): Promise<DeviceBytes> {
  const entries: (readonly [string, number])[] = [];
  for (const probe of probes) {
    const bytes = await probe.ask();
    if (bytes !== undefined) entries.push([probe.resource, bytes]);
  }
  return Object.fromEntries(entries);
}

interface Place {
  readonly api: CApi;
  readonly graph: Pointer;
  readonly session: Pointer;
  readonly read: NonNullable<Measuring["read"]>;
}

/**
 * TensorFlow's C API does not tell what an allocator has given out, but the trace of a run does, of the allocators that
 * the run has asked. So an operation that must allocate is run on the device.
 */
function probeOf({ api, graph, session, read }: Place, device: Device, prefix: string): Probe {
  checked(api, (status) => api.importGraph({ graph, definition: ALLOCATING, prefix, device: device.name, status }));
  const feeds = BigUint64Array.of(api.operation(graph, `${prefix}/x`), 0n);
  const fetches = BigUint64Array.of(api.operation(graph, `${prefix}/fill`), 0n);
  const ask = async (): Promise<number | undefined> => {
    const options = api.newBuffer(TRACED);
    const metadata = api.newEmptyBuffer();
    const status = api.newStatus();
    const input = writeTensor(api, { dtype: "float32", shape: [], data: Float32Array.of(0) }, FLOAT);
    const [inputs, outputs] = [BigUint64Array.of(input), BigUint64Array.of(0n)];
    try {
      await new Promise<void>((resolve) =>
        api.run({ session, options, feeds, inputs, fetches, outputs, metadata, status }, resolve),
      );
      // Not to know is no reason to refuse a model.
      if (api.code(status) !== 0) return undefined;
      for (const output of outputs) api.deleteTensor(output);
      return read(RunMetadata.decode(api.bufferBytes(metadata)), `${prefix}/fill`);
    } finally {
      releaseTensor(api, input);
      api.deleteStatus(status);
      api.deleteBuffer(metadata);
      api.deleteBuffer(options);
    }
  };
  return { resource: resourceOf(device) ?? device.name, ask };
}

const FLOAT = { dtype: "float32", code: DataType.DT_FLOAT } as const;

const TRACED: Uint8Array = RunOptions.encode({
  traceLevel: RunOptions_TraceLevel.SOFTWARE_TRACE,
  timeoutInMs: 0n,
}).finish();

/** A graph with `fill`, of one element, which is fed, so that it is computed anew each time. */
const ALLOCATING: Uint8Array = (() => {
  const type = (value: DataType): AttrValue => ({ value: { $case: "type", value } });
  const dims: AttrValue = AttrValue.decode(
    // tensor { dtype: DT_INT32 tensor_shape { dim { size: 1 } } int_val: 1 }
    Uint8Array.of(0x42, 0x0b, 0x08, 0x03, 0x12, 0x04, 0x12, 0x02, 0x08, 0x01, 0x3a, 0x01, 0x01),
  );
  const node = [
    { name: "x", op: "Placeholder", input: [], attr: new Map([["dtype", type(DataType.DT_FLOAT)]]) },
    {
      name: "dims",
      op: "Const",
      input: [],
      attr: new Map([
        ["dtype", type(DataType.DT_INT32)],
        ["value", dims],
      ]),
    },
    {
      name: "fill",
      op: "Fill",
      input: ["dims", "x"],
      attr: new Map([
        ["T", type(DataType.DT_FLOAT)],
        ["index_type", type(DataType.DT_INT32)],
      ]),
    },
  ];
  return GraphDef.encode({ node, library: undefined }).finish();
})();
