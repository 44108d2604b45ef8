"""Prints the milliseconds from a folder to the first answer; TensorFlow has been imported."""

import os
import sys
import time

os.environ.update(TF_CPP_MIN_LOG_LEVEL="3", CUDA_VISIBLE_DEVICES="")

import tensorflow as tf

start = time.perf_counter()
call = tf.saved_model.load(sys.argv[1]).signatures["serving_default"]
((name, spec),) = call.structured_input_signature[1].items()
answer = call(**{name: tf.zeros([size or 1 for size in spec.shape], spec.dtype)})
for tensor in answer.values():
    tensor.numpy()
print(1_000 * (time.perf_counter() - start))
