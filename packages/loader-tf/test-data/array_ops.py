"""Operations that move, pick, count and order elements."""

import numpy as np
import tensorflow as tf

from make_ops import floats, ints
from tolerant import F16, INF, NAN, add


def moves():
    x = floats(2, 3, 4)
    for mode in ["REFLECT", "SYMMETRIC"]:
        add("MirrorPad", {"input": x, "paddings": np.array([[1, 0], [2, 2], [0, 3]], np.int32)}, {"mode": mode}, name=f"MirrorPad {mode}")
    add("MirrorPad", {"input": ints(3, dtype=np.int64), "paddings": np.array([[2, 1]], np.int64)}, {"mode": "REFLECT"}, name="MirrorPad int64")
    add("Pad", {"input": floats(1, 3, 3, 2), "paddings": np.array([[0, 0], [1, 2], [0, 1], [0, 0]], np.int32)}, name="Pad image")
    add("Pad", {"input": floats(0, 2), "paddings": np.array([[1, 1], [0, 0]], np.int32)}, name="Pad none")
    add("Pad", {"input": np.float32(3), "paddings": np.zeros((0, 2), np.int32)}, name="Pad scalar")
    add("PadV2", {"input": floats(2, 1, 2, 1, 2), "paddings": np.array([[0, 1]] * 5, np.int32), "constant_values": np.float32(-1)}, name="PadV2 rank 5")
    add("PadV2", {"input": np.array([b"a"]), "paddings": np.array([[1, 0]], np.int32), "constant_values": b"z"}, name="PadV2 strings")
    add("ReverseV2", {"tensor": x, "axis": np.array([0, -1], np.int32)})
    add("ReverseV2", {"tensor": x, "axis": np.array([], np.int32)}, name="ReverseV2 nothing")
    add("ReverseV2", {"tensor": ints(3, 2, dtype=np.int64), "axis": np.array([1], np.int64)}, name="ReverseV2 int64")
    add("Reverse", {"tensor": x, "dims": np.array([False, True, False])})
    add("ReverseSequence", {"input": x, "seq_lengths": np.array([2, 0, 3], np.int64)}, {"seq_dim": 2, "batch_dim": 1})
    add("ReverseSequence", {"input": x, "seq_lengths": np.array([2, 3], np.int32)}, {"seq_dim": 1}, name="ReverseSequence int32")
    add("Roll", {"input": x, "shift": np.int32(-5), "axis": np.int32(1)})
    add("Roll", {"input": x, "shift": np.array([1, 2, 1], np.int64), "axis": np.array([0, 2, 2], np.int64)}, name="Roll axes")
    image = floats(2, 4, 6, 2)
    add("SpaceToDepth", {"input": image}, {"block_size": 2})
    add("DepthToSpace", {"input": floats(2, 2, 3, 8)}, {"block_size": 2})
    add("DepthToSpace", {"input": ints(1, 1, 2, 9)}, {"block_size": 3}, name="DepthToSpace int32")
    blocks = np.array([2, 3], np.int32)
    add("SpaceToBatchND", {"input": image, "block_shape": blocks, "paddings": np.array([[1, 1], [0, 3]], np.int32)})
    add("BatchToSpaceND", {"input": floats(12, 2, 3, 2), "block_shape": blocks, "crops": np.array([[1, 0], [0, 2]], np.int32)})
    add("SpaceToBatchND", {"input": floats(1, 4), "block_shape": np.array([2], np.int32), "paddings": np.array([[0, 2]], np.int32)}, name="SpaceToBatchND one")
    add("SpaceToBatch", {"input": image, "paddings": np.array([[0, 0], [1, 1]], np.int32)}, {"block_size": 2})
    add("BatchToSpace", {"input": floats(4, 2, 2, 1), "crops": np.array([[0, 1], [1, 0]], np.int32)}, {"block_size": 2})
    for order in [(1, 0), (0, 2, 1), (3, 0, 2, 1), (4, 2, 0, 3, 1), (5, 4, 3, 2, 1, 0), (1, 0, 2, 3, 5, 4, 6)]:
        add("Transpose", {"x": floats(*[2, 3, 1, 2, 3, 2, 1][: len(order)]), "perm": np.array(order, np.int32)}, name=f"Transpose {order}")
    add("Transpose", {"x": floats(0, 3), "perm": np.array([1, 0], np.int32)}, name="Transpose none")
    add("Transpose", {"x": floats(2, 3).astype(F16), "perm": np.array([1, 0], np.int32)}, name="Transpose float16")
    add("Concat", {"concat_dim": np.int32(-1), "values": [x, x]})
    add("ConcatV2", {"values": [floats(2, 0), floats(2, 3), floats(2, 1)], "axis": np.int64(1)}, name="ConcatV2 int64 axis")
    add("ConcatV2", {"values": [floats(0, 2), floats(0, 3)], "axis": np.int32(1)}, name="ConcatV2 of empties")
    add("Slice", {"input": floats(1, 4, 4, 2), "begin": np.array([0, 1, 0, 1], np.int32), "size": np.array([1, 2, 4, 1], np.int32)}, name="Slice image")
    add("Slice", {"input": x, "begin": np.array([0, 3, 0], np.int64), "size": np.array([2, 0, 4], np.int64)}, name="Slice none")
    images = {"input": floats(1, 4, 5, 2), "begin": np.array([0, 1, 1, 0], np.int32), "end": np.array([0, 0, 0, 0], np.int32), "strides": np.array([1, 1, 1, 1], np.int32)}
    add("StridedSlice", images, {"begin_mask": 9, "end_mask": 15}, name="StridedSlice crops an image")
    add("StridedSlice", {**images, "strides": np.array([1, 2, 2, 1], np.int32)}, {"begin_mask": 9, "end_mask": 15}, name="StridedSlice thins an image")
    add("StridedSlice", {"input": x, "begin": np.array([1], np.int32), "end": np.array([2], np.int32), "strides": np.array([1], np.int32)}, {"shrink_axis_mask": 1}, name="StridedSlice row")
    add("Split", {"axis": np.int32(-1), "value": floats(2, 6)}, {"num_split": 3}, name="Split last")
    add("SplitV", {"value": ints(5, dtype=np.int64), "size_splits": np.array([0, 2, 3], np.int64), "axis": np.int32(0)}, {"num_split": 3}, name="SplitV with none")
    add("Unpack", {"value": ints(2, 3)}, {"num": 3, "axis": -1}, name="Unpack last")


def makes():
    add("LinSpace", {"start": np.float32(-1), "stop": np.float32(2), "num": np.int32(5)})
    add("LinSpace", {"start": np.float64(3), "stop": np.float64(7), "num": np.int64(1)}, name="LinSpace one")
    for start, limit, delta in [(0, 1, 0.1), (5, 0, -0.7), (0, 3, 1), (1, 1, 1), (0.5, 2.5, 0.5)]:
        add("Range", {"start": np.float32(start), "limit": np.float32(limit), "delta": np.float32(delta)}, name=f"Range float32 {start} {limit} {delta}")
    for dtype in [np.int32, np.int64, np.float64]:
        add("Range", {"start": dtype(2), "limit": dtype(11), "delta": dtype(3)}, name=f"Range {np.dtype(dtype).name}")
    add("Range", {"start": np.int64(2**53 + 1), "limit": np.int64(2**53 + 4), "delta": np.int64(1)}, name="Range beyond 2^53")
    add("BroadcastArgs", {"s0": np.array([2, 1, 3], np.int32), "s1": np.array([4, 1], np.int32)})
    add("BroadcastArgs", {"s0": np.array([], np.int64), "s1": np.array([4], np.int64)}, name="BroadcastArgs int64")
    add("BroadcastTo", {"input": np.float32(2), "shape": np.array([2, 0], np.int64)}, name="BroadcastTo none")
    add("BroadcastTo", {"input": ints(1, 3, 1, dtype=np.int64), "shape": np.array([2, 3, 2], np.int32)}, name="BroadcastTo int64")
    add("Fill", {"dims": np.array([], np.int32), "value": np.float32(7)}, name="Fill scalar")
    add("Fill", {"dims": np.array([2], np.int64), "value": np.array(b"a")}, name="Fill strings")
    add("Tile", {"input": floats(2, 2), "multiples": np.array([2, 0], np.int64)}, name="Tile none")
    add("Tile", {"input": np.array([True, False]), "multiples": np.array([3], np.int32)}, name="Tile bool")
    for dtype in [F16, np.float64, np.int8, np.uint64, np.bool_]:
        add("OnesLike", {"x": np.zeros((2,), dtype)}, name=f"OnesLike {np.dtype(dtype).name}")
        add("ZerosLike", {"x": np.ones((2,), dtype)}, name=f"ZerosLike {np.dtype(dtype).name}")
    add("Where", {"condition": np.array([[True, False], [True, True]])})
    add("Where", {"condition": np.array([[[0.0, 1.5]], [[-1.0, NAN]]], np.float32)}, name="Where float32")
    add("Where", {"condition": np.array([0, 5, 0, -1], np.int64)}, name="Where int64")
    add("Where", {"condition": np.zeros((0, 3), bool)}, name="Where of none")
    add("SelectV2", {"condition": np.array([[True], [False]]), "t": floats(3), "e": floats(2, 1)}, name="SelectV2 stretched")
    add("SelectV2", {"condition": np.array(True), "t": np.array([b"x"]), "e": np.array([b"y"])}, name="SelectV2 strings")
    add("SelectV2", {"condition": np.zeros((0,), bool), "t": floats(1), "e": floats(0)}, name="SelectV2 of none")
    add("Select", {"condition": np.array(False), "x": floats(2, 3), "y": floats(2, 3)}, name="Select scalar")
    for dtype in [np.complex64, np.complex128]:
        z = (floats(2, 3) + 1j * floats(2, 3)).astype(dtype)
        add("Identity", {"input": z}, name=f"Identity {np.dtype(dtype).name}")
        add("Reshape", {"tensor": z, "shape": np.array([3, 2], np.int32)}, name=f"Reshape {np.dtype(dtype).name}")
        add("ExpandDims", {"input": z, "axis": np.int32(0)}, name=f"ExpandDims {np.dtype(dtype).name}")
        add("Shape", {"input": z}, name=f"Shape {np.dtype(dtype).name}")


def scatters():
    x = floats(3, 4, 2)
    for name, indices in [("rows", [[2], [0], [2]]), ("pairs", [[0, 3], [2, 1]]), ("elements", [[[1, 2, 0]], [[0, 0, 1]]]), ("nothing", np.zeros((0, 2)))]:
        add("GatherNd", {"params": x, "indices": np.array(indices, np.int32)}, name=f"GatherNd {name}")
    add("GatherNd", {"params": np.array([b"a", b"b"]), "indices": np.array([[1], [0]], np.int64)}, name="GatherNd strings")
    add("GatherNd", {"params": x.astype(F16), "indices": np.array([[1]], np.int64)}, name="GatherNd float16")
    add("GatherNd", {"params": x, "indices": np.zeros((2, 0), np.int32)}, name="GatherNd the whole")
    rows = np.array([[1], [0], [1]], np.int32)
    for dtype in [np.float32, np.int64, np.float64, F16]:
        add("ScatterNd", {"indices": rows, "updates": ints(3, 2).astype(dtype), "shape": np.array([4, 2], np.int32)}, name=f"ScatterNd {np.dtype(dtype).name}")
    add("ScatterNd", {"indices": np.zeros((0, 1), np.int64), "updates": floats(0, 2), "shape": np.array([2, 2], np.int64)}, name="ScatterNd of none")
    for op in ["Add", "Sub", "Max", "Min", "Update"]:
        for dtype in [np.float32, np.int32, np.int64]:
            # Of updates of one place the last one need not win.
            where = np.array([[2], [0], [1]], np.int32) if op == "Update" else rows
            add(f"TensorScatter{op}", {"tensor": ints(3, 2).astype(dtype), "indices": where, "updates": ints(3, 2).astype(dtype)}, name=f"TensorScatter{op} {np.dtype(dtype).name}")
    add("TensorScatterUpdate", {"tensor": np.array([b"a", b"b"]), "indices": np.array([[1]], np.int64), "updates": np.array([b"z"])}, name="TensorScatterUpdate strings")
    add("ScatterNdNonAliasingAdd", {"input": floats(3, 2), "indices": rows, "updates": floats(3, 2)})
    add("DynamicPartition", {"data": floats(4, 2), "partitions": np.array([1, 0, 1, 2], np.int32)}, {"num_partitions": 4})
    add("DynamicPartition", {"data": ints(2, 2, dtype=np.int64), "partitions": np.array([[0, 1], [1, 1]], np.int32)}, {"num_partitions": 2}, name="DynamicPartition matrix")
    for op in ["DynamicStitch", "ParallelDynamicStitch"]:
        add(op, {"indices": [np.int32(4), np.array([[1, 0], [3, 2]], np.int32)], "data": [floats(2), floats(2, 2, 2)]})
    add("DynamicStitch", {"indices": [np.array([0, 1], np.int32), np.array([1], np.int32)], "data": [floats(2, 2), floats(1, 2)]}, name="DynamicStitch later wins")


def segments():
    ids = np.array([0, 0, 2, 3], np.int32)
    for op in ["Sum", "Mean", "Max", "Min", "Prod"]:
        for dtype in [np.float32, np.int32, np.int64, np.float64]:
            add(f"Segment{op}", {"data": ints(4, 2).astype(dtype), "segment_ids": ids}, name=f"Segment{op} {np.dtype(dtype).name}")
            if op != "Mean":
                loose = {"segment_ids": np.array([2, 0, -1, 2], np.int32), "num_segments": np.int32(4)}
                add(f"UnsortedSegment{op}", {"data": ints(4, 2).astype(dtype), **loose}, name=f"UnsortedSegment{op} {np.dtype(dtype).name}")
        if op != "Mean":
            add(f"UnsortedSegment{op}", {"data": floats(2, 2, 3), "segment_ids": np.array([[0, 1], [1, 0]], np.int64), "num_segments": np.int64(2)}, name=f"UnsortedSegment{op} matrix")
    add("SegmentSum", {"data": floats(0, 2), "segment_ids": np.zeros((0,), np.int32)}, name="SegmentSum of none")
    for op in ["Sum", "Mean", "SqrtN"]:
        picked = {"data": floats(5, 2), "indices": np.array([4, 0, 0, 3], np.int32), "segment_ids": ids}
        add(f"SparseSegment{op}", picked)
        add(f"SparseSegment{op}WithNumSegments", {**picked, "num_segments": np.int32(6)})


def sparse():
    indices, shape = np.array([[0, 1], [1, 0], [1, 2]], np.int64), np.array([3, 4], np.int64)
    add("SparseToDense", {"sparse_indices": indices, "output_shape": shape, "sparse_values": floats(3), "default_value": np.float32(-1)})
    add("SparseToDense", {"sparse_indices": np.array([1, 3], np.int32), "output_shape": np.array([5], np.int32), "sparse_values": np.int64(7), "default_value": np.int64(0)}, name="SparseToDense vector")
    add("SparseToDense", {"sparse_indices": indices, "output_shape": shape, "sparse_values": np.array([b"a", b"b", b"c"]), "default_value": b""}, name="SparseToDense strings")
    add("SparseReshape", {"input_indices": indices, "input_shape": shape, "new_shape": np.array([2, -1], np.int64)})
    add("SparseReorder", {"input_indices": indices[::-1], "input_values": floats(3), "input_shape": shape})
    for ta in [False, True]:
        for tb in [False, True]:
            b = floats(*((2, 3 if ta else 4) if tb else (3 if ta else 4, 2)))
            add("SparseTensorDenseMatMul", {"a_indices": indices, "a_values": floats(3), "a_shape": shape, "b": b}, {"adjoint_a": ta, "adjoint_b": tb}, name=f"SparseTensorDenseMatMul {ta} {tb}")
    add("SparseFillEmptyRows", {"indices": np.array([[1, 0], [3, 1], [3, 2]], np.int64), "values": floats(3), "dense_shape": np.array([5, 3], np.int64), "default_value": np.float32(9)})
    add("SparseFillEmptyRows", {"indices": np.zeros((0, 2), np.int64), "values": np.zeros((0,), np.int64), "dense_shape": np.array([2, 3], np.int64), "default_value": np.int64(4)}, name="SparseFillEmptyRows of none")


def orders():
    tied = np.array([[1, 5, 3, 5, -2], [0, 0, 0, 7, 7]], np.float32)
    for dtype in [np.float32, np.int32, np.int64, F16, np.uint8]:
        add("TopKV2", {"input": np.abs(tied).astype(dtype), "k": np.int32(3)}, name=f"TopKV2 {np.dtype(dtype).name}")
    add("TopKV2", {"input": tied, "k": np.int32(0)}, name="TopKV2 none")
    add("TopKV2", {"input": np.array([-INF, INF, 0], np.float32), "k": np.int32(3)}, name="TopKV2 infinities")
    add("TopKV2", {"input": tied, "k": np.int64(2)}, {"index_type": tf.int64}, name="TopKV2 int64 indices")
    add("InTopK", {"predictions": tied, "targets": np.array([3, 1], np.int32)}, {"k": 2})
    add("InTopKV2", {"predictions": tied, "targets": np.array([2, 9], np.int64), "k": np.int64(3)})
    add("InvertPermutation", {"x": np.array([2, 0, 1], np.int32)})
    for op in ["LowerBound", "UpperBound"]:
        rows = np.array([[1, 3, 3, 7], [0, 2, 4, 6]], np.float32)
        add(op, {"sorted_inputs": rows, "values": np.array([[3, 0, 8], [2, 3, -1]], np.float32)})
        add(op, {"sorted_inputs": rows.astype(np.int64), "values": np.array([[3], [9]], np.int64)}, {"out_type": tf.int64}, name=f"{op} int64")
    add("NthElement", {"input": tied, "n": np.int32(1)}, {"reverse": True})
    add("NthElement", {"input": tied, "n": np.int32(3)}, name="NthElement smallest")
    x = np.array([4, 1, 4, 2, 1], np.int64)
    for op in ["Unique", "UniqueWithCounts"]:
        add(op, {"x": x})
        add(op, {"x": np.array([b"b", b"", b"b"])}, {"out_idx": tf.int64}, name=f"{op} strings")
        add(op, {"x": floats(0)}, name=f"{op} of none")
    rows = np.array([[1, 2, 1], [3, 4, 3], [1, 2, 1]], np.float32)
    for axis in [[0], [1], [-1]]:
        add("UniqueV2", {"x": rows, "axis": np.array(axis, np.int64)}, name=f"UniqueV2 {axis}")
    add("UniqueV2", {"x": x, "axis": np.array([], np.int32)}, name="UniqueV2 vector")
    add("UniqueWithCountsV2", {"x": rows, "axis": np.array([0], np.int32)})
    add("ListDiff", {"x": np.array([1, 2, 3, 2], np.int32), "y": np.array([2], np.int32)})
    counted = np.array([[1, 0, 1], [5, 2, 1]], np.int32)
    add("Bincount", {"arr": counted, "size": np.int32(4), "weights": floats(0)})
    add("Bincount", {"arr": counted, "size": np.int32(6), "weights": floats(2, 3)}, name="Bincount weights")
    for binary in [False, True]:
        add("DenseBincount", {"input": counted, "size": np.int32(4), "weights": floats(0)}, {"binary_output": binary}, name=f"DenseBincount {binary}")
    add("DenseBincount", {"input": counted[0].astype(np.int64), "size": np.int64(4), "weights": ints(3, dtype=np.int64)}, name="DenseBincount weights")
    for dtype in [np.float32, np.int64]:
        add("Bucketize", {"input": np.array([[-5, 0], [7, 20]], dtype)}, {"boundaries": [0.0, 7.0, 10.0]}, name=f"Bucketize {dtype.__name__}")
    add("HistogramFixedWidth", {"values": np.array([-1, 0, 1.5, 2, 5, 15], np.float32), "value_range": np.array([0, 5], np.float32), "nbins": np.int32(5)})
    add("HistogramFixedWidth", {"values": np.array([1, 2, 2], np.int32), "value_range": np.array([0, 4], np.int32), "nbins": np.int32(2)}, {"dtype": tf.int64}, name="HistogramFixedWidth int32")
    add("UnravelIndex", {"indices": np.array([5, 0, 11], np.int32), "dims": np.array([3, 4], np.int32)})
    add("UnravelIndex", {"indices": np.int64(7), "dims": np.array([2, 2, 3], np.int64)}, name="UnravelIndex scalar")
