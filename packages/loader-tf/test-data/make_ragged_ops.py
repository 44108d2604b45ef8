"""Writes ops/ragged.json: operations on ragged and sparse tensors, and what TensorFlow makes of them."""

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


if __name__ == "__main__":
    write(HERE / "ops" / "ragged.json", [to_dense, to_sparse, gathering, ranges])
    print("\n".join(refused))
