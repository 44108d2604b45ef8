// The rival: TensorFlow.js's WASM kernels, fused ones where there are such, called one after another by hand, with
// nothing around them: no tape, no scopes, each tensor released as soon as it has been used.
import { engine, getKernel } from "@tensorflow/tfjs-core";

let seed = 1;
/** Numbers like those of trained weights; they do not change what the kernels do. */
function weights(shape, fanIn) {
  const size = shape.reduce((product, dimension) => product * dimension, 1);
  return Float32Array.from({ length: size }, () => {
    seed = (seed * 16_807) % 2_147_483_647;
    return (seed / 1_073_741_823 - 1) * Math.sqrt(3 / fanIn);
  });
}

/** The kernels of the backend that is running, as functions from tensor to tensor; weights are uploaded once. */
export function byHand() {
  const backend = engine().findBackend("wasm");
  const upload = (data, shape) => ({ dataId: backend.write(data, shape, "float32"), shape, dtype: "float32" });
  const release = ({ dataId }) => void backend.disposeData(dataId);
  const bound = (name) => {
    const { kernelFunc } = getKernel(name, "wasm");
    return (inputs, attrs) => kernelFunc({ inputs, attrs, backend });
  };
  /** A kernel that uses its input up. */
  const consuming = (run) => (x) => {
    const result = run(x);
    release(x);
    return result;
  };
  const reshaped = ({ dataId, dtype }, shape) => ({ dataId, dtype, shape });
  const constant = (shape, fanIn = 1) => upload(weights(shape, fanIn), shape);
  const [fusedConv, fusedDepthwise, fusedMatMul] = ["FusedConv2D", "FusedDepthwiseConv2D", "_FusedMatMul"].map(bound);
  const [maxPool, mean, softmax, add] = ["MaxPool", "Mean", "Softmax", "Add"].map(bound);
  const window = (stride, pad) => ({ strides: [stride, stride], pad, dilations: [1, 1], dataFormat: "NHWC" });
  return {
    upload,
    release,
    read: ({ dataId }) => backend.readSync(dataId),
    keep: (x) => {
      backend.incRef(x.dataId);
      return x;
    },
    /** A convolution [size, size, from, to]. */
    conv({ size, from, to, stride = 1, pad = "same", activation = "linear" }) {
      const filter = constant([size, size, from, to], size * size * from);
      const bias = constant([to]);
      const attributes = { ...window(stride, pad), activation };
      return consuming((x) => fusedConv({ x, filter, bias }, attributes));
    },
    depthwise({ size, channels, stride = 1, pad = "same", activation = "linear" }) {
      const filter = constant([size, size, channels, 1], size * size);
      const bias = constant([channels]);
      const attributes = { ...window(stride, pad), activation };
      return consuming((x) => fusedDepthwise({ x, filter, bias }, attributes));
    },
    dense({ from, to, activation = "linear" }) {
      const b = constant([1, from, to], from);
      const bias = constant([to]);
      const attributes = { transposeA: false, transposeB: false, activation };
      return consuming((x) => {
        const product = fusedMatMul({ a: reshaped(x, [1, ...x.shape]), b, bias }, attributes);
        return reshaped(product, product.shape.slice(1));
      });
    },
    maxPool: consuming((x) => maxPool({ x }, { filterSize: [2, 2], strides: [2, 2], pad: "valid" })),
    globalAverage: consuming((x) => mean({ x }, { axis: [1, 2], keepDims: false })),
    softmax: consuming((logits) => softmax({ logits }, { dim: 1 })),
    /** Uses both up. */
    add(a, b) {
      const sum = add({ a, b });
      release(a);
      release(b);
      return sum;
    },
    flatten: (x) => reshaped(x, [x.shape[0], x.shape.slice(1).reduce((size, dimension) => size * dimension, 1)]),
  };
}

/** The network of fixtures/mnist; gives a function from images to probabilities. */
export function mnistByHand() {
  const tf = byHand();
  const layers = [
    tf.conv({ size: 3, from: 1, to: 16, pad: "valid", activation: "relu" }),
    tf.maxPool,
    tf.conv({ size: 3, from: 16, to: 32, pad: "valid", activation: "relu" }),
    tf.maxPool,
    tf.flatten,
    tf.dense({ from: 800, to: 64, activation: "relu" }),
    tf.dense({ from: 64, to: 10 }),
    tf.softmax,
  ];
  return runner(tf, layers, [28, 28, 1]);
}

/** Channels, repeats and first stride of MobileNetV2's groups of blocks. */
const GROUPS = [
  [24, 2, 2],
  [32, 3, 2],
  [64, 4, 2],
  [96, 3, 1],
  [160, 3, 2],
  [320, 1, 1],
];

/** MobileNetV2; gives a function from images to probabilities. */
export function mobileNetV2ByHand() {
  const tf = byHand();
  const activation = "relu6";
  const layers = [
    tf.conv({ size: 3, from: 3, to: 32, stride: 2, activation }),
    tf.depthwise({ size: 3, channels: 32, activation }),
    tf.conv({ size: 1, from: 32, to: 16 }),
  ];
  let from = 16;
  for (const [to, repeats, first] of GROUPS) {
    for (let repeat = 0; repeat < repeats; repeat++) {
      const stride = repeat === 0 ? first : 1;
      const block = [
        tf.conv({ size: 1, from, to: 6 * from, activation }),
        tf.depthwise({ size: 3, channels: 6 * from, stride, activation }),
        tf.conv({ size: 1, from: 6 * from, to }),
      ];
      const run = (x) => block.reduce((value, layer) => layer(value), x);
      layers.push(repeat === 0 ? run : (x) => tf.add(x, run(tf.keep(x))));
      from = to;
    }
  }
  layers.push(
    tf.conv({ size: 1, from, to: 1280, activation }),
    tf.globalAverage,
    tf.dense({ from: 1280, to: 1000 }),
    tf.softmax,
  );
  return runner(tf, layers, [224, 224, 3]);
}

function runner(tf, layers, shape) {
  return (images, batch) => {
    const result = layers.reduce((x, layer) => layer(x), tf.upload(images, [batch, ...shape]));
    const probabilities = tf.read(result);
    tf.release(result);
    return probabilities;
  };
}
