"""Writes ops/signal.json: complex numbers and Fourier transforms."""

import numpy as np
import tensorflow as tf

import tolerant
from make_ops import HERE, floats, ints, write
from tolerant import add


def numbers(*shape, dtype=np.complex64):
    return (floats(*shape) + 1j * floats(*shape)).astype(dtype)


def parts():
    for dtype, real in [(np.complex64, np.float32), (np.complex128, np.float64)]:
        name, kind = np.dtype(dtype).name, tf.as_dtype(real)
        x = numbers(2, 3, dtype=dtype)
        for op in ["Real", "Imag", "Angle", "ComplexAbs"]:
            add(op, {("x" if op == "ComplexAbs" else "input"): x}, {"Tout": kind}, name=f"{op} {name}")
        add("Conj", {"input": x}, name=f"Conj {name}")
        inputs = {"real": floats(2, 1, 3).astype(real), "imag": floats(4, 1).astype(real)}
        add("Complex", inputs, {"Tout": tf.as_dtype(dtype)}, name=f"Complex {name}")
        for to in [tf.complex64, tf.complex128, tf.float32, tf.int32]:
            add("Cast", {"x": x}, {"DstT": to}, name=f"Cast {name} {to.name}")
        for source in [np.float32, np.int32, np.int64, np.float64]:
            add("Cast", {"x": ints(3).astype(source)}, {"DstT": tf.as_dtype(dtype)}, name=f"Cast {np.dtype(source)} {name}")


def elementwise():
    for dtype in [np.complex64, np.complex128]:
        name = np.dtype(dtype).name
        a, b = numbers(2, 1, 3, dtype=dtype), numbers(4, 1, dtype=dtype)
        for op in ["Add", "AddV2", "Sub", "Mul", "RealDiv", "Div", "Pow"]:
            add(op, {"x": a, "y": b}, name=f"{op} {name}")
        for op in ["Exp", "Log", "Sqrt", "Square", "Neg", "Reciprocal", "Inv", "ZerosLike"]:
            add(op, {"x": a}, name=f"{op} {name}")
    zero = np.array([0, 0, 2j], np.complex64)
    add("Pow", {"x": zero, "y": np.array([0, 2, 2], np.complex64)}, name="Pow complex64 zero")
    add("AddN", {"inputs": [numbers(3), numbers(3)]}, name="AddN complex64")


def products():
    a, b = numbers(2, 3, 4), numbers(2, 4, 5)
    add("BatchMatMulV2", {"x": a, "y": b}, name="BatchMatMulV2 complex64")
    for left, right in [(True, False), (False, True), (True, True)]:
        inputs = {"x": numbers(2, 4, 3) if left else a, "y": numbers(2, 5, 4) if right else b}
        add("BatchMatMulV2", inputs, {"adj_x": left, "adj_y": right}, name=f"BatchMatMulV2 complex64 {left} {right}")
    add("MatMul", {"a": numbers(4, 3), "b": numbers(4, 2)}, {"transpose_a": True}, name="MatMul complex64")
    add("Einsum", {"inputs": [a, b]}, {"equation": "bij,bjk->bik"}, name="Einsum complex64")
    add("Einsum", {"inputs": [a]}, {"equation": "bij->bji"}, name="Einsum complex64 one")


def moved():
    x = numbers(3, 4)
    axis = np.int32(1)
    cases = {
        "BroadcastTo": {"input": numbers(3, 1), "shape": np.int32([2, 3, 2])},
        "ConcatV2": {"values": [x, x], "axis": axis},
        "Cumsum": {"x": x, "axis": axis},
        "Fill": {"dims": np.int32([2, 2]), "value": np.complex64(1 + 2j)},
        "GatherNd": {"params": x, "indices": np.int32([[0, 1], [2, 3]])},
        "GatherV2": {"params": x, "indices": np.int32([2, 0]), "axis": axis},
        "Mean": {"input": x, "axis": axis},
        "Pack": {"values": [x, x]},
        "Pad": {"input": x, "paddings": np.int32([[1, 0], [0, 2]])},
        "PadV2": {"input": x, "paddings": np.int32([[1, 0], [0, 2]]), "constant_values": np.complex64(3 - 1j)},
        "ReverseV2": {"tensor": x, "axis": np.int32([1])},
        "Roll": {"input": x, "shift": np.int32(1), "axis": axis},
        "SelectV2": {"condition": np.array([True, False, True, False]), "t": x, "e": numbers(3, 4)},
        "Slice": {"input": x, "begin": np.int32([1, 0]), "size": np.int32([2, 3])},
        "StridedSlice": {"input": x, "begin": np.int32([0, 3]), "end": np.int32([3, 0]), "strides": np.int32([2, -1])},
        "Sum": {"input": x, "axis": axis},
        "Tile": {"input": x, "multiples": np.int32([1, 2])},
        "Transpose": {"x": x, "perm": np.int32([1, 0])},
        "Reshape": {"tensor": x, "shape": np.int32([2, 6])},
        "ExpandDims": {"input": x, "axis": axis},
        "Squeeze": {"input": numbers(1, 2)},
        "Shape": {"input": x},
    }
    for op, inputs in cases.items():
        add(op, inputs, name=f"{op} complex64")
    add("Split", {"axis": axis, "value": x}, {"num_split": 2}, name="Split complex64")
    add("Unpack", {"value": x}, {"num": 3}, name="Unpack complex64")


def transforms():
    for dtype, real in [(np.complex64, np.float32), (np.complex128, np.float64)]:
        types = {"Treal": tf.as_dtype(real)}
        whole = {"Tcomplex": tf.as_dtype(dtype)}
        for n in [1, 2, 3, 8, 12, 31] if real == np.float32 else [7, 16]:
            x, z = floats(2, n).astype(real), numbers(2, n, dtype=dtype)
            add("FFT", {"input": z}, name=f"FFT {n} {dtype.__name__}")
            add("IFFT", {"input": z}, name=f"IFFT {n} {dtype.__name__}")
            for length in [n, max(n - 1, 1)]:
                lengths = np.int32([length])
                add("RFFT", {"input": x, "fft_length": lengths}, whole, name=f"RFFT {n} {length} {real.__name__}")
                add("IRFFT", {"input": z, "fft_length": lengths}, types, name=f"IRFFT {n} {length} {real.__name__}")
    add("FFT", {"input": numbers(0, 4)}, name="FFT empty")


if __name__ == "__main__":
    write(HERE / "ops" / "signal.json", [parts, elementwise, products, moved, transforms])
    print("\n".join(tolerant.refused))
