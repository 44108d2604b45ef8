"""Writes ops/rare.json: operations and dtypes that few models need, found by trying many."""

import numpy as np
import tensorflow as tf

import tolerant
from make_ops import HERE, floats, ints, write
from tolerant import add


def products():
    """Bytes that quantized layers multiply and sum in int32."""
    for a, b in [(np.int8, np.int8), (np.uint8, np.int8), (np.int8, np.uint8), (np.uint8, np.uint8)]:
        inputs = {"x": ints(2, 3, 40, low=0, high=120, dtype=a), "y": ints(2, 40, 2, low=0, high=120, dtype=b)}
        add("BatchMatMulV3", inputs, {"Tout": tf.int32}, name=f"BatchMatMulV3 {np.dtype(a)} {np.dtype(b)}")
    inputs = {"x": ints(4, 30, low=-128, high=128, dtype=np.int8), "y": ints(30, 5, low=-128, high=128, dtype=np.int8)}
    add("BatchMatMulV3", inputs, {"Tout": tf.int32}, name="BatchMatMulV3 int8 one matrix")


def losses():
    for dtype in [np.float32, np.float64, np.float16]:
        x, labels = floats(3, 4).astype(dtype), np.abs(floats(3, 4)).astype(dtype)
        add("SoftmaxCrossEntropyWithLogits", {"features": x, "labels": labels}, name=f"SoftmaxCrossEntropyWithLogits {np.dtype(dtype)}")
        for kind in [np.int32, np.int64]:
            inputs = {"features": x, "labels": np.array([0, 3, 2], kind)}
            add("SparseSoftmaxCrossEntropyWithLogits", inputs, name=f"SparseSoftmaxCrossEntropyWithLogits {np.dtype(dtype)} {np.dtype(kind)}")
    add("SoftmaxCrossEntropyWithLogits", {"features": floats(3, 4), "labels": floats(1, 4)}, name="SoftmaxCrossEntropyWithLogits stretched")


def slopes():
    by_input = {"EluGrad": "outputs", "SeluGrad": "outputs"}
    for dtype in [np.float32, np.float64]:
        for op in ["EluGrad", "SeluGrad", "LeakyReluGrad", "Relu6Grad", "ReluGrad", "SoftplusGrad", "SoftsignGrad"]:
            inputs = {"gradients": floats(3, 4).astype(dtype), by_input.get(op, "features"): 4 * floats(3, 4).astype(dtype)}
            add(op, inputs, name=f"{op} {np.dtype(dtype)}")
        for op in ["InvGrad", "ReciprocalGrad", "RsqrtGrad", "SigmoidGrad", "SqrtGrad", "TanhGrad"]:
            add(op, {"y": np.abs(floats(3, 4).astype(dtype)) + 0.1, "dy": floats(3, 4).astype(dtype)}, name=f"{op} {np.dtype(dtype)}")


def sequences():
    scores = 3 * floats(7, 3, 5)
    for merge in [True, False]:
        for index in [-1, 0, 2]:
            inputs = {"inputs": scores, "sequence_length": np.int32([7, 4, 0])}
            add("CTCGreedyDecoder", inputs, {"merge_repeated": merge, "blank_index": index}, name=f"CTCGreedyDecoder {merge} {index}")


def projections():
    turned = np.float32([[0.9, 0.3, -2, -0.35, 1.1, 1.5, 0.01, -0.02]])
    images = floats(2, 5, 6, 2)
    shape = np.int32([7, 4])
    for mode in ["CONSTANT", "REFLECT", "WRAP", "NEAREST"]:
        for interpolation in ["NEAREST", "BILINEAR"]:
            how = {"interpolation": interpolation, "fill_mode": mode}
            inputs = {"images": images, "transforms": turned, "output_shape": shape}
            add("ImageProjectiveTransformV2", inputs, how, name=f"ImageProjectiveTransformV2 {mode} {interpolation}")
            far = np.float32([[3.3, 0.2, -9.3, 0.1, 2.7, -8.2, 0, 0], [1, 0, 0.25, 0, 1, -0.75, 0, 0]])
            inputs = {"images": images, "transforms": far, "output_shape": shape, "fill_value": np.float32(1.5)}
            add("ImageProjectiveTransformV3", inputs, how, name=f"ImageProjectiveTransformV3 {mode} {interpolation}")
    for dtype in [np.uint8, np.int32, np.int64, np.float64, np.float16]:
        inputs = {"images": ints(1, 4, 4, 1, low=0, dtype=np.int32).astype(dtype), "transforms": turned[:, :8], "output_shape": shape, "fill_value": np.float32(3)}
        for interpolation in ["NEAREST", "BILINEAR"]:
            add("ImageProjectiveTransformV3", inputs, {"interpolation": interpolation}, name=f"ImageProjectiveTransformV3 {np.dtype(dtype)} {interpolation}")
    inputs = {"images": images, "size": np.int32([2, 3]), "scale": np.float32([0.4, 5 / 12]), "translation": np.float32([0, 0])}
    add("ScaleAndTranslate", inputs, {"kernel_type": "gaussian", "antialias": False}, name="ScaleAndTranslate at the end of the reach")
    inputs = {"images": floats(1, 12, 10, 1), "size": np.int32([5, 7]), "scale": np.float32([5 / 12, 0.7]), "translation": np.float32([0, 0])}
    add("ScaleAndTranslate", inputs, {"kernel_type": "gaussian", "antialias": False}, name="ScaleAndTranslate 12 to 5")


def sounds():
    for channels in [1, 2]:
        sound = tf.audio.encode_wav(np.clip(floats(9, channels), -1, 1), 8000).numpy()
        for wanted, samples in [(-1, -1), (1, 4), (2, 12), (3, -1)]:
            how = {"desired_channels": wanted, "desired_samples": samples}
            add("DecodeWav", {"contents": sound}, how, name=f"DecodeWav {channels} {wanted} {samples}")


if __name__ == "__main__":
    write(HERE / "ops" / "rare.json", [products, losses, slopes, sequences, projections, sounds])
    print("\n".join(tolerant.refused))
