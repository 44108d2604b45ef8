"""Writes src/portable/inline/output-names.ts: the outputs of operations that have several, from TensorFlow's definitions."""

import pathlib
import re

from tensorflow.python.framework import op_def_registry

ROOT = pathlib.Path(__file__).resolve().parents[3]
PAGE = ROOT / "docs" / "portable-ops.md"
TARGET = ROOT / "packages" / "loader-tf" / "src" / "portable" / "inline" / "output-names.ts"

# Operations that are no kernels: control flow, tables, and such as only training needs or other runtimes run.
OTHERS = """
LookupTableExport LookupTableExportV2 Merge ParseExample ParseExampleV2 ParseSequenceExample ParseSequenceExampleV2
ParseSingleExample ParseSingleSequenceExample RaggedTensorFromVariant RefMerge RefSwitch SelfAdjointEigV2 Svd Switch
TensorListConcat TensorListConcatV2 TensorListPopBack TopK
""".split()

HEAD = """// Written by test-data/make_output_names.py from TensorFlow's definitions of the operations; do not edit.

/**
 * The outputs of operations that have several, in order. After a star stands the attribute that says how many there
 * are of an output: a number of them, or the list of their types.
 */
export const OUTPUT_NAMES: Readonly<Record<string, readonly string[]>> = {
"""


def described(output):
    length = output.number_attr or output.type_list_attr
    return f"{output.name}*{length}" if length else output.name


def main():
    known = re.findall(r"^\| ([A-Z]\w+) \|", PAGE.read_text(), re.MULTILINE)
    lines = []
    for name in sorted({*known, *OTHERS}):
        definition = op_def_registry.get(name)
        if definition is None:
            raise SystemExit(f"TensorFlow has no operation {name}")
        if len(definition.output_arg) > 1:
            outputs = ", ".join(f'"{described(output)}"' for output in definition.output_arg)
            line = f"  {name}: [{outputs}],"
            if len(line) > 120:
                items = "".join(f'    "{described(output)}",\n' for output in definition.output_arg)
                line = f"  {name}: [\n{items}  ],"
            lines.append(line)
    TARGET.write_text(HEAD + "\n".join(lines) + "\n};\n")


if __name__ == "__main__":
    main()
