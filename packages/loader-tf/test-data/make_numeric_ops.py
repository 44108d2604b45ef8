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


SPECIAL = np.array([0.0, -0.0, 0.5, -0.5, 1.0, -1.0, 1.5, 2.5, -2.5, 3.75, -7.25, 12.5, 1e-3, INF, -INF, NAN], np.float32)
FLOATING = "Acos Acosh Asin Asinh Atan Atanh Ceil Cos Cosh Digamma Erf Erfc Erfinv Exp Expm1 Floor Inv Lgamma Log Log1p Ndtri Reciprocal Rint Rsqrt Sigmoid Sin Sinh Sqrt Tan Tanh"


def unary():
    for op in FLOATING.split() + ["Abs", "Neg", "Round", "Sign", "Square"]:
        x = SPECIAL
        if op == "Digamma":
            # At its poles TensorFlow gives NaN here and infinity there.
            x = np.array([0.5, 1.0, 1.5, -0.5, -2.5, 3.75, 12.5, 1e-3], np.float32)
        if op in "Sin Cos Tan".split():
            x = np.array([0.0, 0.5, -1.5, 2.5, -7.25, 100.5], np.float32)
        add(op, {"x": x}, name=f"{op} specials")
        add(op, {"x": x[np.isfinite(x)].astype(np.float64)}, name=f"{op} float64")
        add(op, {"x": np.float32(0.75)}, name=f"{op} scalar")
        if op not in ("Erfinv", "Ndtri", "Rint"):
            add(op, {"x": np.linspace(0.1, 0.9, 5).astype(F16)}, name=f"{op} float16")
        add(op, {"x": floats(0, 2)}, name=f"{op} of none")
    for op in ["Exp", "Tanh", "Sqrt", "Abs"]:
        add(op, {"x": np.linspace(0.1, 0.9, 5).astype(BF16)}, name=f"{op} bfloat16")
    for op in "Relu Relu6 Elu Selu Softplus Softsign LeakyRelu".split():
        add(op, {"features": SPECIAL[:-1]}, name=f"{op} specials")
        add(op, {"features": SPECIAL[:-3].astype(np.float64)}, name=f"{op} float64")
        add(op, {"features": floats(5).astype(F16)}, name=f"{op} float16")
    for dtype in [np.int8, np.int16, np.int32, np.int64]:
        x = np.array([np.iinfo(dtype).min, -7, 0, 3, np.iinfo(dtype).max], dtype)
        for op in ["Abs", "Neg", "Sign", "Square"]:
            add(op, {"x": x}, name=f"{op} {dtype.__name__} limits")
        for op in ["Relu", "Relu6"]:
            add(op, {"features": x}, name=f"{op} {dtype.__name__} limits")
    for op in "IsNan IsInf IsFinite".split():
        add(op, {"x": SPECIAL.astype(np.float64)}, name=f"{op} float64")
        add(op, {"x": SPECIAL.astype(F16)}, name=f"{op} float16")


def binary():
    a, b = (np.ravel(v) for v in np.meshgrid(SPECIAL, np.array([0.0, 1.0, -2.0, 0.5, 3.0, INF, NAN], np.float32)))
    for op in "Add Atan2 Div DivNoNan Maximum Minimum Mul MulNoNan RealDiv SquaredDifference Sub Xdivy Xlog1py Xlogy NextAfter Pow".split():
        key = ("x1", "x2") if op == "NextAfter" else ("y", "x") if op == "Atan2" else ("x", "y")
        add(op, dict(zip(key, (a, b))), name=f"{op} specials")
        if op != "NextAfter":
            add(op, dict(zip(key, (floats(4).astype(F16) ** 2, floats(4).astype(F16)))), name=f"{op} float16")
        add(op, dict(zip(key, (floats(2, 3).astype(np.float64) ** 2, floats(3).astype(np.float64)))), name=f"{op} float64")
        add(op, dict(zip(key, (floats(2, 0, 1), floats(3)))), name=f"{op} of none")
    finite = np.abs(b) < 5
    for op in "FloorDiv FloorMod TruncateDiv Mod TruncateMod".split():
        keep = finite & np.isfinite(a) & (b != 0)
        dtype = np.int32 if op == "TruncateDiv" else np.float32
        keep &= (b.astype(np.int64 if op == "TruncateDiv" else np.float32) != 0)
        add(op, {"x": a[keep].astype(dtype), "y": b[keep].astype(dtype)}, name=f"{op} specials")
        wide = [np.int32, np.int64]
        for dtype in wide if op.endswith("Mod") and op != "FloorMod" else wide + [np.int8, np.int16, np.uint8, np.uint16, np.uint32, np.uint64]:
            signed = np.iinfo(dtype).min < 0
            x = np.array([np.iinfo(dtype).max, 7, 8, 0] + ([np.iinfo(dtype).min, -7] if signed else [200, 5]), dtype)
            y = np.array([3, 7, 5, 2] + ([3, 2] if signed else [7, 9]), dtype)
            add(op, {"x": x, "y": y}, name=f"{op} {dtype.__name__}")
            if signed:
                add(op, {"x": x, "y": np.array([-3], dtype)}, name=f"{op} {dtype.__name__} negative")
    for dtype in [np.int8, np.int16, np.int64, np.uint8, np.uint16, np.uint32, np.uint64]:
        top = np.iinfo(dtype).max
        x, y = np.array([top, 5, 0, top], dtype), np.array([top, 7, 1, 2], dtype)
        for op in ["AddV2", "Sub", "Mul", "Maximum", "Minimum", "Less", "GreaterEqual", "Equal"]:
            add(op, {"x": x, "y": y}, name=f"{op} {dtype.__name__} limits")
    for dtype in [np.int8, np.int16, np.int32, np.int64]:
        add("Pow", {"x": np.array([3, -2, 7, 0], dtype), "y": np.array([5, 9, 1, 0], dtype)}, name=f"Pow {dtype.__name__}")
    add("Igamma", {"a": np.array([0.5, 1, 2, 10, 100], np.float32), "x": np.array([0.1, 2, 2, 20, 90], np.float32)})
    add("Igammac", {"a": np.array([0.5, 1, 2, 10, 100], np.float64), "x": np.array([0.1, 2, 2, 20, 90], np.float64)})
    add("AddN", {"inputs": [floats(2, 3), floats(2, 3), floats(2, 3)]})
    add("AddN", {"inputs": [ints(2, dtype=np.int64)]}, name="AddN of one")
    add("ClipByValue", {"t": floats(2, 3), "clip_value_min": np.float32(-0.5), "clip_value_max": np.float32(0.5)})
    add("ClipByValue", {"t": ints(3), "clip_value_min": np.int32(2), "clip_value_max": ints(3)}, name="ClipByValue int32")
    add("ApproximateEqual", {"x": np.array([1, 1.00001, 2], np.float32), "y": np.array([1, 1, 1], np.float32)}, {"tolerance": 0.001})
    add("Equal", {"x": floats(2), "y": floats(3)}, {"incompatible_shape_error": False}, name="Equal of shapes that differ")
    add("NotEqual", {"x": floats(2), "y": floats(3)}, {"incompatible_shape_error": False}, name="NotEqual of shapes that differ")
    add("Equal", {"x": np.array([True, False]), "y": np.array([True, True])}, name="Equal bool")
    for op in "Greater GreaterEqual Less LessEqual Equal NotEqual".split():
        add(op, {"x": a, "y": b}, name=f"{op} specials")
        add(op, {"x": floats(3).astype(F16), "y": floats(2, 1).astype(F16)}, name=f"{op} float16")


def bits():
    for dtype in [np.int8, np.int16, np.int32, np.int64, np.uint8, np.uint16, np.uint32, np.uint64]:
        low, high = np.iinfo(dtype).min, np.iinfo(dtype).max
        x, y = np.array([low, high, 5, 12, 85], dtype), np.array([3, 6, high, low, 51], dtype)
        for op in ["BitwiseAnd", "BitwiseOr", "BitwiseXor"]:
            add(op, {"x": x, "y": y}, name=f"{op} {dtype.__name__}")
        by = np.array([1, 3, 0, 2, np.iinfo(dtype).bits - 1], dtype)
        add("LeftShift", {"x": x, "y": by}, name=f"LeftShift {dtype.__name__}")
        add("RightShift", {"x": x, "y": by}, name=f"RightShift {dtype.__name__}")
        add("RightShift", {"x": x, "y": np.array([100], dtype)}, name=f"RightShift {dtype.__name__} by too much")
        add("Invert", {"x": x}, name=f"Invert {dtype.__name__}")
        add("PopulationCount", {"x": x}, name=f"PopulationCount {dtype.__name__}")
    for source, target in [(floats(3), tf.int32), (ints(2, 4, dtype=np.int8), tf.float32), (ints(3, dtype=np.int64), tf.int32),
                           (floats(2, 2), tf.float64), (floats(3).astype(F16), tf.uint16), (floats(3).astype(BF16), tf.int16),
                           (np.array([0x3C00, 0x7BFF, 1, 0xFC00, 0x8400], np.uint16), tf.float16), (np.array([0x3F80, 0x8001], np.uint16), tf.bfloat16),
                           (floats(2, 2).astype(F16), tf.float32), (floats(0, 4).astype(np.float32), tf.uint8)]:
        add("Bitcast", {"input": source}, {"type": target}, name=f"Bitcast {source.dtype} {source.shape} to {target.name}")


def casting():
    sources = {
        "float16": SPECIAL.astype(F16), "bfloat16": SPECIAL.astype(BF16), "float32": SPECIAL, "float64": SPECIAL.astype(np.float64),
        "halfway": np.array([1 + 2**-11, 1 + 3 * 2**-11, 65519, 65520, 1e-8, 2**-25, 3 * 2**-25, 1 + 2**-8, 1 + 3 * 2**-8, 3.4e38], np.float32),
        "int8": np.array([-128, -1, 0, 127], np.int8), "int16": np.array([-32768, -1, 300, 32767], np.int16),
        "int32": np.array([-(2**31), -1, 2**31 - 1, 2**24 + 1], np.int32), "int64": np.array([-(2**63), -1, 2**63 - 1, 2**53 + 1, 2**54 + 2**30 + 1, 2**24 + 1], np.int64),
        "uint8": np.array([0, 200, 255], np.uint8), "uint16": np.array([0, 200, 65535], np.uint16),
        "uint32": np.array([0, 2**31, 2**32 - 1], np.uint32), "uint64": np.array([0, 2**63, 2**64 - 1, 2**53 + 1], np.uint64),
        "bool": np.array([True, False]),
        "fractions": np.array([0.0, -0.0, 0.5, 1.9, 2.5, 99.99], np.float64),
        "beyond": np.array([300.5, -300.5, 70000.0, -70000.0, 3e9, -3e9, 1e10, -1e10, 1e19, -1e19], np.float64),
        "beyond float32": np.array([300.5, -300.5, 70000.0, -70000.0, 3e9, -3e9, 1e10, -1e10, 1e19, -1e19], np.float32),
    }
    targets = "float16 bfloat16 float32 float64 int8 int16 int32 int64 uint8 uint16 uint32 uint64 bool".split()
    for name, x in sources.items():
        for target in targets:
            given = x
            if x.dtype.kind not in "iub" and target not in ("float16", "bfloat16", "float32", "float64", "bool") and not name.startswith("beyond"):
                given = np.array([0.0, 0.5, 1.9, 100.7], x.dtype) if target.startswith("u") else np.array([0.0, -0.0, 0.5, -1.9, 100.7], x.dtype)
            if name.startswith("beyond") and target == "uint32":
                # TensorFlow's last elements of an array differ from the others here.
                given = x[:8]
            add("Cast", {"x": given}, {"DstT": tf.as_dtype(target)}, name=f"Cast {name} to {target}")
    for target in ["int32", "int64"]:
        add("Cast", {"x": np.array([INF, -INF, NAN], np.float32)}, {"DstT": tf.as_dtype(target)}, name=f"Cast what is no number to {target}")


def products():
    for equation, *shapes in [
        ("ij,jk->ik", (2, 3), (3, 4)), ("bij,bjk->bik", (2, 2, 3), (2, 3, 4)), ("abc,cd->abd", (2, 3, 4), (4, 2)),
        ("aecd,abcd->acbe", (2, 3, 4, 2), (2, 5, 4, 2)), ("acbe,aecd->abcd", (2, 4, 5, 3), (2, 3, 4, 2)),
        ("abcd,cde->abe", (2, 3, 2, 4), (2, 4, 3)), ("abc,cde->abde", (2, 3, 4), (4, 2, 3)),
        ("i,j->ij", (2,), (3,)), ("i,i->", (3,), (3,)), ("ij->ji", (2, 3)), ("ij->", (2, 3)), ("ij->i", (2, 3)),
        ("ii->i", (3, 3)), ("ii->", (3, 3)), ("i->ii", (3,)), ("...ij,...jk->...ik", (2, 1, 2, 3), (4, 3, 2)),
        ("...i->...", (2, 3, 4)), ("i...->...i", (2, 3, 4)), ("...i,ij->...j", (2, 3), (3, 4)), ("ij,kj->ikj", (2, 3), (4, 3)),
        ("ij,ij->ij", (2, 3), (2, 3)), ("aij,jk->ik", (2, 2, 3), (3, 4)), ("ij,jk->ik", (0, 3), (3, 4)),
        ("iij,jk->ik", (2, 2, 3), (3, 4)), ("ba,b->a", (4, 2), (4,)), ("...,...->...", (2, 1), (3,)),
    ]:
        add("Einsum", {"inputs": [floats(*shape) for shape in shapes]}, {"equation": equation}, name=f"Einsum {equation} {shapes}")
    for dtype in [np.float64, F16, np.int32, np.int64]:
        add("Einsum", {"inputs": [ints(2, 3).astype(dtype), ints(3, 2).astype(dtype)]}, {"equation": "ij,jk->ik"}, name=f"Einsum {np.dtype(dtype).name}")
    for dtype in [np.float64, F16, BF16, np.int32, np.int64]:
        name = np.dtype(dtype).name
        add("MatMul", {"a": ints(2, 3).astype(dtype), "b": ints(4, 3).astype(dtype)}, {"transpose_b": True}, name=f"MatMul {name} turned")
        add("BatchMatMulV2", {"x": ints(2, 2, 3).astype(dtype), "y": ints(3, 2).astype(dtype)}, name=f"BatchMatMulV2 {name}")
    add("MatMul", {"a": floats(2, 0), "b": floats(0, 3)}, name="MatMul over none")
    add("MatMul", {"a": np.array([[2**31 - 1, 3]], np.int32), "b": np.array([[5], [2**30]], np.int32)}, name="MatMul wraps")
    add("BatchMatMul", {"x": floats(2, 3, 4), "y": floats(2, 4, 2)})
    add("BatchMatMulV3", {"x": floats(2, 3, 4), "y": floats(2, 4, 2)}, {"Tout": tf.float32})
    add("BatchMatMulV2", {"x": floats(2, 4, 3), "y": floats(2, 4, 2)}, {"adj_x": True}, name="BatchMatMulV2 turned")
    add("BatchMatMulV2", {"x": floats(0, 2, 3), "y": floats(3, 2)}, name="BatchMatMulV2 of none")
    add("BiasAdd", {"value": floats(2, 3, 2, 2), "bias": floats(3)}, {"data_format": "NCHW"}, name="BiasAdd NCHW")
    add("BiasAdd", {"value": floats(2, 0), "bias": floats(0)}, name="BiasAdd of none")
    add("BiasAdd", {"value": ints(2, 3, dtype=np.int64), "bias": ints(3, dtype=np.int64)}, name="BiasAdd int64")
    add("BiasAddV1", {"value": floats(2, 3), "bias": floats(3)})


def norms():
    statistics = {"scale": floats(3), "offset": floats(3), "mean": floats(3), "variance": np.abs(floats(3)) + 0.1}
    none = {"mean": floats(0), "variance": floats(0)}
    for op in ["FusedBatchNorm", "FusedBatchNormV2", "FusedBatchNormV3"]:
        add(op, {"x": floats(2, 2, 2, 3), **statistics}, {"is_training": False, "epsilon": 0.01}, name=f"{op} inference")
        add(op, {"x": floats(2, 2, 2, 3), **statistics, **none}, {"is_training": True, "epsilon": 0.01}, name=f"{op} training", keep=3)
        add(op, {"x": floats(2, 3, 2, 2), **statistics}, {"is_training": False, "data_format": "NCHW"}, name=f"{op} NCHW")
    add("FusedBatchNormV3", {"x": floats(1, 3, 4, 1), **statistics, **none}, {"is_training": True, "data_format": "NCHW"}, name="FusedBatchNormV3 training NCHW", keep=3)
    add("FusedBatchNormV3", {"x": floats(2, 2, 2, 3).astype(F16), **statistics}, {"is_training": False}, name="FusedBatchNormV3 float16")
    add("FusedBatchNormV3", {"x": floats(0, 2, 2, 3), **statistics}, {"is_training": False}, name="FusedBatchNormV3 of none")
    add("LRN", {"input": floats(1, 2, 2, 7)}, {"depth_radius": 2, "bias": 1.5, "alpha": 0.3, "beta": 0.75})
    add("L2Loss", {"t": floats(2, 3)})
    add("L2Loss", {"t": floats(0)}, name="L2Loss of none")
    for dtype in [np.float64, F16, BF16]:
        for op in ["Softmax", "LogSoftmax"]:
            add(op, {"logits": floats(2, 5).astype(dtype)}, name=f"{op} {np.dtype(dtype).name}")
    add("Softmax", {"logits": np.array([[1000, 1001, -1000], [INF, 0, 0], [-INF, 0, 1]], np.float32)}, name="Softmax extremes")
    add("Softmax", {"logits": floats(5)}, name="Softmax of a vector")


def moves():
    x = floats(2, 3, 4)
    for mode in ["REFLECT", "SYMMETRIC"]:
        add("MirrorPad", {"input": x, "paddings": np.array([[1, 0], [2, 2], [0, 3]], np.int32)}, {"mode": mode}, name=f"MirrorPad {mode}")
    add("MirrorPad", {"input": ints(3, dtype=np.int64), "paddings": np.array([[2, 1]], np.int64)}, {"mode": "REFLECT"}, name="MirrorPad int64")
    add("Pad", {"input": floats(1, 3, 3, 2), "paddings": np.array([[0, 0], [1, 2], [0, 1], [0, 0]], np.int32)}, name="Pad image")
    add("Pad", {"input": floats(0, 2), "paddings": np.array([[1, 1], [0, 0]], np.int32)}, name="Pad none")
    add("Pad", {"input": np.float32(3), "paddings": np.zeros((0, 2), np.int32)}, name="Pad scalar")
    add("PadV2", {"input": floats(2, 1, 2, 1, 2), "paddings": np.array([[0, 1]] * 5, np.int32), "constant_values": np.float32(-1)}, name="PadV2 rank 5")
    add("PadV2", {"input": np.array([b"a"]), "paddings": np.array([[1, 0]], np.int32), "constant_values": b"z"}, name="PadV2 strings")
    add("ReverseV2", {"tensor": x, "axis": np.array([0, -1], np.int32)})
    add("ReverseV2", {"tensor": x, "axis": np.array([], np.int32)}, name="ReverseV2 nothing")
    add("ReverseV2", {"tensor": ints(3, 2, dtype=np.int64), "axis": np.array([1], np.int64)}, name="ReverseV2 int64")
    add("Reverse", {"tensor": x, "dims": np.array([False, True, False])})
    add("ReverseSequence", {"input": x, "seq_lengths": np.array([2, 0, 3], np.int64)}, {"seq_dim": 2, "batch_dim": 1})
    add("ReverseSequence", {"input": x, "seq_lengths": np.array([2, 3], np.int32)}, {"seq_dim": 1}, name="ReverseSequence int32")
    add("Roll", {"input": x, "shift": np.int32(-5), "axis": np.int32(1)})
    add("Roll", {"input": x, "shift": np.array([1, 2, 1], np.int64), "axis": np.array([0, 2, 2], np.int64)}, name="Roll axes")
    image = floats(2, 4, 6, 2)
    add("SpaceToDepth", {"input": image}, {"block_size": 2})
    add("DepthToSpace", {"input": floats(2, 2, 3, 8)}, {"block_size": 2})
    add("DepthToSpace", {"input": ints(1, 1, 2, 9)}, {"block_size": 3}, name="DepthToSpace int32")
    blocks = np.array([2, 3], np.int32)
    add("SpaceToBatchND", {"input": image, "block_shape": blocks, "paddings": np.array([[1, 1], [0, 3]], np.int32)})
    add("BatchToSpaceND", {"input": floats(12, 2, 3, 2), "block_shape": blocks, "crops": np.array([[1, 0], [0, 2]], np.int32)})
    add("SpaceToBatchND", {"input": floats(1, 4), "block_shape": np.array([2], np.int32), "paddings": np.array([[0, 2]], np.int32)}, name="SpaceToBatchND one")
    add("SpaceToBatch", {"input": image, "paddings": np.array([[0, 0], [1, 1]], np.int32)}, {"block_size": 2})
    add("BatchToSpace", {"input": floats(4, 2, 2, 1), "crops": np.array([[0, 1], [1, 0]], np.int32)}, {"block_size": 2})
    for order in [(1, 0), (0, 2, 1), (3, 0, 2, 1), (4, 2, 0, 3, 1), (5, 4, 3, 2, 1, 0), (1, 0, 2, 3, 5, 4, 6)]:
        add("Transpose", {"x": floats(*[2, 3, 1, 2, 3, 2, 1][: len(order)]), "perm": np.array(order, np.int32)}, name=f"Transpose {order}")
    add("Transpose", {"x": floats(0, 3), "perm": np.array([1, 0], np.int32)}, name="Transpose none")
    add("Transpose", {"x": floats(2, 3).astype(F16), "perm": np.array([1, 0], np.int32)}, name="Transpose float16")
    add("Concat", {"concat_dim": np.int32(-1), "values": [x, x]})
    add("ConcatV2", {"values": [floats(2, 0), floats(2, 3), floats(2, 1)], "axis": np.int64(1)}, name="ConcatV2 int64 axis")
    add("ConcatV2", {"values": [floats(0, 2), floats(0, 3)], "axis": np.int32(1)}, name="ConcatV2 of empties")
    add("Slice", {"input": floats(1, 4, 4, 2), "begin": np.array([0, 1, 0, 1], np.int32), "size": np.array([1, 2, 4, 1], np.int32)}, name="Slice image")
    add("Slice", {"input": x, "begin": np.array([0, 3, 0], np.int64), "size": np.array([2, 0, 4], np.int64)}, name="Slice none")
    images = {"input": floats(1, 4, 5, 2), "begin": np.array([0, 1, 1, 0], np.int32), "end": np.array([0, 0, 0, 0], np.int32), "strides": np.array([1, 1, 1, 1], np.int32)}
    add("StridedSlice", images, {"begin_mask": 9, "end_mask": 15}, name="StridedSlice crops an image")
    add("StridedSlice", {**images, "strides": np.array([1, 2, 2, 1], np.int32)}, {"begin_mask": 9, "end_mask": 15}, name="StridedSlice thins an image")
    add("StridedSlice", {"input": x, "begin": np.array([1], np.int32), "end": np.array([2], np.int32), "strides": np.array([1], np.int32)}, {"shrink_axis_mask": 1}, name="StridedSlice row")
    add("Split", {"axis": np.int32(-1), "value": floats(2, 6)}, {"num_split": 3}, name="Split last")
    add("SplitV", {"value": ints(5, dtype=np.int64), "size_splits": np.array([0, 2, 3], np.int64), "axis": np.int32(0)}, {"num_split": 3}, name="SplitV with none")
    add("Unpack", {"value": ints(2, 3)}, {"num": 3, "axis": -1}, name="Unpack last")


def makes():
    add("LinSpace", {"start": np.float32(-1), "stop": np.float32(2), "num": np.int32(5)})
    add("LinSpace", {"start": np.float64(3), "stop": np.float64(7), "num": np.int64(1)}, name="LinSpace one")
    for start, limit, delta in [(0, 1, 0.1), (5, 0, -0.7), (0, 3, 1), (1, 1, 1), (0.5, 2.5, 0.5)]:
        add("Range", {"start": np.float32(start), "limit": np.float32(limit), "delta": np.float32(delta)}, name=f"Range float32 {start} {limit} {delta}")
    for dtype in [np.int32, np.int64, np.float64]:
        add("Range", {"start": dtype(2), "limit": dtype(11), "delta": dtype(3)}, name=f"Range {np.dtype(dtype).name}")
    add("Range", {"start": np.int64(2**53 + 1), "limit": np.int64(2**53 + 4), "delta": np.int64(1)}, name="Range beyond 2^53")
    add("BroadcastArgs", {"s0": np.array([2, 1, 3], np.int32), "s1": np.array([4, 1], np.int32)})
    add("BroadcastArgs", {"s0": np.array([], np.int64), "s1": np.array([4], np.int64)}, name="BroadcastArgs int64")
    add("BroadcastTo", {"input": np.float32(2), "shape": np.array([2, 0], np.int64)}, name="BroadcastTo none")
    add("BroadcastTo", {"input": ints(1, 3, 1, dtype=np.int64), "shape": np.array([2, 3, 2], np.int32)}, name="BroadcastTo int64")
    add("Fill", {"dims": np.array([], np.int32), "value": np.float32(7)}, name="Fill scalar")
    add("Fill", {"dims": np.array([2], np.int64), "value": np.array(b"a")}, name="Fill strings")
    add("Tile", {"input": floats(2, 2), "multiples": np.array([2, 0], np.int64)}, name="Tile none")
    add("Tile", {"input": np.array([True, False]), "multiples": np.array([3], np.int32)}, name="Tile bool")
    for dtype in [F16, np.float64, np.int8, np.uint64, np.bool_]:
        add("OnesLike", {"x": np.zeros((2,), dtype)}, name=f"OnesLike {np.dtype(dtype).name}")
        add("ZerosLike", {"x": np.ones((2,), dtype)}, name=f"ZerosLike {np.dtype(dtype).name}")
    add("Where", {"condition": np.array([[True, False], [True, True]])})
    add("Where", {"condition": np.array([[[0.0, 1.5]], [[-1.0, NAN]]], np.float32)}, name="Where float32")
    add("Where", {"condition": np.array([0, 5, 0, -1], np.int64)}, name="Where int64")
    add("Where", {"condition": np.zeros((0, 3), bool)}, name="Where of none")
    add("SelectV2", {"condition": np.array([[True], [False]]), "t": floats(3), "e": floats(2, 1)}, name="SelectV2 stretched")
    add("SelectV2", {"condition": np.array(True), "t": np.array([b"x"]), "e": np.array([b"y"])}, name="SelectV2 strings")
    add("SelectV2", {"condition": np.zeros((0,), bool), "t": floats(1), "e": floats(0)}, name="SelectV2 of none")
    add("Select", {"condition": np.array(False), "x": floats(2, 3), "y": floats(2, 3)}, name="Select scalar")
    for dtype in [np.complex64, np.complex128]:
        z = (floats(2, 3) + 1j * floats(2, 3)).astype(dtype)
        add("Identity", {"input": z}, name=f"Identity {np.dtype(dtype).name}")
        add("Reshape", {"tensor": z, "shape": np.array([3, 2], np.int32)}, name=f"Reshape {np.dtype(dtype).name}")
        add("ExpandDims", {"input": z, "axis": np.int32(0)}, name=f"ExpandDims {np.dtype(dtype).name}")
        add("Shape", {"input": z}, name=f"Shape {np.dtype(dtype).name}")


def scatters():
    x = floats(3, 4, 2)
    for name, indices in [("rows", [[2], [0], [2]]), ("pairs", [[0, 3], [2, 1]]), ("elements", [[[1, 2, 0]], [[0, 0, 1]]]), ("nothing", np.zeros((0, 2)))]:
        add("GatherNd", {"params": x, "indices": np.array(indices, np.int32)}, name=f"GatherNd {name}")
    add("GatherNd", {"params": np.array([b"a", b"b"]), "indices": np.array([[1], [0]], np.int64)}, name="GatherNd strings")
    add("GatherNd", {"params": x.astype(F16), "indices": np.array([[1]], np.int64)}, name="GatherNd float16")
    add("GatherNd", {"params": x, "indices": np.zeros((2, 0), np.int32)}, name="GatherNd the whole")
    rows = np.array([[1], [0], [1]], np.int32)
    for dtype in [np.float32, np.int64, np.float64, F16]:
        add("ScatterNd", {"indices": rows, "updates": ints(3, 2).astype(dtype), "shape": np.array([4, 2], np.int32)}, name=f"ScatterNd {np.dtype(dtype).name}")
    add("ScatterNd", {"indices": np.zeros((0, 1), np.int64), "updates": floats(0, 2), "shape": np.array([2, 2], np.int64)}, name="ScatterNd of none")
    for op in ["Add", "Sub", "Max", "Min", "Update"]:
        for dtype in [np.float32, np.int32, np.int64]:
            # Of updates of one place the last one need not win.
            where = np.array([[2], [0], [1]], np.int32) if op == "Update" else rows
            add(f"TensorScatter{op}", {"tensor": ints(3, 2).astype(dtype), "indices": where, "updates": ints(3, 2).astype(dtype)}, name=f"TensorScatter{op} {np.dtype(dtype).name}")
    add("TensorScatterUpdate", {"tensor": np.array([b"a", b"b"]), "indices": np.array([[1]], np.int64), "updates": np.array([b"z"])}, name="TensorScatterUpdate strings")
    add("ScatterNdNonAliasingAdd", {"input": floats(3, 2), "indices": rows, "updates": floats(3, 2)})
    add("DynamicPartition", {"data": floats(4, 2), "partitions": np.array([1, 0, 1, 2], np.int32)}, {"num_partitions": 4})
    add("DynamicPartition", {"data": ints(2, 2, dtype=np.int64), "partitions": np.array([[0, 1], [1, 1]], np.int32)}, {"num_partitions": 2}, name="DynamicPartition matrix")
    for op in ["DynamicStitch", "ParallelDynamicStitch"]:
        add(op, {"indices": [np.int32(4), np.array([[1, 0], [3, 2]], np.int32)], "data": [floats(2), floats(2, 2, 2)]})
    add("DynamicStitch", {"indices": [np.array([0, 1], np.int32), np.array([1], np.int32)], "data": [floats(2, 2), floats(1, 2)]}, name="DynamicStitch later wins")


def segments():
    ids = np.array([0, 0, 2, 3], np.int32)
    for op in ["Sum", "Mean", "Max", "Min", "Prod"]:
        for dtype in [np.float32, np.int32, np.int64, np.float64]:
            add(f"Segment{op}", {"data": ints(4, 2).astype(dtype), "segment_ids": ids}, name=f"Segment{op} {np.dtype(dtype).name}")
            if op != "Mean":
                loose = {"segment_ids": np.array([2, 0, -1, 2], np.int32), "num_segments": np.int32(4)}
                add(f"UnsortedSegment{op}", {"data": ints(4, 2).astype(dtype), **loose}, name=f"UnsortedSegment{op} {np.dtype(dtype).name}")
        if op != "Mean":
            add(f"UnsortedSegment{op}", {"data": floats(2, 2, 3), "segment_ids": np.array([[0, 1], [1, 0]], np.int64), "num_segments": np.int64(2)}, name=f"UnsortedSegment{op} matrix")
    add("SegmentSum", {"data": floats(0, 2), "segment_ids": np.zeros((0,), np.int32)}, name="SegmentSum of none")
    for op in ["Sum", "Mean", "SqrtN"]:
        picked = {"data": floats(5, 2), "indices": np.array([4, 0, 0, 3], np.int32), "segment_ids": ids}
        add(f"SparseSegment{op}", picked)
        add(f"SparseSegment{op}WithNumSegments", {**picked, "num_segments": np.int32(6)})


def sparse():
    indices, shape = np.array([[0, 1], [1, 0], [1, 2]], np.int64), np.array([3, 4], np.int64)
    add("SparseToDense", {"sparse_indices": indices, "output_shape": shape, "sparse_values": floats(3), "default_value": np.float32(-1)})
    add("SparseToDense", {"sparse_indices": np.array([1, 3], np.int32), "output_shape": np.array([5], np.int32), "sparse_values": np.int64(7), "default_value": np.int64(0)}, name="SparseToDense vector")
    add("SparseToDense", {"sparse_indices": indices, "output_shape": shape, "sparse_values": np.array([b"a", b"b", b"c"]), "default_value": b""}, name="SparseToDense strings")
    add("SparseReshape", {"input_indices": indices, "input_shape": shape, "new_shape": np.array([2, -1], np.int64)})
    add("SparseReorder", {"input_indices": indices[::-1], "input_values": floats(3), "input_shape": shape})
    for ta in [False, True]:
        for tb in [False, True]:
            b = floats(*((2, 3 if ta else 4) if tb else (3 if ta else 4, 2)))
            add("SparseTensorDenseMatMul", {"a_indices": indices, "a_values": floats(3), "a_shape": shape, "b": b}, {"adjoint_a": ta, "adjoint_b": tb}, name=f"SparseTensorDenseMatMul {ta} {tb}")
    add("SparseFillEmptyRows", {"indices": np.array([[1, 0], [3, 1], [3, 2]], np.int64), "values": floats(3), "dense_shape": np.array([5, 3], np.int64), "default_value": np.float32(9)})
    add("SparseFillEmptyRows", {"indices": np.zeros((0, 2), np.int64), "values": np.zeros((0,), np.int64), "dense_shape": np.array([2, 3], np.int64), "default_value": np.int64(4)}, name="SparseFillEmptyRows of none")


def folds():
    for dtype in [np.int8, np.int16, np.int32, np.int64, np.uint8, np.uint16, np.uint32, np.uint64, np.float64]:
        low = np.iinfo(dtype).min if dtype != np.float64 else -1e300
        x = np.array([[3, 1, 7], [2, low, 5]], dtype)
        for op in ["Sum", "Max", "Min", "Prod", "Mean"]:
            if not (op == "Mean" and low != 0):
                add(op, {"input": x, "axis": np.array([1], np.int32)}, name=f"{op} {np.dtype(dtype).name} limits")
            if op != "Mean":
                add(op, {"input": x[:0], "axis": np.array([0], np.int32)}, name=f"{op} {np.dtype(dtype).name} of none")
    for dtype in [F16, BF16]:
        for op in ["Sum", "Max", "Min", "Prod", "Mean"]:
            add(op, {"input": floats(2, 3).astype(dtype), "axis": np.int32(-1)}, name=f"{op} {np.dtype(dtype).name}")
    for op in ["Sum", "Max", "Min", "Prod", "Mean", "EuclideanNorm"]:
        add(op, {"input": np.array([[1, NAN], [INF, 2]], np.float32), "axis": np.array([1], np.int64)}, name=f"{op} specials")
        add(op, {"input": np.float32(3), "axis": np.array([], np.int32)}, name=f"{op} scalar")
        add(op, {"input": floats(2, 0, 3), "axis": np.array([0, 2], np.int32)}, {"keep_dims": True}, name=f"{op} to none")
    add("EuclideanNorm", {"input": floats(2, 3), "axis": np.array([0], np.int32)})
    add("EuclideanNorm", {"input": floats(2, 3).astype(np.float64), "axis": np.int32(1)}, name="EuclideanNorm float64")
    for op in ["ArgMax", "ArgMin"]:
        add(op, {"input": np.array([[1, 5, 5], [-INF, INF, 0]], np.float32), "dimension": np.int64(1)}, name=f"{op} infinities")
        add(op, {"input": np.array([3, 9, 2], np.uint8), "dimension": np.int32(0)}, name=f"{op} uint8")
        add(op, {"input": np.array([2**62, 2**62 + 1, -5], np.int64), "dimension": np.int32(0)}, name=f"{op} int64")
        add(op, {"input": floats(4).astype(F16), "dimension": np.int32(0)}, name=f"{op} float16")
    add("ArgMax", {"input": floats(2, 3), "dimension": np.int32(1)}, {"output_type": tf.int16}, name="ArgMax to int16")
    add("ArgMax", {"input": np.array([False, True]), "dimension": np.int32(0)}, name="ArgMax bool")
    for op in ["All", "Any"]:
        add(op, {"input": np.zeros((0, 2), bool), "axis": np.array([0], np.int32)}, name=f"{op} of none")
        add(op, {"input": np.array([[True, False], [True, True]]), "axis": np.array([0, 1], np.int32)}, {"keep_dims": True}, name=f"{op} keep")
    for exclusive in [False, True]:
        for reverse in [False, True]:
            flags = {"exclusive": exclusive, "reverse": reverse}
            for op in ["Cumsum", "Cumprod", "CumulativeLogsumexp"]:
                add(op, {"x": floats(2, 3, 2), "axis": np.int32(1)}, flags, name=f"{op} {exclusive} {reverse}")
            add("Cumsum", {"x": ints(4, dtype=np.int64), "axis": np.int32(-1)}, flags, name=f"Cumsum int64 {exclusive} {reverse}")
    add("Cumprod", {"x": np.array([2**20, 2**20, 3], np.int32), "axis": np.int32(0)}, name="Cumprod wraps")
    add("Cumsum", {"x": floats(0, 2), "axis": np.int32(0)}, name="Cumsum of none")
    add("Cumsum", {"x": floats(3).astype(F16), "axis": np.int64(0)}, name="Cumsum float16")
    add("CumulativeLogsumexp", {"x": np.array([-INF, 1000, 1], np.float64), "axis": np.int32(0)}, name="CumulativeLogsumexp extremes")


def orders():
    tied = np.array([[1, 5, 3, 5, -2], [0, 0, 0, 7, 7]], np.float32)
    for dtype in [np.float32, np.int32, np.int64, F16, np.uint8]:
        add("TopKV2", {"input": np.abs(tied).astype(dtype), "k": np.int32(3)}, name=f"TopKV2 {np.dtype(dtype).name}")
    add("TopKV2", {"input": tied, "k": np.int32(0)}, name="TopKV2 none")
    add("TopKV2", {"input": np.array([-INF, INF, 0], np.float32), "k": np.int32(3)}, name="TopKV2 infinities")
    add("TopKV2", {"input": tied, "k": np.int64(2)}, {"index_type": tf.int64}, name="TopKV2 int64 indices")
    add("InTopK", {"predictions": tied, "targets": np.array([3, 1], np.int32)}, {"k": 2})
    add("InTopKV2", {"predictions": tied, "targets": np.array([2, 9], np.int64), "k": np.int64(3)})
    add("InvertPermutation", {"x": np.array([2, 0, 1], np.int32)})
    for op in ["LowerBound", "UpperBound"]:
        rows = np.array([[1, 3, 3, 7], [0, 2, 4, 6]], np.float32)
        add(op, {"sorted_inputs": rows, "values": np.array([[3, 0, 8], [2, 3, -1]], np.float32)})
        add(op, {"sorted_inputs": rows.astype(np.int64), "values": np.array([[3], [9]], np.int64)}, {"out_type": tf.int64}, name=f"{op} int64")
    add("NthElement", {"input": tied, "n": np.int32(1)}, {"reverse": True})
    add("NthElement", {"input": tied, "n": np.int32(3)}, name="NthElement smallest")
    x = np.array([4, 1, 4, 2, 1], np.int64)
    for op in ["Unique", "UniqueWithCounts"]:
        add(op, {"x": x})
        add(op, {"x": np.array([b"b", b"", b"b"])}, {"out_idx": tf.int64}, name=f"{op} strings")
        add(op, {"x": floats(0)}, name=f"{op} of none")
    rows = np.array([[1, 2, 1], [3, 4, 3], [1, 2, 1]], np.float32)
    for axis in [[0], [1], [-1]]:
        add("UniqueV2", {"x": rows, "axis": np.array(axis, np.int64)}, name=f"UniqueV2 {axis}")
    add("UniqueV2", {"x": x, "axis": np.array([], np.int32)}, name="UniqueV2 vector")
    add("UniqueWithCountsV2", {"x": rows, "axis": np.array([0], np.int32)})
    add("ListDiff", {"x": np.array([1, 2, 3, 2], np.int32), "y": np.array([2], np.int32)})
    counted = np.array([[1, 0, 1], [5, 2, 1]], np.int32)
    add("Bincount", {"arr": counted, "size": np.int32(4), "weights": floats(0)})
    add("Bincount", {"arr": counted, "size": np.int32(6), "weights": floats(2, 3)}, name="Bincount weights")
    for binary in [False, True]:
        add("DenseBincount", {"input": counted, "size": np.int32(4), "weights": floats(0)}, {"binary_output": binary}, name=f"DenseBincount {binary}")
    add("DenseBincount", {"input": counted[0].astype(np.int64), "size": np.int64(4), "weights": ints(3, dtype=np.int64)}, name="DenseBincount weights")
    for dtype in [np.float32, np.int64]:
        add("Bucketize", {"input": np.array([[-5, 0], [7, 20]], dtype)}, {"boundaries": [0.0, 7.0, 10.0]}, name=f"Bucketize {dtype.__name__}")
    add("HistogramFixedWidth", {"values": np.array([-1, 0, 1.5, 2, 5, 15], np.float32), "value_range": np.array([0, 5], np.float32), "nbins": np.int32(5)})
    add("HistogramFixedWidth", {"values": np.array([1, 2, 2], np.int32), "value_range": np.array([0, 4], np.int32), "nbins": np.int32(2)}, {"dtype": tf.int64}, name="HistogramFixedWidth int32")
    add("UnravelIndex", {"indices": np.array([5, 0, 11], np.int32), "dims": np.array([3, 4], np.int32)})
    add("UnravelIndex", {"indices": np.int64(7), "dims": np.array([2, 2, 3], np.int64)}, name="UnravelIndex scalar")


def suppressions():
    centers, sizes = np.abs(floats(9, 2)) * 0.3, np.abs(floats(9, 2)) * 0.4 + 0.1
    boxes = np.concatenate([centers, centers + sizes], 1).astype(np.float32)
    boxes[4] = boxes[4][[2, 3, 0, 1]]
    scores = np.array([0.9, 0.85, 0.3, 0.8, 0.75, 0.2, 0.6, 0.55, 0.95], np.float32)
    base = {"boxes": boxes, "scores": scores, "max_output_size": np.int32(6)}
    add("NonMaxSuppression", base, {"iou_threshold": 0.3})
    add("NonMaxSuppressionV2", {**base, "iou_threshold": np.float32(0.4)})
    thresholds = {"iou_threshold": np.float32(0.35), "score_threshold": np.float32(0.25)}
    add("NonMaxSuppressionV3", {**base, **thresholds})
    add("NonMaxSuppressionV3", {"boxes": floats(0, 4), "scores": floats(0), "max_output_size": np.int32(3), **thresholds}, name="NonMaxSuppressionV3 of none")
    for pad in [False, True]:
        add("NonMaxSuppressionV4", {**base, **thresholds}, {"pad_to_max_output_size": pad}, name=f"NonMaxSuppressionV4 {pad}")
        for sigma in [0.0, 0.5]:
            soft = {**base, **thresholds, "soft_nms_sigma": np.float32(sigma)}
            add("NonMaxSuppressionV5", soft, {"pad_to_max_output_size": pad}, name=f"NonMaxSuppressionV5 {pad} {sigma}")
    overlaps = np.abs(floats(9, 9)) * 0.4
    add("NonMaxSuppressionWithOverlaps", {"overlaps": overlaps, "scores": scores, "max_output_size": np.int32(5), "overlap_threshold": np.float32(0.4), "score_threshold": np.float32(0.1)})
    for shared in [1, 3]:
        for pad in [False, True]:
            for clip in [False, True]:
                images = np.stack([boxes, boxes[::-1]])[:, :, None, :] + (floats(2, 9, shared, 4) * 0.05).astype(np.float32)
                many = np.round(np.abs(floats(2, 9, 3)) * 0.4, 4).astype(np.float32)
                inputs = {"boxes": images, "scores": many, "max_output_size_per_class": np.int32(3), "max_total_size": np.int32(8), **thresholds}
                add("CombinedNonMaxSuppression", inputs, {"pad_per_class": pad, "clip_boxes": clip}, name=f"CombinedNonMaxSuppression {shared} {pad} {clip}")


def images():
    for shape, size in [((1, 3, 4, 2), (5, 7)), ((2, 5, 6, 1), (3, 2)), ((1, 4, 4, 1), (1, 1)), ((1, 1, 1, 2), (2, 3)), ((1, 4, 5, 1), (4, 5)), ((1, 2, 3, 1), (9, 11))]:
        for corners, half in [(False, False), (True, False), (False, True)]:
            how = {"align_corners": corners, "half_pixel_centers": half}
            for op in ["ResizeBilinear", "ResizeNearestNeighbor", "ResizeBicubic"]:
                add(op, {"images": floats(*shape), "size": np.array(size, np.int32)}, how, name=f"{op} {shape} {size} {corners} {half}")
            if not half:
                add("ResizeArea", {"images": floats(*shape), "size": np.array(size, np.int32)}, {"align_corners": corners}, name=f"ResizeArea {shape} {size} {corners}")
    bytes_ = ints(1, 3, 3, 3, dtype=np.uint8, low=0, high=255)
    for op in ["ResizeBilinear", "ResizeNearestNeighbor", "ResizeBicubic", "ResizeArea"]:
        add(op, {"images": bytes_, "size": np.array([4, 2], np.int32)}, name=f"{op} uint8")
        add(op, {"images": floats(1, 3, 3, 1).astype(F16), "size": np.array([4, 2], np.int32)}, name=f"{op} float16")
    add("ResizeBilinear", {"images": floats(1, 3, 3, 1).astype(np.float64), "size": np.array([4, 2], np.int32)}, name="ResizeBilinear float64")
    boxes = np.array([[0, 0, 1, 1], [0.2, 0.1, 0.7, 0.9], [0.8, 0.7, 0.2, 0.1], [-0.5, 0, 0.5, 1.4], [0.5, 0.5, 0.5, 0.5]], np.float32)
    for method in ["bilinear", "nearest"]:
        for size in [(3, 4), (1, 2)]:
            crops = {"image": floats(2, 5, 6, 2), "boxes": boxes, "box_ind": np.array([0, 1, 1, 0, 1], np.int32), "crop_size": np.array(size, np.int32)}
            add("CropAndResize", crops, {"method": method, "extrapolation_value": -2.5}, name=f"CropAndResize {method} {size}")
    add("CropAndResize", {"image": bytes_, "boxes": boxes[:1], "box_ind": np.array([0], np.int32), "crop_size": np.array([2, 2], np.int32)}, name="CropAndResize uint8")
    add("CropAndResize", {"image": floats(1, 2, 2, 1), "boxes": floats(0, 4), "box_ind": np.zeros((0,), np.int32), "crop_size": np.array([2, 2], np.int32)}, name="CropAndResize of none")
    for padding in ["SAME", "VALID"]:
        add("ExtractImagePatches", {"images": floats(1, 5, 6, 2)}, {"ksizes": [1, 2, 3, 1], "strides": [1, 2, 2, 1], "rates": [1, 1, 1, 1], "padding": padding}, name=f"ExtractImagePatches {padding}")
        add("ExtractVolumePatches", {"input": floats(1, 3, 3, 4, 1)}, {"ksizes": [1, 2, 2, 2, 1], "strides": [1, 1, 2, 2, 1], "padding": padding}, name=f"ExtractVolumePatches {padding}")
    add("ExtractImagePatches", {"images": ints(1, 5, 5, 1)}, {"ksizes": [1, 2, 2, 1], "strides": [1, 1, 1, 1], "rates": [1, 2, 2, 1], "padding": "VALID"}, name="ExtractImagePatches rates")
    colors = np.array([[[0, 0, 0], [1, 1, 1], [0.5, 0.2, 0.9]], [[0.9, 0.2, 0.2], [0.1, 0.8, 0.3], [0.3, 0.8, 0.8]]], np.float32)
    for dtype in [np.float32, np.float64]:
        add("RGBToHSV", {"images": colors.astype(dtype)}, name=f"RGBToHSV {dtype.__name__}")
        add("HSVToRGB", {"images": colors.astype(dtype)}, name=f"HSVToRGB {dtype.__name__}")
    add("AdjustHue", {"images": colors, "delta": np.float32(0.3)})
    add("AdjustHue", {"images": colors, "delta": np.float32(-0.7)}, name="AdjustHue back")
    add("AdjustSaturation", {"images": colors, "scale": np.float32(1.7)})
    add("AdjustContrastv2", {"images": np.stack([colors, colors * 0.5]), "contrast_factor": np.float32(1.4)})


def matrices():
    x = floats(2, 3, 4)
    for lower, upper in [(0, -1), (-1, 0), (1, 1), (0, 0), (-1, -1), (2, 0)]:
        add("MatrixBandPart", {"input": x, "num_lower": np.int64(lower), "num_upper": np.int64(upper)}, name=f"MatrixBandPart {lower} {upper}")
    add("MatrixBandPart", {"input": np.ones((3, 3), bool), "num_lower": np.int32(-1), "num_upper": np.int32(0)}, name="MatrixBandPart bool")
    add("Diag", {"diagonal": floats(3)})
    add("Diag", {"diagonal": ints(2, 2)}, name="Diag int32")
    add("DiagPart", {"input": floats(2, 3, 2, 3)})
    add("MatrixDiag", {"diagonal": floats(2, 3)})
    add("MatrixDiagPart", {"input": x})
    add("MatrixSetDiag", {"input": x, "diagonal": floats(2, 3)})
    for low, high in [(0, 0), (-1, 2), (1, 2), (-2, -1)]:
        k = np.array([low, high] if low != high else low, np.int32)
        for align in ["RIGHT_LEFT", "LEFT_RIGHT", "LEFT_LEFT", "RIGHT_RIGHT"]:
            parts = tf.raw_ops.MatrixDiagPartV3(input=x, k=k, padding_value=9.0, align=align).numpy()
            add("MatrixDiagPartV3", {"input": x, "k": k, "padding_value": np.float32(9)}, {"align": align}, name=f"MatrixDiagPartV3 {low} {high} {align}")
            add("MatrixSetDiagV3", {"input": x, "diagonal": floats(*parts.shape), "k": k}, {"align": align}, name=f"MatrixSetDiagV3 {low} {high} {align}")
            made = {"diagonal": floats(*parts.shape), "k": k, "num_rows": np.int32(3), "num_cols": np.int32(4), "padding_value": np.float32(-1)}
            add("MatrixDiagV3", made, {"align": align}, name=f"MatrixDiagV3 {low} {high} {align}")
    add("MatrixDiagV2", {"diagonal": floats(2), "k": np.int32(1), "num_rows": np.int32(-1), "num_cols": np.int32(-1), "padding_value": np.float32(0)})
    add("MatrixDiagV3", {"diagonal": ints(2), "k": np.int32(-1), "num_rows": np.int32(-1), "num_cols": np.int32(4), "padding_value": np.int32(0)}, name="MatrixDiagV3 rows")
    add("MatrixDiagPartV2", {"input": x, "k": np.array([-1, 1], np.int32), "padding_value": np.float32(0)})
    add("MatrixSetDiagV2", {"input": x, "diagonal": floats(2, 3), "k": np.int32(1)})
    square = floats(2, 3, 3) + 2 * np.eye(3, dtype=np.float32)
    positive = np.einsum("bij,bkj->bik", square, square)
    right = floats(2, 3, 2)
    for dtype in [np.float32, np.float64]:
        name = dtype.__name__
        for adjoint in [False, True]:
            add("MatrixInverse", {"input": square.astype(dtype)}, {"adjoint": adjoint}, name=f"MatrixInverse {name} {adjoint}")
            add("MatrixSolve", {"matrix": square.astype(dtype), "rhs": right.astype(dtype)}, {"adjoint": adjoint}, name=f"MatrixSolve {name} {adjoint}")
            for lower in [False, True]:
                add("MatrixTriangularSolve", {"matrix": square.astype(dtype), "rhs": right.astype(dtype)}, {"lower": lower, "adjoint": adjoint}, name=f"MatrixTriangularSolve {name} {lower} {adjoint}")
        add("Cholesky", {"input": positive.astype(dtype)}, name=f"Cholesky {name}")
        add("MatrixDeterminant", {"input": square.astype(dtype)}, name=f"MatrixDeterminant {name}")
        add("LogMatrixDeterminant", {"input": square.astype(dtype)}, name=f"LogMatrixDeterminant {name}")
    add("MatrixTriangularSolve", {"matrix": square[:1], "rhs": floats(4, 3, 1)}, name="MatrixTriangularSolve stretched")
    add("MatrixInverse", {"input": floats(0, 3, 3)}, name="MatrixInverse of none")


def quantizations():
    x = np.array([-8, -6.01, -1.21, -0.02, 0, 0.02, 0.5, 3.1, 5.99, 7], np.float32)
    for bits, narrow in [(8, False), (4, True)]:
        how = {"num_bits": bits, "narrow_range": narrow}
        add("FakeQuantWithMinMaxArgs", {"inputs": x}, how, name=f"FakeQuantWithMinMaxArgs {bits} {narrow}")
        for low, high in [(-6, 6), (0.5, 4), (-3, -1), (0, 0), (-1.3, 5.7)]:
            add("FakeQuantWithMinMaxVars", {"inputs": x, "min": np.float32(low), "max": np.float32(high)}, how, name=f"FakeQuantWithMinMaxVars {low} {high} {bits}")
        add("FakeQuantWithMinMaxVarsPerChannel", {"inputs": floats(4, 3), "min": np.array([-1, 0, -2], np.float32), "max": np.array([1, 3, 0.5], np.float32)}, how, name=f"FakeQuantWithMinMaxVarsPerChannel {bits}")
        for signed in [False, True]:
            for given in [False, True]:
                limits = {"input": np.abs(x) if not signed else x, "input_min": np.float32(-2 if signed else 0), "input_max": np.float32(3)}
                flags = {"signed_input": signed, "range_given": given, "narrow_range": narrow}
                add("QuantizeAndDequantizeV2", limits, {"num_bits": bits, **flags}, name=f"QuantizeAndDequantizeV2 {bits} {signed} {given}")
                add("QuantizeAndDequantizeV3", {**limits, "num_bits": np.int32(bits)}, flags, name=f"QuantizeAndDequantizeV3 {bits} {signed} {given}")
                add("QuantizeAndDequantizeV4", limits, {"num_bits": bits, **flags}, name=f"QuantizeAndDequantizeV4 {bits} {signed} {given}")
    add("QuantizeAndDequantizeV2", {"input": np.array([0.5, 1.5, 2.5, 127], np.float32), "input_min": np.float32(-127), "input_max": np.float32(127)}, {"range_given": True, "round_mode": "HALF_UP"}, name="QuantizeAndDequantizeV2 half up")
    add("CheckNumerics", {"tensor": floats(3)}, {"message": "no"})
    add("CheckNumericsV2", {"tensor": floats(2).astype(np.float64)}, {"message": "no"})


def randoms():
    shape, seed = np.array([3, 5], np.int32), np.array([12345, -678], np.int64)
    key, counter = (v.numpy() for v in tf.raw_ops.StatelessRandomGetKeyCounter(seed=seed))
    add("StatelessRandomGetKeyCounter", {"seed": seed})
    add("StatelessRandomGetKeyCounterAlg", {"seed": np.array([7, 8], np.int32)})
    add("StatelessRandomGetAlg", {})
    for op, dtypes in [("StatelessRandomUniform", [tf.float32, tf.float64, tf.float16, tf.bfloat16]), ("StatelessRandomNormal", [tf.float32, tf.float64, tf.float16]), ("StatelessRandomUniformFullInt", [tf.int32, tf.int64, tf.uint32, tf.uint64])]:
        for dtype in dtypes:
            add(op, {"shape": shape, "seed": seed}, {"dtype": dtype}, name=f"{op} {dtype.name}")
            add(f"{op}V2", {"shape": shape, "key": key, "counter": counter, "alg": np.int32(1)}, {"dtype": dtype}, name=f"{op}V2 {dtype.name}")
    for dtype in [np.int32, np.int64]:
        limits = {"minval": dtype(-5), "maxval": dtype(100)}
        add("StatelessRandomUniformInt", {"shape": shape, "seed": seed, **limits}, name=f"StatelessRandomUniformInt {dtype.__name__}")
        add("StatelessRandomUniformIntV2", {"shape": shape, "key": key, "counter": counter, "alg": np.int32(3), **limits}, name=f"StatelessRandomUniformIntV2 {dtype.__name__}")
    # Of operations with a state, the first call.
    for op in ["RandomUniform", "RandomStandardNormal"]:
        for dtype in [tf.float32, tf.float64, tf.float16]:
            add(op, {"shape": shape}, {"dtype": dtype, "seed": 42, "seed2": 7}, name=f"{op} {dtype.name}")
    add("RandomUniformInt", {"shape": shape, "minval": np.int32(0), "maxval": np.int32(10)}, {"seed": 1})


FAMILIES = {
    "bits": [bits],
    "cast": [casting],
    "convolution": [convolutions],
    "elementwise": [binary],
    "filling": [makes],
    "image": [images],
    "matrix": [matrices],
    "moving": [moves],
    "normalization": [norms],
    "order": [orders],
    "product": [products],
    "quantization": [quantizations],
    "random": [randoms],
    "reduction": [folds],
    "scatter": [scatters, segments, sparse],
    "suppression": [suppressions],
    "unary": [unary],
}

if __name__ == "__main__":
    for name in sys.argv[1:] or FAMILIES:
        # Each family by itself gives the same numbers.
        make_ops.reseed()
        write(HERE / "ops" / f"{name}.json", FAMILIES[name])
    sys.exit("\n".join(refused))
