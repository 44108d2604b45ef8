"""Operations on elements, and reductions."""

import numpy as np
import tensorflow as tf

from make_ops import floats, ints
from tolerant import BF16, F16, INF, NAN, add

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
