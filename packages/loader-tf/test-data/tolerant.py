"""Runs operations of tf.raw_ops and remembers what TensorFlow refuses, to tell all of it at the end."""

import math

import numpy as np
import tensorflow as tf

import make_ops

F16, BF16 = np.float16, tf.bfloat16.as_numpy_dtype
INF, NAN = math.inf, math.nan

refused = []


def add(op, inputs, attributes=None, name=None, keep=None):
    """As make_ops.add; a case that TensorFlow refuses does not end the others."""
    try:
        make_ops.add(op, inputs, attributes, name, keep)
    except Exception as error:
        refused.append(f"{name or op}: {str(error)[:300]}")
