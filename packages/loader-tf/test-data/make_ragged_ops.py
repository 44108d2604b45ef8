"""Writes ops/ragged.json: operations on ragged and sparse tensors, and what TensorFlow makes of them."""

import sys

from make_ops import HERE, np, tf, write
from make_text_ops import strings, text
from tolerant import add, refused


def i64(*values):
    return np.array(values, np.int64)


def i32(*values):
    return np.array(values, np.int32)


def f32(*values):
    return np.array(values, np.float32)


def to_dense():
    def dense(name, types, partitions, values, shape=np.int64(-1), default=None):
        fill = np.zeros([], values.dtype) if default is None else default
        inputs = {"shape": shape, "values": values, "default_value": fill, "row_partition_tensors": partitions}
        add("RaggedTensorToTensor", inputs, {"row_partition_types": types}, name=f"RaggedTensorToTensor {name}")

    splits, row_ids = i64(0, 3, 3, 4, 6), i64(0, 0, 0, 2, 3, 3)
    values = f32(1, 2, 3, 4, 5, 6)
    rows = np.arange(12, dtype=np.int32).reshape(6, 2)
    for shape in [[-1, -1], [4, 2], [2, 5], [6, -1], [-1, 0], [0, 0]]:
        dense(f"splits {shape}", ["ROW_SPLITS"], [splits], values, i32(*shape), np.float32(9))
        dense(f"row ids {shape}", ["FIRST_DIM_SIZE", "VALUE_ROWIDS"], [np.int64(4), row_ids], values, i64(*shape))
    dense("whole", ["ROW_SPLITS"], [splits], values)
    dense("int32", ["ROW_SPLITS"], [splits.astype(np.int32)], values, np.int32(-1))
    dense("rows", ["ROW_SPLITS"], [splits], rows, default=np.int32(-1))
    dense("rows, default of one row", ["ROW_SPLITS"], [splits], rows, default=i32(-1, -2))
    dense("rows, default of one", ["ROW_SPLITS"], [splits], rows, default=i32(-1))
    dense("rows, shape", ["ROW_SPLITS"], [splits], rows, i64(2, 4, 2), i32(7, 8))
    dense("cubes", ["ROW_SPLITS"], [splits], np.arange(24, dtype=np.int64).reshape(6, 2, 2), default=np.array([[-1], [-2]], np.int64))
    outer = i64(0, 2, 2, 4)
    dense("two levels", ["ROW_SPLITS", "ROW_SPLITS"], [outer, splits], strings("abcdef"), default=text("-"))
    dense("two levels, shape", ["ROW_SPLITS", "ROW_SPLITS"], [outer, splits], strings("abcdef"), i64(2, -1, 2), text(""))
    ids = ["FIRST_DIM_SIZE", "VALUE_ROWIDS", "VALUE_ROWIDS"]
    dense("two levels of row ids", ids, [np.int64(3), i64(0, 0, 2, 2), row_ids], values)
    dense("row ids and splits", ["FIRST_DIM_SIZE", "VALUE_ROWIDS", "ROW_SPLITS"], [np.int64(5), i64(0, 0, 2, 2), splits], values)
    dense("splits and row ids", ["ROW_SPLITS", "VALUE_ROWIDS"], [outer, row_ids], values)
    dense("three levels", ["ROW_SPLITS"] * 3, [i64(0, 1, 3), outer, splits], values > 3)
    dense("no rows", ["ROW_SPLITS"], [i64(0)], values[:0])
    dense("no rows, shape", ["ROW_SPLITS"], [i64(0)], values[:0], i64(2, 2), np.float32(3))
    dense("empty rows", ["FIRST_DIM_SIZE", "VALUE_ROWIDS"], [np.int64(2), i64()], strings([]), i64(-1, 2), text("x"))


def to_sparse():
    def sparse(name, splits, values):
        add("RaggedTensorToSparse", {"rt_nested_splits": splits, "rt_dense_values": values}, name=f"RaggedTensorToSparse {name}")

    splits = i64(0, 3, 3, 4, 6)
    sparse("one level", [splits], f32(1, 2, 3, 4, 5, 6))
    sparse("int32", [splits.astype(np.int32)], strings("abcdef"))
    sparse("rows", [splits], np.arange(12).reshape(6, 2))
    sparse("two levels", [i64(0, 2, 2, 4), splits], i32(1, 2, 3, 4, 5, 6))
    sparse("no rows", [i64(0)], i64())
    sparse("empty rows", [i64(0, 0, 0)], i64())


def gathering():
    def gather(name, splits, values, indices):
        rank = len(splits) + indices.ndim - 1
        inputs = {"params_nested_splits": splits, "params_dense_values": values, "indices": indices}
        add("RaggedGather", inputs, {"OUTPUT_RAGGED_RANK": rank}, name=f"RaggedGather {name}")

    splits, outer = i64(0, 3, 3, 4, 6), i64(0, 2, 2, 4)
    gather("vector", [splits], f32(1, 2, 3, 4, 5, 6), i32(2, 0, 0, 1))
    gather("none", [splits], f32(1, 2, 3, 4, 5, 6), i64())
    gather("int32", [splits.astype(np.int32)], strings("abcdef"), i64(3, 3))
    gather("rows", [splits], np.arange(12).reshape(6, 2), i64(3, 0))
    gather("matrix", [splits], i64(1, 2, 3, 4, 5, 6), np.array([[0, 1], [3, 0], [2, 2]]))
    gather("cube", [splits], i64(1, 2, 3, 4, 5, 6), np.array([[[0], [3]]]))
    gather("two levels", [outer, splits], i64(1, 2, 3, 4, 5, 6), i64(2, 1, 0, 2))
    gather("two levels by matrix", [outer, splits], i64(1, 2, 3, 4, 5, 6), np.array([[2], [0]]))


def ranges():
    def count(name, starts, limits, deltas, **attributes):
        add("RaggedRange", {"starts": starts, "limits": limits, "deltas": deltas}, attributes, name=f"RaggedRange {name}")

    count("int32", i32(0, 5, 8), i32(3, 5, 2), np.int32(1))
    count("down", i64(0, 5, 8), i64(3, 5, 2), i64(1, 1, -4), Tsplits=tf.int32)
    count("one", np.int64(2), np.int64(9), np.int64(3))
    count("float32", f32(0, 1), f32(1, -1), f32(0.1, -0.3))
    count("float64", np.float64(0), np.array([1.0, 0.05]), np.float64(0.1))
    count("none", i64(), i64(), i64())
    count("large", i64(2**62), i64(2**62 + 3), np.int64(2))


def counts():
    matrix, weights = np.array([[1, 3, 1], [0, 9, 3]]), np.array([[1, 2, 3], [4, 5, 6]])
    splits, indices = i64(0, 2, 2, 6), np.array([[0, 1], [0, 2], [2, 0], [2, 1], [2, 2], [2, 3]])
    shape = i64(4, 4)
    plain = {"values": matrix.reshape(6), "weights": f32()}
    kinds = {
        "Dense": [{**plain, "values": matrix}, {"values": matrix.astype(np.int32), "weights": weights.astype(np.float64)}, plain],
        "Ragged": [{**plain, "splits": splits}, {**plain, "splits": splits, "weights": np.float32(weights.reshape(6))}],
        "Sparse": [
            {**plain, "indices": indices, "dense_shape": shape},
            {**plain, "indices": indices, "dense_shape": shape, "weights": weights.reshape(6)},
            {**plain, "indices": indices[:, 1:].copy(), "dense_shape": i64(9)},
        ],
    }
    limits = [{}, {"minlength": 12}, {"maxlength": 4}, {"maxlength": 0}, {"minlength": 3, "maxlength": 2}, {"maxlength": 20}]
    for kind, given in kinds.items():
        for number, inputs in enumerate(given):
            for binary in [False, True]:
                for limit in limits[: 6 if number == 0 and not binary else 1]:
                    attributes = {"binary_output": binary, **{"minlength": -1, "maxlength": -1, **limit}}
                    op = f"{kind}CountSparseOutput"
                    add(op, inputs, attributes, name=f"{op} {number} {binary} {limit}")
                if kind == "Dense":
                    continue
                op = f"{kind}Bincount"
                for size in [np.int64(4), np.int64(12)]:
                    add(op, {**inputs, "size": size}, {"binary_output": binary}, name=f"{op} {number} {binary} {size}")
    none = {"values": i64(), "weights": i32()}
    add("RaggedCountSparseOutput", {**none, "splits": i64(0, 0, 0)}, {"binary_output": False}, name="RaggedCountSparseOutput of none")
    add("DenseCountSparseOutput", none, {"binary_output": False}, name="DenseCountSparseOutput of none")
    empty = {**none, "indices": np.zeros([0, 2], np.int64), "dense_shape": i64(3, 2)}
    add("SparseCountSparseOutput", empty, {"binary_output": False, "minlength": 2}, name="SparseCountSparseOutput of none")
    add("SparseBincount", {**empty, "size": np.int64(2)}, name="SparseBincount of none")
    add("RaggedBincount", {**none, "splits": i64(0), "size": np.int64(2)}, name="RaggedBincount of no rows")


def crosses():
    names = {"indices": np.array([[0, 0], [0, 1], [2, 0]]), "values": strings(["a", "bc", ""]), "shapes": i64(3, 2)}
    numbers = {"indices": np.array([[0, 0], [1, 0], [2, 1], [2, 3]]), "values": i64(7, -1, 2**62, 0), "shapes": i64(3, 9)}
    dense_names, dense_numbers = strings(["x", "y", "日", "z", "u" * 70, "w"], (3, 2)), i64(1, -2, 3).reshape(3, 1)
    columns = {
        "sparse": ([names, numbers], []),
        "dense": ([], [dense_names, dense_numbers]),
        "all": ([names, numbers], [dense_numbers, dense_names]),
        "one": ([numbers], []),
        "one dense": ([], [dense_names]),
        "none of one": ([names], [np.zeros([3, 0], np.int64)]),
    }
    for name, (sparse, dense) in columns.items():
        inputs = {key: [each[key] for each in sparse] for key in ["indices", "values", "shapes"]}
        inputs["dense_inputs"] = dense
        for hashed in [False, True]:
            for internal in [tf.int64, tf.string] if name == "one dense" else [tf.int64]:
                for buckets in [0, 100] if hashed else [0]:
                    attributes = {"hashed_output": hashed, "num_buckets": buckets, "hash_key": 956888297470, "internal_type": internal}
                    full = f"SparseCross {name} {hashed} {buckets} {internal.name}"
                    add("SparseCross", inputs, {**attributes, "out_type": tf.int64 if hashed else tf.string}, name=full)
        add("SparseCrossV2", {**inputs, "sep": text("|")}, name=f"SparseCrossV2 {name}")
        # TensorFlow crashes where it hashes dense columns by a key.
        for strong in [False, True][: 1 if dense else 2]:
            for buckets in [np.int64(0), np.int64(1000)]:
                options = {"num_buckets": buckets, "strong_hash": np.bool_(strong), "salt": i64(5, -6)}
                add("SparseCrossHashed", {**inputs, **options}, name=f"SparseCrossHashed {name} {strong} {buckets}")
    splits = i64(0, 1, 1, 3)
    ragged = {"ragged_values": [strings("pqr"), i64(4, 5, 6)], "ragged_row_splits": [splits, i64(0, 2, 2, 3)]}
    mixed = {"sparse_indices": [names["indices"]], "sparse_values": [names["values"]], "sparse_shape": [names["shapes"]]}
    nothing = {"sparse_indices": [], "sparse_values": [], "sparse_shape": []}
    for name, order, inputs in [
        ("ragged", "RR", {**ragged, **nothing, "dense_inputs": []}),
        ("all", "DRSR", {**ragged, **mixed, "dense_inputs": [dense_numbers]}),
        ("ragged first", "RRDS", {**ragged, **mixed, "dense_inputs": [dense_names]}),
    ]:
        for hashed in [False, True]:
            attributes = {"input_order": order, "hashed_output": hashed, "num_buckets": 50 * hashed, "hash_key": 956888297470}
            types = {"out_values_type": tf.int64 if hashed else tf.string, "out_row_splits_type": tf.int64}
            add("RaggedCross", inputs, {**attributes, **types}, name=f"RaggedCross {name} {hashed}")


def distances():
    def compare(name, one, other):
        for normalize in [True, False]:
            inputs = {f"{side}_{key}": value for side, sparse in [("hypothesis", one), ("truth", other)] for key, value in sparse.items()}
            add("EditDistance", inputs, {"normalize": normalize}, name=f"EditDistance {name} {normalize}")

    def words(*rows, shape=None):
        indices = [[row, column] for row, word in enumerate(rows) for column in range(len(word))]
        widest = max([len(word) for word in rows], default=0)
        values = strings([letter for word in rows for letter in word])
        return {"indices": np.array(indices, np.int64).reshape(-1, 2), "values": values, "shape": i64(len(rows), widest)}

    compare("words", words("kitten", "", "abc", "", "same", "flaw"), words("sitting", "abc", "", "", "same", "lawn"))
    compare("other numbers of rows", words("ab", "c"), words("b", "c", "d"))
    compare("none", words("", ""), words(""))
    cube = {"indices": np.array([[0, 1, 0], [1, 0, 0], [1, 0, 1]]), "values": i64(2**62, 5, 6), "shape": i64(2, 2, 2)}
    truth = {"indices": np.array([[0, 1, 0], [1, 0, 0], [1, 1, 0]]), "values": i64(2**62 + 1, 6, 7), "shape": i64(2, 2, 1)}
    compare("cubes", cube, truth)


ONE = {"indices": np.array([[0, 0, 1], [0, 2, 0], [1, 0, 0], [1, 2, 3]]), "shape": i64(2, 3, 4)}
OTHER = {"indices": np.array([[0, 0, 1], [0, 1, 1], [1, 2, 2], [1, 2, 3]]), "shape": i64(2, 3, 4)}
NONE = {"indices": np.zeros([0, 3], np.int64), "values": f32(), "shape": i64(2, 3, 4)}


def of(sparse, *values, dtype=np.float32):
    return {**sparse, "values": values[0] if isinstance(values[0], np.ndarray) else np.array(values, dtype)}


def prefixed(prefix, sparse):
    return {f"{prefix}_{key}": value for key, value in sparse.items()}


def arithmetic():
    for dtype in [np.float32, np.int64]:
        one, other = of(ONE, 1, -2, 3, 4, dtype=dtype), of(OTHER, 5, 6, -7, -4, dtype=dtype)
        two = {**prefixed("a", one), **prefixed("b", other)}
        name = dtype.__name__
        for limit in [0, 1, 6]:
            add("SparseAdd", {**two, "thresh": dtype(limit)}, name=f"SparseAdd {name} {limit}")
        for op in ["SparseSparseMaximum", "SparseSparseMinimum"]:
            add(op, two, name=f"{op} {name}")
        whole = np.arange(2, 26).astype(dtype).reshape(2, 3, 4)
        add("SparseTensorDenseAdd", {**prefixed("a", one), "b": whole}, name=f"SparseTensorDenseAdd {name}")
        for op in ["SparseDenseCwiseAdd", "SparseDenseCwiseDiv", "SparseDenseCwiseMul"]:
            for dense in [whole[:, :, :1].copy(), whole[0, 0], dtype(3)]:
                add(op, {**prefixed("sp", one), "dense": dense}, name=f"{op} {name} {list(dense.shape)}")
        for op in ["SparseReduceSum", "SparseReduceMax", "SparseReduceSumSparse", "SparseReduceMaxSparse"]:
            for axes in [[0, 2]] if dtype is np.int64 else [[0], [1], [-1], [0, 2], [], [0, 1, 2]]:
                for keep in [False, True]:
                    inputs = {**prefixed("input", one), "reduction_axes": i32(*axes)}
                    add(op, inputs, {"keep_dims": keep}, name=f"{op} {name} {axes} {keep}")
    add("SparseReduceMax", {**prefixed("input", NONE), "reduction_axes": i32(1)}, name="SparseReduceMax of none")
    add("SparseAdd", {**prefixed("a", NONE), **prefixed("b", of(ONE, 1, 2, 3, 4)), "thresh": np.float32(0)}, name="SparseAdd to none")
    add("SparseSoftmax", prefixed("sp", of(OTHER, 1, 2, 30, 31)), name="SparseSoftmax")
    add("SparseSoftmax", prefixed("sp", NONE), name="SparseSoftmax of none")


def parts():
    one, other = of(ONE, strings("abcd")), of(OTHER, strings("efgh"))
    for axis in [0, 1, -1]:
        inputs = {"indices": [one["indices"], other["indices"]], "values": [one["values"], other["values"]], "shapes": [one["shape"]] * 2}
        add("SparseConcat", inputs, {"concat_dim": axis}, name=f"SparseConcat {axis}")
    for start, size in [([0, 0, 0], [2, 3, 4]), ([1, 0, 0], [5, 1, 4]), ([0, 2, 1], [2, 1, 1]), ([2, 3, 4], [1, 1, 1]), ([3, 0, 0], [1, 1, 1])]:
        add("SparseSlice", {**one, "start": i64(*start), "size": i64(*size)}, name=f"SparseSlice {start} {size}")
    for axis, count in [(0, 2), (1, 2), (2, 3), (-1, 1)]:
        add("SparseSplit", {"split_dim": np.int64(axis), **one}, {"num_split": count}, name=f"SparseSplit {axis} {count}")


if __name__ == "__main__":
    write(HERE / "ops" / "ragged.json", [to_dense, to_sparse, gathering, ranges, counts, crosses, distances, arithmetic, parts])
    sys.exit("\n".join(refused))
