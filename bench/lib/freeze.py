"""Writes a SavedModel's signature as a graph model of TensorFlow.js, not optimized: python freeze.py MODEL FOLDER."""

import json
import os
import sys

os.environ.update(TF_CPP_MIN_LOG_LEVEL="3", CUDA_VISIBLE_DEVICES="")

import tensorflow as tf
from google.protobuf.json_format import MessageToDict
from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2


def main(model, folder):
    # Its variables live as long as it does.
    loaded = tf.saved_model.load(model)
    frozen = convert_variables_to_constants_v2(loaded.signatures["serving_default"])
    graph = frozen.graph.as_graph_def()
    specs, data = [], b""
    for node in graph.node:
        if node.op != "Const":
            continue
        value = tf.make_ndarray(node.attr["value"].tensor)
        if value.dtype.name == "int64":
            value = value.astype("int32")
        specs.append({"name": node.name, "shape": list(value.shape), "dtype": value.dtype.name})
        data += value.tobytes()
        node.attr["value"].tensor.Clear()
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, "weights.bin"), "wb") as file:
        file.write(data)
    names = {"input": frozen.inputs[0].name, "output": frozen.outputs[0].name}
    written = {"modelTopology": MessageToDict(graph), "weightSpecs": specs, **names}
    # Last, so that a folder with it is complete.
    with open(os.path.join(folder, "model.json"), "w") as file:
        json.dump(written, file)


main(sys.argv[1], sys.argv[2])
