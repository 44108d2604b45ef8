"""Writes the checkpoints of this folder and expected.json: what TensorFlow reads from them and from fixtures/."""

import base64
import json
import math
import os
import pathlib

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import tensorflow as tf

HERE = pathlib.Path(__file__).resolve().parent
FIXTURES = HERE.parent.parent.parent / "fixtures"
# Of tensors with more values than this only the first ones are written down; checksums cover the rest.
MAX_VALUES = 24


def save(name, tensors, slices=None):
    """Saves tensors by name; `slices` maps a name to the specifications of its parts, as SaveV2 takes them."""
    names, specs, values = [], [], []
    for key, value in tensors.items():
        for spec, part in (slices or {}).get(key, {"": value}).items():
            names.append(key)
            specs.append(spec)
            values.append(part)
    tf.raw_ops.SaveV2(prefix=str(HERE / name), tensor_names=names, shape_and_slices=specs, tensors=values)


def make_checkpoints():
    """dtypes: every element type. sliced: tensors in parts. sharded: two shards. many: several blocks in the index."""
    edge = [0.0, -0.0, 1.5, -2.0, 65504.0, 6e-8, math.inf, math.nan]
    integers = {}
    for name in ["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"]:
        limits = np.iinfo(name)
        integers[name] = tf.constant(np.array([limits.min, limits.max, 0, 1], dtype=name))
    floats = {name: tf.cast(edge, name) for name in ["float16", "bfloat16", "float32", "float64"]}
    complexes = {name: tf.constant([[1 + 2j, -3.5j]], name) for name in ["complex64", "complex128"]}
    save(
        "dtypes",
        {
            **integers,
            **floats,
            **complexes,
            "bool": tf.constant([[True, False], [False, True]]),
            "string": tf.constant([b"", b"a", "é".encode(), b"\x00\xff" * 200]),
            "empty": tf.zeros([3, 0, 2]),
            "no strings": tf.constant([], tf.string),
            "scalar": tf.constant(7.0),
            "é": tf.constant(1.0),
        },
    )
    grid = tf.reshape(tf.range(4 * 300, dtype=tf.int32), [4, 300])
    cube = tf.reshape(tf.range(24, dtype=tf.float32), [2, 3, 4])
    save(
        "sliced",
        {"rows": grid, "columns\x00": grid, "cube": cube, "whole": tf.constant([1.0])},
        {
            "rows": {"4 300 0,1:-": grid[:1], "4 300 1,3:-": grid[1:]},
            "columns\x00": {"4 300 -:0,70": grid[:, :70], "4 300 -:70,230": grid[:, 70:]},
            "cube": {
                "2 3 4 0,2:0,1:0,4": cube[:, :1],
                "2 3 4 0,2:1,2:0,3": cube[:, 1:, :3],
                "2 3 4 0,2:1,2:3,1": cube[:, 1:, 3:],
            },
        },
    )
    save("part-a", {"a": tf.constant([1.0, 2.0])})
    save("part-b", {"b": tf.constant([3, 4, 5])})
    tf.raw_ops.MergeV2Checkpoints(
        checkpoint_prefixes=[str(HERE / "part-a"), str(HERE / "part-b")], destination_prefix=str(HERE / "sharded")
    )
    # 8,000 bytes of names: their common prefixes make the index spill into further blocks.
    save("many", {f"layer_{i:03d}/kernel/{'x' * (i % 40)}{i * 7919 % 1000}": tf.constant(float(i)) for i in range(200)})


def plain(value):
    """Numbers that JSON can hold: 64-bit integers and what is not finite as text, complex numbers as two."""
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, (bool, np.bool_)):
        return int(value)
    if isinstance(value, int):
        return str(value) if abs(value) >= 2**53 else value
    if value == 0 and math.copysign(1, value) < 0:
        return "-0"
    return value if math.isfinite(value) else {"inf": "Infinity", "-inf": "-Infinity", "nan": "NaN"}[str(value)]


def describe(tensor, dtype):
    flat = tensor.reshape(-1)[:MAX_VALUES].tolist()
    if np.iscomplexobj(tensor):
        flat = [part for value in flat for part in (value.real, value.imag)]
    return {"dtype": dtype.name, "shape": list(tensor.shape), "values": [plain(v) for v in flat]}


def main():
    for path in HERE.glob("*.index"):
        path.unlink()
    for path in HERE.glob("*.data-*"):
        path.unlink()
    make_checkpoints()
    folders = sorted(path.parent for path in FIXTURES.glob("*/*/variables/variables.index"))
    prefixes = [folder / "variables" for folder in folders if "2" not in folder.parts[-2:-1]]
    prefixes += [HERE / name for name in ["dtypes", "many", "sharded", "sliced"]]
    expected = {}
    for prefix in prefixes:
        reader = tf.train.load_checkpoint(str(prefix))
        types = reader.get_variable_to_dtype_map()
        name = os.path.relpath(prefix, HERE.parent).replace(os.sep, "/")
        expected[name] = {
            key: {"dtype": "string"}
            if key == "_CHECKPOINTABLE_OBJECT_GRAPH"
            else describe(np.asarray(reader.get_tensor(key)), types[key])
            for key in sorted(types)
        }
    lines = [f"{json.dumps(name)}: {json.dumps(tensors, sort_keys=True)}" for name, tensors in expected.items()]
    (HERE / "expected.json").write_text("{\n" + ",\n".join(lines) + "\n}\n")


if __name__ == "__main__":
    main()
