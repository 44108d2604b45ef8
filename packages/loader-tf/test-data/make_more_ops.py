"""Writes ops/more.json: Bessel functions, cross products, strings that are added, images scaled, truncated normals."""

import numpy as np
import tensorflow as tf

from make_ops import HERE, add, floats, ints, write


def bessel():
    x = np.array([0, 1e-3, 0.5, -2, 5, -20, 39.9, 40.1, 80, -700, np.inf, np.nan], np.float32)
    for op in ["BesselI0e", "BesselI1e"]:
        for dtype in [np.float32, np.float64]:
            add(op, {"x": x.astype(dtype)}, name=f"{op} {np.dtype(dtype).name}")
    for op in ["BesselI0", "BesselI1"]:
        add(op, {"x": x[:7]})


def products():
    for dtype in [np.float32, np.float64, np.int32, np.int64]:
        add("Cross", {"a": ints(2, 3).astype(dtype), "b": ints(2, 3).astype(dtype)}, name=f"Cross {np.dtype(dtype).name}")


def strings():
    a, b = np.array([[b"x"], [b"\xff"]], object), np.array([b"", b"1", b"2"], object)
    add("Add", {"x": a, "y": b}, name="Add string")


def scaled():
    x = floats(1, 6, 7, 2)
    for kernel in ["lanczos1", "lanczos3", "lanczos5", "gaussian", "box", "triangle", "keyscubic", "mitchellcubic"]:
        for antialias in [True, False]:
            inputs = {"images": x, "size": np.array([4, 9], np.int32), "scale": np.float32([0.7, 1.3]), "translation": np.float32([0.2, -0.5])}
            add("ScaleAndTranslate", inputs, {"kernel_type": kernel, "antialias": antialias}, name=f"ScaleAndTranslate {kernel} {antialias}")


def truncated():
    seed = np.array([3, 4], np.int32)
    for dtype in [tf.float32, tf.float64, tf.float16]:
        add("StatelessTruncatedNormal", {"shape": np.array([3, 7], np.int32), "seed": seed}, {"dtype": dtype}, name=f"StatelessTruncatedNormal {dtype.name}")
    key, counter = np.array([77], np.uint64), np.array([1, 2], np.uint64)
    inputs = {"shape": np.array([9], np.int32), "key": key, "counter": counter, "alg": np.int32(1)}
    add("StatelessTruncatedNormalV2", inputs, {"dtype": tf.float32})


def small_windows():
    """Windows that are smaller than their stride, with "same" padding."""
    for size, k, stride in [(48, 3, 4), (5, 3, 4), (11, 2, 5), (10, 1, 3)]:
        sizes = {"strides": [1, stride, stride, 1], "padding": "SAME"}
        add("Conv2D", {"input": floats(1, size, size, 1), "filter": floats(k, k, 1, 2)}, sizes, name=f"Conv2D same {size} {k} {stride}")
        add("DepthwiseConv2dNative", {"input": floats(1, size, size, 1), "filter": floats(k, k, 1, 1)}, sizes, name=f"Depthwise same {size} {k} {stride}")


if __name__ == "__main__":
    write(HERE / "ops" / "more.json", [bessel, products, strings, scaled, truncated, small_windows])
