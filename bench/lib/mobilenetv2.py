"""Writes MobileNetV2 with random weights as a SavedModel: python mobilenetv2.py FOLDER."""

import os
import shutil
import sys
import tempfile

os.environ.update(TF_CPP_MIN_LOG_LEVEL="3", CUDA_VISIBLE_DEVICES="")

import keras
import numpy as np
import tensorflow as tf


def main(folder):
    keras.utils.set_random_seed(7)
    model = keras.applications.MobileNetV2(weights=None)
    # Statistics as after training, so that folding them changes something and nothing dies away.
    random = np.random.default_rng(7)
    for layer in model.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            gamma, beta, mean, variance = [np.asarray(weights) for weights in layer.get_weights()]
            layer.set_weights(
                [
                    random.uniform(0.8, 1.6, gamma.shape),
                    random.uniform(-0.2, 0.4, beta.shape),
                    random.normal(0, 0.1, mean.shape),
                    random.uniform(0.5, 1.5, variance.shape),
                ]
            )
    archive = keras.export.ExportArchive()
    archive.track(model)
    spec = tf.TensorSpec([None, 224, 224, 3], tf.float32, name="images")
    archive.add_endpoint(
        "serving_default", lambda images: {"probabilities": model(images, training=False)}, input_signature=[spec]
    )
    os.makedirs(os.path.dirname(folder), exist_ok=True)
    # Written beside its place and moved there: a folder that exists is complete.
    made = tempfile.mkdtemp(dir=os.path.dirname(folder))
    archive.write_out(os.path.join(made, "model"), verbose=False)
    try:
        os.rename(os.path.join(made, "model"), folder)
    except OSError:
        if not os.path.exists(os.path.join(folder, "saved_model.pb")):
            raise
    shutil.rmtree(made, ignore_errors=True)


main(os.path.abspath(sys.argv[1]))
