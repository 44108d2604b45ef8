"""Writes ops/*.json: operations on numbers, by family, and what TensorFlow makes of them."""

import math
import sys

import numpy as np
import tensorflow as tf

import make_ops
from make_ops import HERE, cases, floats, ints, write

F16, BF16 = np.float16, tf.bfloat16.as_numpy_dtype
INF, NAN = math.inf, math.nan


refused = []


def add(op, inputs, attributes=None, name=None, keep=None):
    """As make_ops.add; what TensorFlow refuses is told at the end, all of it."""
    try:
        make_ops.add(op, inputs, attributes, name, keep)
    except Exception as error:
        refused.append(f"{name or op}: {str(error)[:300]}")


def convolutions():
    def conv(x, f, **more):
        name = more.pop("name")
        add("Conv2D", {"input": x, "filter": f}, {"strides": [1, 1, 1, 1], "padding": "SAME", **more}, name=name)

    conv(floats(1, 5, 5, 4), floats(3, 3, 2, 6), name="Conv2D groups")
    conv(floats(1, 6, 5, 4), floats(3, 3, 1, 4), strides=[1, 2, 2, 1], name="Conv2D group each")
    conv(floats(1, 9, 7, 2), floats(3, 2, 2, 2), strides=[1, 3, 2, 1], padding="VALID", name="Conv2D strides 3 2")
    conv(floats(1, 8, 8, 2), floats(3, 3, 2, 2), dilations=[1, 3, 2, 1], padding="VALID", name="Conv2D dilations 3 2")
    conv(floats(1, 4, 4, 2).astype(np.float64), floats(3, 3, 2, 2).astype(np.float64), name="Conv2D float64")
    conv(floats(1, 4, 4, 2).astype(F16), floats(3, 3, 2, 2).astype(F16), name="Conv2D float16")
    conv(floats(1, 4, 4, 2).astype(BF16), floats(3, 3, 2, 2).astype(BF16), name="Conv2D bfloat16")
    conv(floats(1, 1, 1, 3), floats(1, 1, 3, 2), name="Conv2D 1x1")
    conv(floats(1, 2, 2, 3), floats(5, 5, 3, 2), name="Conv2D wider than the image")
    explicit = {"strides": [1, 2, 2, 1], "padding": "EXPLICIT", "explicit_paddings": [0, 0, 1, 2, 2, 0, 0, 0]}
    add("DepthwiseConv2dNative", {"input": floats(1, 5, 5, 2), "filter": floats(3, 3, 2, 2)}, explicit, name="Depthwise explicit")
    dilated_depthwise()
    add("DepthwiseConv2dNative", {"input": floats(0, 6, 6, 2), "filter": floats(3, 3, 2, 1)}, {"strides": [1, 1, 1, 1], "padding": "SAME"}, name="Depthwise of none")
    for padding in ["SAME", "VALID"]:
        for stride in [1, 2]:
            same = {"strides": [1, stride, stride, 1], "padding": padding}
            y = tf.nn.conv2d(floats(2, 5, 6, 2), floats(3, 2, 2, 3), stride, padding).numpy()
            sizes = np.array([2, 5, 6, 2], np.int32)
            back = {"input_sizes": sizes, "filter": floats(3, 2, 2, 3), "out_backprop": floats(*y.shape)}
            add("Conv2DBackpropInput", back, same, name=f"Conv2DBackpropInput {padding} {stride}")
            deep = tf.nn.depthwise_conv2d(floats(2, 5, 6, 2), floats(3, 2, 2, 2), same["strides"], padding).numpy()
            back = {"input_sizes": sizes, "filter": floats(3, 2, 2, 2), "out_backprop": floats(*deep.shape)}
            add("DepthwiseConv2dNativeBackpropInput", back, same, name=f"DepthwiseConv2dNativeBackpropInput {padding} {stride}")
            cube = {"strides": [1, stride, stride, stride, 1], "padding": padding}
            add("Conv3D", {"input": floats(1, 4, 3, 5, 2), "filter": floats(2, 3, 2, 2, 3)}, cube, name=f"Conv3D {padding} {stride}")
            y = tf.nn.conv3d(floats(1, 4, 3, 5, 2), floats(2, 3, 2, 2, 3), cube["strides"], padding).numpy()
            back = {"input_sizes": np.array([1, 4, 3, 5, 2], np.int32), "filter": floats(2, 3, 2, 2, 3), "out_backprop": floats(*y.shape)}
            add("Conv3DBackpropInputV2", back, cube, name=f"Conv3DBackpropInputV2 {padding} {stride}")
            for op in ["MaxPool3D", "AvgPool3D"]:
                add(op, {"input": floats(1, 4, 3, 5, 2)}, {"ksize": [1, 2, 3, 2, 1], **cube}, name=f"{op} {padding} {stride}")
            for batch in [False, True]:
                positions = {"ksize": [1, 2, 3, 1], "include_batch_in_index": batch, **same}
                add("MaxPoolWithArgmax", {"input": floats(2, 5, 4, 2)}, positions, name=f"MaxPoolWithArgmax {padding} {stride} {batch}")
    for op, key in [("MaxPool", "input"), ("AvgPool", "value")]:
        add(op, {key: floats(1, 5, 5, 3)}, {"ksize": [1, 1, 1, 1], "strides": [1, 2, 2, 1], "padding": "VALID"}, name=f"{op} of one")
        add(op, {key: floats(1, 7, 7, 3)}, {"ksize": [1, 2, 2, 1], "strides": [1, 3, 3, 1], "padding": "SAME"}, name=f"{op} with gaps")
        add(op, {key: floats(0, 7, 7, 3)}, {"ksize": [1, 2, 2, 1], "strides": [1, 2, 2, 1], "padding": "SAME"}, name=f"{op} of none")
    add("MaxPool", {"input": ints(1, 4, 4, 2)}, {"ksize": [1, 2, 2, 1], "strides": [1, 2, 2, 1], "padding": "SAME"}, name="MaxPool int32")
    add("MaxPool", {"input": floats(1, 4, 4, 2) - 5}, {"ksize": [1, 3, 3, 1], "strides": [1, 2, 2, 1], "padding": "EXPLICIT", "explicit_paddings": [0, 0, 1, 1, 1, 1, 0, 0]}, name="MaxPool explicit")
    add("MaxPoolWithArgmax", {"input": floats(1, 4, 4, 1)}, {"ksize": [1, 2, 2, 1], "strides": [1, 2, 2, 1], "padding": "SAME", "Targmax": tf.int32}, name="MaxPoolWithArgmax int32")
    add("Dilation2D", {"input": floats(1, 5, 5, 2), "filter": floats(2, 3, 2)}, {"strides": [1, 1, 2, 1], "rates": [1, 2, 1, 1], "padding": "SAME"})
    second_channels("Conv2D", {"strides": [1, 2, 1, 1], "padding": "SAME"}, floats(1, 5, 5, 3), floats(3, 3, 3, 2))
    second_channels("MaxPool", {"ksize": [1, 2, 2, 1], "strides": [1, 2, 2, 1], "padding": "VALID"}, floats(1, 5, 5, 3))


def dilated_depthwise():
    """TensorFlow does it by other operations, and models that were made elsewhere by this one."""
    x, f = floats(1, 7, 6, 2), floats(3, 3, 2, 1)
    add("DepthwiseConv2dNative", {"input": x, "filter": f}, {"strides": [1, 1, 1, 1], "padding": "SAME"}, name="Depthwise dilated")
    y = tf.nn.depthwise_conv2d(x, f, [1, 1, 1, 1], "SAME", dilations=[2, 2])
    cases[-1]["attributes"]["dilations"] = {"ints": ["1", "2", "2", "1"]}
    cases[-1]["outputs"] = [make_ops.written(y.numpy(), tf.float32)]


def second_channels(op, attributes, x, *weights):
    """TensorFlow convolves channels that come second on GPUs alone: the same with channels last, turned."""
    names = {"Conv2D": ["input", "filter"], "MaxPool": ["input"]}[op]
    add(op, dict(zip(names, [x, *weights])), attributes, name=f"{op} NCHW")
    case = cases[-1]
    turn = lambda v: [v[0], v[3], v[1], v[2]]
    for key in ["strides", "ksize", "dilations"]:
        if key in case["attributes"]:
            case["attributes"][key] = {"ints": turn(case["attributes"][key]["ints"])}
    case["attributes"]["data_format"] = {"text": "NCHW"}
    for written in [case["inputs"][0], case["outputs"][0]]:
        data = np.array(written["data"]).reshape(written["shape"]).transpose(0, 3, 1, 2)
        written.update(shape=list(data.shape), data=data.reshape(-1).tolist())


FAMILIES = {"convolution": [convolutions]}

if __name__ == "__main__":
    for name in sys.argv[1:] or FAMILIES:
        # Each family by itself gives the same numbers.
        make_ops.reseed()
        write(HERE / "ops" / f"{name}.json", FAMILIES[name])
    sys.exit("\n".join(refused))
