"""Writes ops/rare.json: operations and dtypes that few models need, found by trying many."""

import numpy as np
import tensorflow as tf

import tolerant
from make_ops import HERE, ints, write
from tolerant import add


def products():
    """Bytes that quantized layers multiply and sum in int32."""
    for a, b in [(np.int8, np.int8), (np.uint8, np.int8), (np.int8, np.uint8), (np.uint8, np.uint8)]:
        inputs = {"x": ints(2, 3, 40, low=0, high=120, dtype=a), "y": ints(2, 40, 2, low=0, high=120, dtype=b)}
        add("BatchMatMulV3", inputs, {"Tout": tf.int32}, name=f"BatchMatMulV3 {np.dtype(a)} {np.dtype(b)}")
    inputs = {"x": ints(4, 30, low=-128, high=128, dtype=np.int8), "y": ints(30, 5, low=-128, high=128, dtype=np.int8)}
    add("BatchMatMulV3", inputs, {"Tout": tf.int32}, name="BatchMatMulV3 int8 one matrix")


if __name__ == "__main__":
    write(HERE / "ops" / "rare.json", [products])
    print("\n".join(tolerant.refused))
