// The only file that knows koffi: TensorFlow's C API as functions of JavaScript.
import { ServingError } from "@servable/core";
import type koffiPackage from "koffi";

type Koffi = typeof koffiPackage;

/** An address in the memory of the process; 0n is none. */
export type Pointer = bigint;

/** What is to be run; the arrays must stay as they are until it has ended. */
export interface RunArguments {
  readonly session: Pointer;
  /** A TF_Buffer with RunOptions; 0n for none. */
  readonly options: Pointer;
  /** TF_Output by TF_Output: the address of the operation, the number of its output. */
  readonly feeds: BigUint64Array;
  /** A TF_Tensor for each feed. */
  readonly inputs: BigUint64Array;
  readonly fetches: BigUint64Array;
  /** Room for a TF_Tensor for each fetch. */
  readonly outputs: BigUint64Array;
  /** An empty TF_Buffer for the RunMetadata; 0n for none. */
  readonly metadata: Pointer;
  readonly status: Pointer;
}

/** What is to be added to a graph. */
export interface ImportArguments {
  readonly graph: Pointer;
  /** A serialised GraphDef. */
  readonly definition: Uint8Array;
  /** Goes before the names of the operations, with a slash. */
  readonly prefix: string;
  /** Where the operations are to be. */
  readonly device: string;
  readonly status: Pointer;
}

/** What is to be loaded from a folder. */
export interface LoadArguments {
  readonly sessionOptions: Pointer;
  readonly folder: string;
  readonly tags: readonly string[];
  readonly graph: Pointer;
  readonly status: Pointer;
}

/** TensorFlow's C API, with its names less `TF_`; what takes long runs on libuv's pool and gives a promise. */
export interface CApi {
  readonly version: string;
  newStatus(): Pointer;
  deleteStatus(status: Pointer): void;
  code(status: Pointer): number;
  message(status: Pointer): string;
  newSessionOptions(): Pointer;
  deleteSessionOptions(options: Pointer): void;
  setConfig(options: Pointer, config: Uint8Array, status: Pointer): void;
  newBuffer(bytes: Uint8Array): Pointer;
  newEmptyBuffer(): Pointer;
  /** A copy of what a buffer has. */
  bufferBytes(buffer: Pointer): Uint8Array;
  deleteBuffer(buffer: Pointer): void;
  newGraph(): Pointer;
  deleteGraph(graph: Pointer): void;
  /** The operation of a name; 0n where there is none. */
  operation(graph: Pointer, name: string): Pointer;
  importGraph(what: ImportArguments): void;
  newSession(graph: Pointer, options: Pointer, status: Pointer): Promise<Pointer>;
  loadSession(what: LoadArguments): Promise<Pointer>;
  /** Ends what runs on the session, and lets nothing begin. */
  closeSession(session: Pointer, status: Pointer): void;
  deleteSession(session: Pointer, status: Pointer): Promise<void>;
  listDevices(session: Pointer, status: Pointer): Pointer;
  deleteDevices(list: Pointer): void;
  deviceCount(list: Pointer): number;
  deviceName(list: Pointer, index: number, status: Pointer): string;
  deviceType(list: Pointer, index: number, status: Pointer): string;
  deviceBytes(list: Pointer, index: number, status: Pointer): number;
  /** A tensor without content; 0n where there is no memory. `dims` has a size for each dimension. */
  newTensor(type: number, dims: BigInt64Array, rank: number, bytes: number): Pointer;
  deleteTensor(tensor: Pointer): void;
  /** Whether nobody else holds the content of a tensor. */
  isOnlyHolder(tensor: Pointer): boolean;
  tensorType(tensor: Pointer): number;
  tensorData(tensor: Pointer): Pointer;
  tensorBytes(tensor: Pointer): number;
  rank(tensor: Pointer): number;
  size(tensor: Pointer, axis: number): number;
  stringCopy(string: Pointer, bytes: Uint8Array): void;
  stringData(string: Pointer): Pointer;
  stringSize(string: Pointer): number;
  stringFree(string: Pointer): void;
  copyIn(to: Pointer, from: ArrayBufferView): void;
  copyOut(to: ArrayBufferView, from: Pointer): void;
  /** Runs the session off this thread; `done` is called on it. */
  run(what: RunArguments, done: () => void): void;
}

let koffiLoaded: Promise<Koffi> | undefined;

/** @throws ServingError FAILED_PRECONDITION where koffi is not installed, or has been used with too small stacks */
export async function loadKoffi(): Promise<Koffi> {
  koffiLoaded ??= import("koffi").then(({ default: koffi }) => koffi);
  try {
    const koffi = await koffiLoaded;
    giveStacks(koffi);
    return koffi;
  } catch (error) {
    if (ServingError.is(error)) throw error;
    koffiLoaded = undefined;
    const message =
      "engine native calls TensorFlow through the package koffi, which cannot be loaded; npm install koffi";
    throw new ServingError("FAILED_PRECONDITION", message, { cause: error });
  }
}

/** What a thread of libuv's pool has, in bytes. */
const STACK_BYTES = 8 * 1024 * 1024;
/** Stacks that koffi keeps when no call uses them; the most that it takes. */
const STACKS = 32;

/** Calls run on stacks of koffi's own, whose 128 KiB many kernels of TensorFlow overflow, which ends the process. */
function giveStacks(koffi: Koffi): void {
  if ((koffi.config().async_stack_size ?? 0) >= STACK_BYTES) return;
  try {
    koffi.config({ async_stack_size: STACK_BYTES, resident_async_pools: STACKS });
  } catch (error) {
    const wayOut = `koffi.config({ async_stack_size: ${STACK_BYTES} }) before its first use`;
    const message = `engine native needs larger stacks than those that koffi has been used with here; call ${wayOut}`;
    throw new ServingError("FAILED_PRECONDITION", message, { cause: error });
  }
}

/**
 * Loads a library and finds TensorFlow's C API in it.
 * @throws Error as the system's loader and koffi word it, for a library that cannot be loaded or lacks a function
 */
export function openCApi(koffi: Koffi, path: string): CApi {
  const system = koffi.load(process.platform === "win32" ? "ucrtbase.dll" : null);
  const memcpy = system.func("memcpy", "void", ["void *", "void *", "size_t"]);
  pin(koffi, path);
  const library = koffi.load(path);
  const bound = (name: string, result: string, ...parameters: readonly string[]): ReturnType<typeof library.func> =>
    library.func(`TF_${name}`, result, [...parameters]);
  // Addresses are integers here, so that none is wrapped in an object that must be collected.
  const [P, int, size] = ["void *", "int", "size_t"];
  const version = bound("Version", "str");
  const newSessionFrom = bound("LoadSessionFromSavedModel", P, P, P, "str", "str *", int, P, P, P);
  const deleteSession = bound("DeleteSession", "void", P, P);
  const sessionRun = bound("SessionRun", "void", P, P, P, P, int, P, P, int, P, int, P, P);
  const maybeMove = bound("TensorMaybeMove", P, P);
  const setConfig = bound("SetConfig", "void", P, P, size, P);
  const newBuffer = bound("NewBufferFromString", P, P, size);
  const deleteBuffer = bound("DeleteBuffer", "void", P);
  const newImportOptions = bound("NewImportGraphDefOptions", P);
  const deleteImportOptions = bound("DeleteImportGraphDefOptions", "void", P);
  const setPrefix = bound("ImportGraphDefOptionsSetPrefix", "void", P, "str");
  const setDefaultDevice = bound("ImportGraphDefOptionsSetDefaultDevice", "void", P, "str");
  const importGraph = bound("GraphImportGraphDef", "void", P, P, P, P);
  const newSession = bound("NewSession", P, P, P, P);
  const operation = bound("GraphOperationByName", P, P, "str");
  const stringCopy = bound("StringCopy", "void", P, P, size);
  const deviceBytes = bound("DeviceListMemoryBytes", "int64_t", P, int, P);
  const some = (pointer: Pointer | null): Pointer => pointer ?? 0n;
  return {
    version: version(),
    newStatus: bound("NewStatus", P),
    deleteStatus: bound("DeleteStatus", "void", P),
    code: bound("GetCode", int, P),
    message: bound("Message", "str", P),
    newSessionOptions: bound("NewSessionOptions", P),
    deleteSessionOptions: bound("DeleteSessionOptions", "void", P),
    setConfig: (options, config, status) => setConfig(options, config, config.length, status),
    newBuffer: (bytes) => newBuffer(bytes, bytes.length),
    newEmptyBuffer: bound("NewBuffer", P),
    bufferBytes: (buffer) => {
      // A TF_Buffer begins with the address of its content and the length.
      const head = new BigUint64Array(2);
      memcpy(head, buffer, head.byteLength);
      const bytes = new Uint8Array(Number(head[1]));
      if (bytes.length > 0) memcpy(bytes, head[0], bytes.length);
      return bytes;
    },
    deleteBuffer,
    newGraph: bound("NewGraph", P),
    deleteGraph: bound("DeleteGraph", "void", P),
    operation: (graph, name) => some(operation(graph, name)),
    importGraph: ({ graph, definition, prefix, device, status }) => {
      const buffer = newBuffer(definition, definition.length);
      const options = newImportOptions();
      setPrefix(options, prefix);
      setDefaultDevice(options, device);
      importGraph(graph, buffer, options, status);
      deleteImportOptions(options);
      deleteBuffer(buffer);
    },
    newSession: (graph, options, status) =>
      promised((done) => newSession.async(graph, options, status, done)).then((pointer) =>
        some(pointer as Pointer | null),
      ),
    loadSession: ({ sessionOptions, folder, tags, graph, status }) =>
      promised((done) =>
        newSessionFrom.async(sessionOptions, null, folder, [...tags], tags.length, graph, null, status, done),
      ).then((pointer) => some(pointer as Pointer | null)),
    closeSession: bound("CloseSession", "void", P, P),
    deleteSession: async (session, status) => {
      await promised((done) => deleteSession.async(session, status, done));
    },
    listDevices: bound("SessionListDevices", P, P, P),
    deleteDevices: bound("DeleteDeviceList", "void", P),
    deviceCount: bound("DeviceListCount", int, P),
    deviceName: bound("DeviceListName", "str", P, int, P),
    deviceType: bound("DeviceListType", "str", P, int, P),
    deviceBytes: (list, index, status) => Number(deviceBytes(list, index, status)),
    newTensor: bound("AllocateTensor", P, int, P, int, size),
    deleteTensor: bound("DeleteTensor", "void", P),
    isOnlyHolder: (tensor) => some(maybeMove(tensor)) !== 0n,
    tensorType: bound("TensorType", int, P),
    tensorData: bound("TensorData", P, P),
    tensorBytes: bound("TensorByteSize", size, P),
    rank: bound("NumDims", int, P),
    size: bound("Dim", "int64_t", P, int),
    stringCopy: (string, bytes) => stringCopy(string, bytes, bytes.length),
    stringData: bound("StringGetDataPointer", P, P),
    stringSize: bound("StringGetSize", size, P),
    stringFree: bound("StringDealloc", "void", P),
    copyIn: (to, from) => void (from.byteLength > 0 && memcpy(to, from, from.byteLength)),
    copyOut: (to, from) => void (to.byteLength > 0 && memcpy(to, from, to.byteLength)),
    run: ({ session, options, feeds, inputs, fetches, outputs, metadata, status }, done) =>
      sessionRun.async(
        session,
        options,
        feeds,
        inputs,
        inputs.length,
        fetches,
        outputs,
        outputs.length,
        null,
        0,
        metadata,
        status,
        done,
      ),
  };
}

const RTLD_LAZY = 1;
const RTLD_NODELETE: Readonly<Partial<Record<NodeJS.Platform, number>>> = { linux: 0x1000, darwin: 0x80 };

/**
 * Keeps a library in the process for good: when Node ends, koffi closes it under the threads that TensorFlow has
 * running, and the process would die of it. Windows ends a process's other threads first.
 */
function pin(koffi: Koffi, path: string): void {
  const keep = RTLD_NODELETE[process.platform];
  if (keep === undefined) return;
  const dlopen = koffi.load(null).func("dlopen", "void *", ["str", "int"]);
  dlopen(path, RTLD_LAZY | keep);
}

function promised(start: (done: (error: unknown, result: unknown) => void) => void): Promise<unknown> {
  return new Promise((resolve, reject) => {
    start((error, result) => (error === null || error === undefined ? resolve(result) : reject(error)));
  });
}
