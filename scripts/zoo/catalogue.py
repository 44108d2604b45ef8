"""What the models of the zoo have in common: how they are listed, saved and asked."""

import pathlib
import shutil
import sys

import keras
import numpy as np
import tensorflow as tf

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "fixtures"))

MODELS = {}


def model(stands_for):
    """Lists a function that builds a model; the function gets a folder, and gives the calls to ask."""

    def register(build):
        name = build.__name__.replace("_", "-")
        if name in MODELS:
            raise ValueError(f"there are two models {name}")
        MODELS[name] = (stands_for, build)
        return build

    return register


def rng(seed=1):
    return np.random.default_rng(seed)


def floats(*shape, seed=1, scale=1.0):
    return (rng(seed).normal(size=shape) * scale).astype(np.float32)


def ints(*shape, high, seed=1, dtype=np.int32):
    return rng(seed).integers(0, high, shape).astype(dtype)


def text(*values):
    return np.array([value.encode() if isinstance(value, str) else value for value in values], dtype=object)


def shaken(keras_model):
    """Weights as training leaves them: batch norms that do something, biases that are not zero."""
    random = rng(5)
    for weight in keras_model.weights:
        name, shape = weight.path.rsplit("/", 1)[-1], weight.shape
        if name in ("moving_variance", "gamma"):
            weight.assign(random.uniform(0.6, 1.4, shape))
        elif name in ("moving_mean", "beta", "bias"):
            weight.assign(random.normal(0, 0.1, shape))
    return keras_model


def exported(keras_model, folder, *inputs):
    """Saves as Keras exports, with one call of each of `inputs`, lists of arrays in the order of the model's inputs."""
    keras_model = shaken(keras_model)
    keras_model.export(str(folder), verbose=False)
    signature = tf.saved_model.load(str(folder)).signatures["serving_default"].structured_input_signature[1]
    names = [tensor.name for tensor in keras_model.inputs] if len(signature) > 1 else list(signature)
    return [
        (f"call {at}", "serving_default", dict(zip(names, given if isinstance(given, list) else [given])))
        for at, given in enumerate(inputs)
    ]


class Module(tf.Module):
    """A module whose functions are its signatures."""

    def save(self, folder, **functions):
        tf.saved_model.save(self, str(folder), signatures=functions)


def function(**specs):
    """A tf.function with named inputs: name=(dtype, shape)."""
    return tf.function(input_signature=[tf.TensorSpec(shape, dtype, name) for name, (dtype, shape) in specs.items()])


def saved(folder, calls, *parts, **functions):
    """Saves functions as signatures, with the variables and tables that they use; calls are (signature, inputs)."""
    module = Module()
    module.parts = list(parts)
    for name, each in functions.items():
        setattr(module, name, each)
    module.save(folder, **functions)
    return [(f"{signature} {at}", signature, inputs) for at, (signature, inputs) in enumerate(calls)]


def archived(folder, calls, network, **functions):
    """The same for functions that call a Keras model; only Keras' own export lets TensorFlow Serving find its weights."""
    archive = keras.export.ExportArchive()
    archive.track(shaken(network))
    for name, each in functions.items():
        archive.add_endpoint(name, each)
    archive.write_out(str(folder), verbose=False)
    return [(f"{signature} {at}", signature, inputs) for at, (signature, inputs) in enumerate(calls)]


def fresh(folder):
    shutil.rmtree(folder, ignore_errors=True)
    folder.parent.mkdir(parents=True, exist_ok=True)
