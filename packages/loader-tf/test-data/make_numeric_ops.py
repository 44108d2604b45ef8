"""Writes ops/*.json: operations on numbers, by family, and what TensorFlow makes of them."""

import sys

import arithmetic_ops
import array_ops
import make_ops
import model_ops
import tolerant

FAMILIES = {
    "bits": [arithmetic_ops.bits],
    "cast": [arithmetic_ops.casting],
    "convolution": [model_ops.convolutions],
    "elementwise": [arithmetic_ops.binary],
    "filling": [array_ops.makes],
    "image": [model_ops.images],
    "matrix": [model_ops.matrices],
    "moving": [array_ops.moves],
    "normalization": [model_ops.norms],
    "order": [array_ops.orders],
    "product": [model_ops.products],
    "quantization": [model_ops.quantizations],
    "random": [model_ops.randoms],
    "reduction": [arithmetic_ops.folds],
    "scatter": [array_ops.scatters, array_ops.segments, array_ops.sparse],
    "suppression": [model_ops.suppressions],
    "unary": [arithmetic_ops.unary],
}

if __name__ == "__main__":
    for name in sys.argv[1:] or FAMILIES:
        # Each family by itself gives the same numbers.
        make_ops.reseed()
        make_ops.write(make_ops.HERE / "ops" / f"{name}.json", FAMILIES[name])
    sys.exit("\n".join(tolerant.refused))
