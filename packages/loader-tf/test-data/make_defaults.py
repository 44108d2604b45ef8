"""Writes defaults.json: what the attributes of an operation are where a model leaves them out, as SavedModels do."""

import json
import pathlib
import re

from tensorflow.python.framework import op_def_registry

from make_ops import attribute

HERE = pathlib.Path(__file__).resolve().parent
PAGE = HERE.parents[2] / "docs" / "portable-ops.md"


def defaults(op):
    definition = op_def_registry.get(op)
    found = {} if definition is None else {a.name: a.default_value for a in definition.attr if a.HasField("default_value")}
    return {name: attribute(value) for name, value in sorted(found.items()) if not name.startswith("_")}


def main():
    ops = re.findall(r"^\| (\w+) \|", PAGE.read_text(), re.M)
    lines = [f"{json.dumps(op)}:{json.dumps(defaults(op), separators=(',', ':'))}" for op in ops if defaults(op)]
    (HERE / "defaults.json").write_text("{\n" + ",\n".join(lines) + "\n}\n")


if __name__ == "__main__":
    main()
