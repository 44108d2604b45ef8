"""Runs the graphs of a JSON file in TensorFlow: run_graphs.py GRAPHS RESULTS. See generator.ts for what they are."""

import json
import os
import pathlib
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ["TF_ENABLE_ONEDNN_OPTS"] = "0"

import numpy as np
import tensorflow as tf

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[3] / "fixtures"))
from golden import encode

CONFIG = tf.compat.v1.ConfigProto()
# The operations themselves, and not what an optimizer makes of them.
CONFIG.graph_options.rewrite_options.disable_meta_optimizer = True


def set_attribute(attr, written):
    (kind, value), = written.items()
    if kind == "ints":
        attr.list.i.extend(int(item) for item in value)
    elif kind == "int":
        attr.i = int(value)
    elif kind == "text":
        attr.s = value.encode()
    elif kind == "type":
        attr.type = value
    else:
        setattr(attr, kind, value)


def array(value):
    return np.array(value["data"], value["dtype"]).reshape(value["shape"])


def run(graph):
    definition = tf.compat.v1.GraphDef()
    feeds = {}
    for node in graph["nodes"]:
        made = definition.node.add(name=node["name"], op=node["op"], input=node["inputs"])
        for name, written in node["attributes"].items():
            set_attribute(made.attr[name], written)
        if "value" not in node:
            continue
        value = array(node["value"])
        made.attr["dtype"].type = tf.as_dtype(value.dtype).as_datatype_enum
        if node["op"] == "Const":
            made.attr["value"].tensor.CopyFrom(tf.make_tensor_proto(value))
        else:
            feeds[f"{node['name']}:0"] = value
    with tf.Graph().as_default():
        tf.import_graph_def(definition, name="")
        with tf.compat.v1.Session(config=CONFIG) as session:
            names = [name if ":" in name else f"{name}:0" for name in graph["results"]]
            return [encode(value) for value in session.run(names, feeds)]


def main(source, target):
    graphs = json.loads(pathlib.Path(source).read_text())
    pathlib.Path(target).write_text(json.dumps([run(graph) for graph in graphs]))


if __name__ == "__main__":
    main(*sys.argv[1:])
