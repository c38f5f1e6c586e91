"""Writes ../src/op-type-attributes.ts from TensorFlow's own op definitions.

Usage: python op-type-attributes.py PACKAGE...
  PACKAGE: folders with sources that name operations (tfjs-node-gpu's dist, packages/ops/src, packages/compile/src); every name in them that
  is an operation of TensorFlow gets a row, and so does every operation that the compiler itself writes.
"""

import json
import pathlib
import re
import sys

import tensorflow as tf
from tensorflow.python.framework import op_def_registry

HEADER = """\
/**
 * Inputs and outputs of an operation. Each is a data type: a number, or the name of the attribute that says it; `N*T` is
 * as many of them as attribute N says, `*T` a list of types. Last the defaults of types that no input decides.
 */
export type OpTypes = readonly [
  inputs: readonly (number | string)[],
  outputs: readonly (number | string)[],
  defaults?: Readonly<Record<string, number>>,
];

/** From TensorFlow's op definitions, by tools/op-type-attributes.py: the operations that tfjs-node's kernels use. */
export const opTypeAttributes: Readonly<Record<string, OpTypes>> = {
"""

OF_THE_COMPILER = """AssignVariableOp Cast Complex Const DeepCopy Fill Identity NoOp Placeholder ReadVariableOp
VarHandleOp""".split()


def names_in(folder):
    for path in pathlib.Path(folder).rglob("*"):
        if path.suffix in (".js", ".ts") and ".test." not in path.name:
            text = path.read_text(encoding="utf8")
            yield from re.findall(r"""['"]([A-Z]\w+)['"]|\btfjs_1\.([A-Z]\w+)""", text)


def argument(arg):
    if arg.type_list_attr:
        return "*" + arg.type_list_attr
    kind = arg.type_attr or arg.type
    return f"{arg.number_attr}*{kind}" if arg.number_attr else kind


def row(op):
    inputs, outputs = ([argument(arg) for arg in args] for args in (op.input_arg, op.output_arg))
    decided = {part for kind in inputs if isinstance(kind, str) for part in kind.split("*")}
    defaults = {
        attr.name: attr.default_value.type
        for attr in op.attr
        if attr.name in outputs and attr.name not in decided and attr.HasField("default_value")
    }
    return json.dumps([inputs, outputs, defaults] if defaults else [inputs, outputs])


def main():
    names = set(OF_THE_COMPILER)
    for folder in sys.argv[1:]:
        names.update(name for pair in names_in(folder) for name in pair if name)
    rows = []
    for name in sorted(names):
        op = op_def_registry.get(name)
        # tfjs can't hold what these give.
        if op is None or name == "StatefulPartitionedCall" or "Summary" in name:
            continue
        rows.append(f"  {name}: {row(op)},")
    table = pathlib.Path(__file__).parent.parent / "src" / "op-type-attributes.ts"
    table.write_text(HEADER + "\n".join(rows) + "\n};\n", encoding="utf8")
    print(f"{len(rows)} operations of TensorFlow {tf.__version__}")


main()
