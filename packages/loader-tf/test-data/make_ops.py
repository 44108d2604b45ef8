"""Writes ops.json: single operations with attributes and inputs, and what TensorFlow makes of them."""

import base64
import json
import math
import os
import pathlib

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
# oneDNN's convolution of no images has the wrong shape; TensorFlow's own has the right one.
os.environ["TF_ENABLE_ONEDNN_OPTS"] = "0"

import numpy as np
import tensorflow as tf

HERE = pathlib.Path(__file__).resolve().parent
random = np.random.default_rng(7)
cases = []
# The operation itself, and not what an optimizer makes of it.
AS_IT_IS = tf.compat.v1.ConfigProto()
AS_IT_IS.graph_options.rewrite_options.disable_meta_optimizer = True


def reseed():
    """Lets the numbers begin anew."""
    global random
    random = np.random.default_rng(7)


def floats(*shape):
    return np.round(random.normal(size=shape), 3).astype(np.float32)


def ints(*shape, dtype=np.int32, low=-9, high=10):
    return random.integers(low, high, shape).astype(dtype)


def add(op, inputs, attributes=None, name=None, keep=None):
    """Runs one operation of tf.raw_ops; inputs go by the operation's names for them; `keep` outputs are written."""
    with tf.Graph().as_default():
        tensors = {
            key: [tf.constant(item) for item in value] if isinstance(value, list) else tf.constant(value)
            for key, value in inputs.items()
        }
        result = getattr(tf.raw_ops, op)(**tensors, **(attributes or {}))
        results = tf.nest.flatten(result)
        node = results[0].op
        if op.startswith("FusedBatchNorm") and keep is None:
            # The statistics beside the result are of no use when it does not train.
            keep = 1
        results = results[:keep]
        with tf.compat.v1.Session(config=AS_IT_IS) as session:
            values = session.run(results)
            given = session.run([edge for edge in node.inputs])
        cases.append(
            {
                "op": op,
                "name": name or op,
                "attributes": {key: attribute(value) for key, value in sorted(node.node_def.attr.items())},
                "inputs": [written(v, t.dtype) for v, t in zip(given, node.inputs)],
                "outputs": [written(v, t.dtype) for v, t in zip(values, results)],
            }
        )


def attribute(value):
    kind = value.WhichOneof("value")
    if kind == "list":
        items = value.list
        if items.s:
            return {"texts": [s.decode() for s in items.s]}
        if items.f:
            return {"floats": list(items.f)}
        if items.type:
            return {"types": list(items.type)}
        if items.shape:
            return {"shapes": [None if s.unknown_rank else [d.size for d in s.dim] for s in items.shape]}
        return {"ints": [str(i) for i in items.i]}
    if kind == "type":
        return {"type": value.type}
    if kind == "shape":
        return {"shape": None if value.shape.unknown_rank else [d.size for d in value.shape.dim]}
    if kind == "s":
        try:
            return {"text": value.s.decode()}
        except UnicodeDecodeError:
            return {"bytes": base64.b64encode(value.s).decode()}
    if kind == "i":
        return {"int": str(value.i)}
    return {kind: getattr(value, kind)}


def plain(value, digits):
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, (bool, np.bool_)):
        return int(value)
    if isinstance(value, int):
        return str(value) if abs(value) >= 2**53 else value
    if math.isfinite(value):
        return float(f"{value:.{digits}g}")
    return {"inf": "Infinity", "-inf": "-Infinity", "nan": "NaN"}[str(value)]


def written(value, dtype):
    # Of a single string numpy's own type would drop zeros at the end.
    array = np.asarray(value, dtype=object if isinstance(value, bytes) else None)
    shape = list(array.shape)
    if dtype.is_complex:
        array = np.stack([array.real, array.imag], -1)
    elif dtype in (tf.bfloat16, tf.float16):
        array = array.astype(np.float32)
    digits = 17 if dtype in (tf.float64, tf.complex128) else 9
    return {"dtype": dtype.name, "shape": shape, "data": [plain(v, digits) for v in array.reshape(-1).tolist()]}


def elementwise():
    pairs = [((2, 3), (2, 3)), ((2, 3), (3,)), ((2, 1, 3), (4, 1)), ((), (2, 2)), ((0, 3), (3,)), ((70, 40), (40,))]
    for op in ["Add", "AddV2", "Sub", "Mul", "RealDiv", "Maximum", "Minimum", "SquaredDifference", "FloorDiv", "FloorMod", "DivNoNan"]:
        for a, b in pairs[: 6 if op in ("AddV2", "Mul", "Maximum") else 3]:
            add(op, {"x": floats(*a), "y": floats(*b)}, name=f"{op} {a} {b}")
    for op in ["AddV2", "Sub", "Mul", "Maximum", "Minimum", "FloorDiv", "FloorMod", "Div", "SquaredDifference"]:
        for dtype in [np.int32, np.int64]:
            y = np.where((v := ints(3, dtype=dtype)) == 0, 2, v).astype(dtype)
            add(op, {"x": ints(2, 3, dtype=dtype), "y": y}, name=f"{op} {dtype.__name__}")
    big = np.array([2**53 + 1, -(2**62), 2**63 - 1], np.int64)
    for op in ["AddV2", "Sub", "Mul", "Maximum"]:
        add(op, {"x": big, "y": np.array([3, 5, 7], np.int64)}, name=f"{op} beyond 2^53")
    add("Mul", {"x": np.array([2**31 - 1, 65537], np.int32), "y": np.array([3, 65537], np.int32)}, name="Mul wraps")
    add("AddV2", {"x": np.array([2**31 - 1], np.int32), "y": np.array([1], np.int32)}, name="AddV2 wraps")
    for dtype in [np.int8, np.uint8, np.int16, np.float64]:
        add("AddV2", {"x": np.array([100, 27], dtype), "y": np.array([100, 1], dtype)}, name=f"AddV2 {dtype.__name__}")
    add("Pow", {"x": np.abs(floats(2, 3)), "y": floats(3)})
    add("Pow", {"x": ints(4, dtype=np.int64, low=-4, high=5), "y": np.array([0, 1, 2, 5], np.int64)}, name="Pow int64")
    add("Pow", {"x": np.array([-3, 2, 7], np.int32), "y": np.array([3, 31, 12], np.int32)}, name="Pow wraps")
    special = np.array([0.0, -0.0, 1.5, -2.5, 0.5, -0.5, 2.5, 88.0, -100.0, math.inf, -math.inf, math.nan], np.float32)
    for op in "Relu Relu6 Elu Sigmoid Tanh Exp Expm1 Square Neg Abs Sign Floor Ceil Round Rint Softplus Softsign".split():
        add(op, {{"Relu": "features", "Relu6": "features", "Elu": "features", "Softplus": "features", "Softsign": "features"}.get(op, "x"): special}, name=f"{op} special")
    add("Relu6", {"features": special[:-1]})
    for op in "Log Log1p Sqrt Rsqrt Reciprocal Sin Cos Tan".split():
        add(op, {"x": np.array([0.25, 1.0, 3.5, 100.0, 1e-3], np.float32)})
    for op in "Relu Relu6 Elu".split():
        add(op, {"features": floats(60, 50)}, name=f"{op} large")
    for op in "Sigmoid Tanh Exp Square Neg Abs Floor Ceil".split():
        add(op, {"x": floats(60, 50)}, name=f"{op} large")
    for op in "Abs Neg Square Sign".split():
        add(op, {"x": ints(5, dtype=np.int64)}, name=f"{op} int64")
    add("LeakyRelu", {"features": special}, {"alpha": 0.3})
    add("LeakyRelu", {"features": floats(60, 50)}, {"alpha": 0.1}, name="LeakyRelu large")
    for op in "Greater GreaterEqual Less LessEqual Equal NotEqual".split():
        add(op, {"x": floats(2, 3), "y": floats(3)})
        add(op, {"x": ints(2, 3, dtype=np.int64, low=0, high=3), "y": ints(3, dtype=np.int64, low=0, high=3)}, name=f"{op} int64")
    add("Equal", {"x": np.array([math.nan, 1], np.float32), "y": np.array([math.nan, 1], np.float32)}, name="Equal NaN")
    yes = np.array([[True, False], [True, True]])
    for op in "LogicalAnd LogicalOr".split():
        add(op, {"x": yes, "y": np.array([False, True])})
    add("LogicalNot", {"x": yes})
    for op in "IsNan IsInf IsFinite".split():
        add(op, {"x": special})


def casts():
    values = {
        "float32": np.array([1.9, -1.9, 0.0, 255.0, -3.5], np.float32),
        "float64": np.array([1.9, -1.9, 1e10, -3.5], np.float64),
        "int32": np.array([0, 300, -1, 70000], np.int32),
        "int64": np.array([0, 300, -1, 2**40 + 5], np.int64),
        "uint8": np.array([0, 200, 255], np.uint8),
        "bool": np.array([True, False]),
    }
    for source, x in values.items():
        for target in ["float32", "float64", "int32", "int64", "bool", "uint8", "int16"]:
            # What C leaves undefined is not asked for.
            if source.startswith("float") and target in ("uint8", "int16", "int32"):
                x = np.array([1.9, 0.0, 100.7], x.dtype)
            add("Cast", {"x": x}, {"DstT": tf.as_dtype(target)}, name=f"Cast {source} to {target}")


def reductions():
    for op in "Sum Mean Max Min Prod".split():
        for shape, axes in [((2, 3, 4), [1]), ((2, 3, 4), [0, 2]), ((2, 3, 4), [-1]), ((2, 3), []), ((5,), [0]), ((40, 80), [0])]:
            for keep in [False, True]:
                add(op, {"input": floats(*shape), "axis": np.array(axes, np.int32)}, {"keep_dims": keep}, name=f"{op} {shape} {axes} {keep}")
        add(op, {"input": ints(2, 3, dtype=np.int64), "axis": np.array([1], np.int64)}, name=f"{op} int64")
        if op != "Prod":
            add(op, {"input": ints(2, 3), "axis": np.array([0], np.int32)}, name=f"{op} int32")
    add("Sum", {"input": floats(0, 3), "axis": np.array([0], np.int32)}, name="Sum of none")
    add("Max", {"input": floats(0, 3), "axis": np.array([0], np.int32)}, name="Max of none")
    for op in "All Any".split():
        add(op, {"input": np.array([[True, False], [True, True]]), "axis": np.array([1], np.int32)})
    for op in "ArgMax ArgMin".split():
        for axis in [0, -1]:
            add(op, {"input": floats(3, 5), "dimension": np.int32(axis)}, name=f"{op} {axis}")
        add(op, {"input": ints(4, 2, low=0, high=2), "dimension": np.int32(0)}, {"output_type": tf.int32}, name=f"{op} ties")


def arrangements():
    x = floats(2, 3, 4)
    for axis in [0, 1, -1]:
        add("ConcatV2", {"values": [x, x + 1], "axis": np.int32(axis)}, name=f"ConcatV2 {axis}")
        add("Pack", {"values": [x, x + 1]}, {"axis": axis}, name=f"Pack {axis}")
    add("ConcatV2", {"values": [floats(0, 2), floats(3, 2)], "axis": np.int32(0)}, name="ConcatV2 with none")
    add("ConcatV2", {"values": [np.array([b"a", b""]), np.array([b"c"])], "axis": np.int32(0)}, name="ConcatV2 strings")
    add("Pack", {"values": [np.int64(2**60), np.int64(-1)]}, name="Pack int64")
    add("Unpack", {"value": x}, {"num": 3, "axis": 1})
    add("Split", {"axis": np.int32(2), "value": x}, {"num_split": 2})
    add("SplitV", {"value": x, "size_splits": np.array([1, -1], np.int32), "axis": np.int32(1)}, {"num_split": 2})
    add("Transpose", {"x": x, "perm": np.array([2, 0, 1], np.int32)})
    add("Transpose", {"x": np.array([[b"a", b"b", b"c"]]), "perm": np.array([1, 0], np.int32)}, name="Transpose strings")
    add("Slice", {"input": x, "begin": np.array([1, 0, 2], np.int32), "size": np.array([1, 2, -1], np.int32)})
    add("Tile", {"input": x, "multiples": np.array([1, 2, 3], np.int32)})
    add("Pad", {"input": ints(2, 2), "paddings": np.array([[1, 0], [0, 2]], np.int32)})
    add("PadV2", {"input": floats(2, 2), "paddings": np.array([[1, 0], [0, 2]], np.int32), "constant_values": np.float32(9)})
    add("BroadcastTo", {"input": floats(3, 1), "shape": np.array([2, 3, 4], np.int32)})
    add("Fill", {"dims": np.array([2, 3], np.int32), "value": np.int64(7)})
    add("ZerosLike", {"x": ints(2, 2, dtype=np.int64)})
    add("OnesLike", {"x": floats(2, 2)})
    add("Range", {"start": np.int32(3), "limit": np.int32(-4), "delta": np.int32(-2)})
    add("Range", {"start": np.float32(0), "limit": np.float32(1), "delta": np.float32(0.3)}, name="Range float32")
    condition = np.array([[True, False, True], [False, False, True]])
    add("SelectV2", {"condition": condition, "t": floats(2, 3), "e": np.float32(0)})
    add("Select", {"condition": np.array([True, False]), "x": floats(2, 3), "y": floats(2, 3)}, name="Select rows")
    add("Select", {"condition": condition, "x": ints(2, 3), "y": ints(2, 3)})
    for text, masks in {
        "1:3": ([1], [3], [1], {}),
        "::-1": ([0], [0], [-1], {"begin_mask": 1, "end_mask": 1}),
        "-2:, 1": ([-2, 1], [0, 2], [1, 1], {"end_mask": 1, "shrink_axis_mask": 2}),
        "..., 0": ([0, 0], [0, 1], [1, 1], {"ellipsis_mask": 1, "shrink_axis_mask": 2}),
        "None, ..., ::2": ([0, 0, 0], [0, 0, 0], [1, 1, 2], {"new_axis_mask": 1, "ellipsis_mask": 2, "begin_mask": 4, "end_mask": 4}),
        "5:1:-2": ([5], [1], [-2], {}),
        "100:": ([100], [0], [1], {"end_mask": 1}),
        "-1": ([-1], [0], [1], {"shrink_axis_mask": 1}),
    }.items():
        begin, end, strides, attributes = masks
        arrays = {k: np.array(v, np.int32) for k, v in {"begin": begin, "end": end, "strides": strides}.items()}
        add("StridedSlice", {"input": floats(4, 3, 5), **arrays}, attributes, name=f"StridedSlice [{text}]")
    add("GatherV2", {"params": x, "indices": np.array([[2, 0], [1, 1]], np.int32), "axis": np.int32(1)})
    add("GatherV2", {"params": x, "indices": np.array([[2, 0], [1, 1]], np.int64), "axis": np.int32(2)}, {"batch_dims": 1}, name="GatherV2 batch")
    add("Gather", {"params": x, "indices": np.array([1, 0, 1], np.int32)})
    add("OneHot", {"indices": np.array([0, 2, -1], np.int64), "depth": np.int32(3), "on_value": np.float32(5), "off_value": np.float32(0)})
    add("OneHot", {"indices": np.array([[0, 2]], np.int32), "depth": np.int32(3), "on_value": np.int32(1), "off_value": np.int32(0)}, {"axis": 0}, name="OneHot axis 0")


def structures():
    x = floats(2, 1, 6)
    add("Reshape", {"tensor": x, "shape": np.array([3, -1], np.int32)})
    add("Reshape", {"tensor": floats(0, 4), "shape": np.array([0, 2, 2], np.int64)}, name="Reshape of none")
    add("Squeeze", {"input": x})
    add("Squeeze", {"input": floats(1, 2, 1)}, {"axis": [-1]}, name="Squeeze -1")
    add("ExpandDims", {"input": x, "axis": np.int32(-1)})
    add("Shape", {"input": x})
    add("Shape", {"input": x}, {"out_type": tf.int64}, name="Shape int64")
    add("Size", {"input": x})
    add("Rank", {"input": x})
    add("Identity", {"input": x})
    add("IdentityN", {"input": [x, ints(2)]})
    add("EnsureShape", {"input": x}, {"shape": [2, None, 6]})
    add("ShapeN", {"input": [x, floats(2)]})


def linear():
    for ta in [False, True]:
        for tb in [False, True]:
            a, b = floats(*((4, 3) if ta else (3, 4))), floats(*((5, 4) if tb else (4, 5)))
            add("MatMul", {"a": a, "b": b}, {"transpose_a": ta, "transpose_b": tb}, name=f"MatMul {ta} {tb}")
    add("MatMul", {"a": floats(0, 4), "b": floats(4, 5)}, name="MatMul of none")
    add("MatMul", {"a": ints(3, 4), "b": ints(4, 2)}, name="MatMul int32")
    add("MatMul", {"a": floats(3, 4).astype(np.float64), "b": floats(4, 2).astype(np.float64)}, name="MatMul float64")
    add("BatchMatMulV2", {"x": floats(2, 3, 4), "y": floats(2, 4, 2)})
    add("BatchMatMulV2", {"x": floats(2, 1, 3, 4), "y": floats(3, 2, 4)}, {"adj_y": True}, name="BatchMatMulV2 stretched")
    add("BiasAdd", {"value": floats(2, 3, 4, 5), "bias": floats(5)})
    for padding in ["SAME", "VALID"]:
        for stride in [1, 2]:
            same = {"strides": [1, stride, stride, 1], "padding": padding}
            add("Conv2D", {"input": floats(2, 7, 6, 3), "filter": floats(3, 2, 3, 4)}, same, name=f"Conv2D {padding} {stride}")
            add("DepthwiseConv2dNative", {"input": floats(1, 7, 6, 3), "filter": floats(3, 3, 3, 2)}, same, name=f"Depthwise {padding} {stride}")
            for op in ["MaxPool", "AvgPool"]:
                value = {"input" if op == "MaxPool" else "value": floats(2, 7, 6, 3)}
                add(op, value, {"ksize": [1, 3, 2, 1], **same}, name=f"{op} {padding} {stride}")
    dilated = {"strides": [1, 1, 1, 1], "padding": "SAME", "dilations": [1, 2, 2, 1]}
    add("Conv2D", {"input": floats(1, 8, 8, 2), "filter": floats(3, 3, 2, 3)}, dilated, name="Conv2D dilated")
    explicit = {"strides": [1, 1, 1, 1], "padding": "EXPLICIT", "explicit_paddings": [0, 0, 2, 1, 0, 1, 0, 0]}
    add("Conv2D", {"input": floats(1, 5, 5, 2), "filter": floats(3, 3, 2, 3)}, explicit, name="Conv2D explicit")
    add("Conv2D", {"input": floats(0, 5, 5, 2), "filter": floats(3, 3, 2, 3)}, {"strides": [1, 1, 1, 1], "padding": "SAME"}, name="Conv2D of none")
    for op in ["Softmax", "LogSoftmax"]:
        for shape in [(2, 5), (0, 5), (3, 2, 4), (60, 50)]:
            add(op, {"logits": 10 * floats(*shape)}, name=f"{op} {shape}")
    norm = {"x": floats(2, 3, 3, 4), "scale": floats(4), "offset": floats(4), "mean": floats(4), "variance": np.abs(floats(4)) + 0.1}
    with_attributes = {"is_training": False, "epsilon": 0.001}
    add("FusedBatchNormV3", norm, with_attributes)


def write(path, families):
    """Writes the cases that the families make, one to a line."""
    for make in families:
        make()
    text = ",\n".join(json.dumps(case, separators=(",", ":")) for case in cases)
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"[\n{text}\n]\n")
    print(path.name, len(cases), "cases")
    cases.clear()


if __name__ == "__main__":
    write(HERE / "ops.json", [elementwise, casts, reductions, arrangements, structures, linear])
