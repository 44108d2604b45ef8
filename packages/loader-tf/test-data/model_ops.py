"""Operations that models are made of: convolutions, products, norms, images, matrices, random numbers."""

import numpy as np
import tensorflow as tf

import make_ops
from make_ops import cases, floats, ints
from tolerant import BF16, F16, INF, add


def convolutions():
    def conv(x, f, **more):
        name = more.pop("name")
        add("Conv2D", {"input": x, "filter": f}, {"strides": [1, 1, 1, 1], "padding": "SAME", **more}, name=name)

    conv(floats(1, 5, 5, 4), floats(3, 3, 2, 6), name="Conv2D groups")
    conv(floats(1, 6, 5, 4), floats(3, 3, 1, 4), strides=[1, 2, 2, 1], name="Conv2D group each")
    conv(floats(1, 9, 7, 2), floats(3, 2, 2, 2), strides=[1, 3, 2, 1], padding="VALID", name="Conv2D strides 3 2")
    conv(floats(1, 8, 8, 2), floats(3, 3, 2, 2), dilations=[1, 3, 2, 1], padding="VALID", name="Conv2D dilations 3 2")
    conv(floats(1, 4, 4, 2).astype(np.float64), floats(3, 3, 2, 2).astype(np.float64), name="Conv2D float64")
    conv(floats(1, 4, 4, 2).astype(F16), floats(3, 3, 2, 2).astype(F16), name="Conv2D float16")
    conv(floats(1, 4, 4, 2).astype(BF16), floats(3, 3, 2, 2).astype(BF16), name="Conv2D bfloat16")
    conv(floats(1, 1, 1, 3), floats(1, 1, 3, 2), name="Conv2D 1x1")
    conv(floats(1, 2, 2, 3), floats(5, 5, 3, 2), name="Conv2D wider than the image")
    explicit = {"strides": [1, 2, 2, 1], "padding": "EXPLICIT", "explicit_paddings": [0, 0, 1, 2, 2, 0, 0, 0]}
    add("DepthwiseConv2dNative", {"input": floats(1, 5, 5, 2), "filter": floats(3, 3, 2, 2)}, explicit, name="Depthwise explicit")
    dilated_depthwise()
    add("DepthwiseConv2dNative", {"input": floats(0, 6, 6, 2), "filter": floats(3, 3, 2, 1)}, {"strides": [1, 1, 1, 1], "padding": "SAME"}, name="Depthwise of none")
    for padding in ["SAME", "VALID"]:
        for stride in [1, 2]:
            same = {"strides": [1, stride, stride, 1], "padding": padding}
            y = tf.nn.conv2d(floats(2, 5, 6, 2), floats(3, 2, 2, 3), stride, padding).numpy()
            sizes = np.array([2, 5, 6, 2], np.int32)
            back = {"input_sizes": sizes, "filter": floats(3, 2, 2, 3), "out_backprop": floats(*y.shape)}
            add("Conv2DBackpropInput", back, same, name=f"Conv2DBackpropInput {padding} {stride}")
            deep = tf.nn.depthwise_conv2d(floats(2, 5, 6, 2), floats(3, 2, 2, 2), same["strides"], padding).numpy()
            back = {"input_sizes": sizes, "filter": floats(3, 2, 2, 2), "out_backprop": floats(*deep.shape)}
            add("DepthwiseConv2dNativeBackpropInput", back, same, name=f"DepthwiseConv2dNativeBackpropInput {padding} {stride}")
            cube = {"strides": [1, stride, stride, stride, 1], "padding": padding}
            add("Conv3D", {"input": floats(1, 4, 3, 5, 2), "filter": floats(2, 3, 2, 2, 3)}, cube, name=f"Conv3D {padding} {stride}")
            y = tf.nn.conv3d(floats(1, 4, 3, 5, 2), floats(2, 3, 2, 2, 3), cube["strides"], padding).numpy()
            back = {"input_sizes": np.array([1, 4, 3, 5, 2], np.int32), "filter": floats(2, 3, 2, 2, 3), "out_backprop": floats(*y.shape)}
            add("Conv3DBackpropInputV2", back, cube, name=f"Conv3DBackpropInputV2 {padding} {stride}")
            for op in ["MaxPool3D", "AvgPool3D"]:
                add(op, {"input": floats(1, 4, 3, 5, 2)}, {"ksize": [1, 2, 3, 2, 1], **cube}, name=f"{op} {padding} {stride}")
            for batch in [False, True]:
                positions = {"ksize": [1, 2, 3, 1], "include_batch_in_index": batch, **same}
                add("MaxPoolWithArgmax", {"input": floats(2, 5, 4, 2)}, positions, name=f"MaxPoolWithArgmax {padding} {stride} {batch}")
    for op, key in [("MaxPool", "input"), ("AvgPool", "value")]:
        add(op, {key: floats(1, 5, 5, 3)}, {"ksize": [1, 1, 1, 1], "strides": [1, 2, 2, 1], "padding": "VALID"}, name=f"{op} of one")
        add(op, {key: floats(1, 7, 7, 3)}, {"ksize": [1, 2, 2, 1], "strides": [1, 3, 3, 1], "padding": "SAME"}, name=f"{op} with gaps")
        add(op, {key: floats(0, 7, 7, 3)}, {"ksize": [1, 2, 2, 1], "strides": [1, 2, 2, 1], "padding": "SAME"}, name=f"{op} of none")
    add("MaxPool", {"input": ints(1, 4, 4, 2)}, {"ksize": [1, 2, 2, 1], "strides": [1, 2, 2, 1], "padding": "SAME"}, name="MaxPool int32")
    add("MaxPool", {"input": floats(1, 4, 4, 2) - 5}, {"ksize": [1, 3, 3, 1], "strides": [1, 2, 2, 1], "padding": "EXPLICIT", "explicit_paddings": [0, 0, 1, 1, 1, 1, 0, 0]}, name="MaxPool explicit")
    add("MaxPoolWithArgmax", {"input": floats(1, 4, 4, 1)}, {"ksize": [1, 2, 2, 1], "strides": [1, 2, 2, 1], "padding": "SAME", "Targmax": tf.int32}, name="MaxPoolWithArgmax int32")
    add("Dilation2D", {"input": floats(1, 5, 5, 2), "filter": floats(2, 3, 2)}, {"strides": [1, 1, 2, 1], "rates": [1, 2, 1, 1], "padding": "SAME"})
    second_channels("Conv2D", {"strides": [1, 2, 1, 1], "padding": "SAME"}, floats(1, 5, 5, 3), floats(3, 3, 3, 2))
    second_channels("MaxPool", {"ksize": [1, 2, 2, 1], "strides": [1, 2, 2, 1], "padding": "VALID"}, floats(1, 5, 5, 3))


def dilated_depthwise():
    """TensorFlow does it by other operations, and models that were made elsewhere by this one."""
    x, f = floats(1, 7, 6, 2), floats(3, 3, 2, 1)
    add("DepthwiseConv2dNative", {"input": x, "filter": f}, {"strides": [1, 1, 1, 1], "padding": "SAME"}, name="Depthwise dilated")
    y = tf.nn.depthwise_conv2d(x, f, [1, 1, 1, 1], "SAME", dilations=[2, 2])
    cases[-1]["attributes"]["dilations"] = {"ints": ["1", "2", "2", "1"]}
    cases[-1]["outputs"] = [make_ops.written(y.numpy(), tf.float32)]


def second_channels(op, attributes, x, *weights):
    """TensorFlow convolves channels that come second on GPUs alone: the same with channels last, turned."""
    names = {"Conv2D": ["input", "filter"], "MaxPool": ["input"]}[op]
    add(op, dict(zip(names, [x, *weights])), attributes, name=f"{op} NCHW")
    case = cases[-1]
    turn = lambda v: [v[0], v[3], v[1], v[2]]
    for key in ["strides", "ksize", "dilations"]:
        if key in case["attributes"]:
            case["attributes"][key] = {"ints": turn(case["attributes"][key]["ints"])}
    case["attributes"]["data_format"] = {"text": "NCHW"}
    for written in [case["inputs"][0], case["outputs"][0]]:
        data = np.array(written["data"]).reshape(written["shape"]).transpose(0, 3, 1, 2)
        written.update(shape=list(data.shape), data=data.reshape(-1).tolist())


def products():
    for equation, *shapes in [
        ("ij,jk->ik", (2, 3), (3, 4)), ("bij,bjk->bik", (2, 2, 3), (2, 3, 4)), ("abc,cd->abd", (2, 3, 4), (4, 2)),
        ("aecd,abcd->acbe", (2, 3, 4, 2), (2, 5, 4, 2)), ("acbe,aecd->abcd", (2, 4, 5, 3), (2, 3, 4, 2)),
        ("abcd,cde->abe", (2, 3, 2, 4), (2, 4, 3)), ("abc,cde->abde", (2, 3, 4), (4, 2, 3)),
        ("i,j->ij", (2,), (3,)), ("i,i->", (3,), (3,)), ("ij->ji", (2, 3)), ("ij->", (2, 3)), ("ij->i", (2, 3)),
        ("ii->i", (3, 3)), ("ii->", (3, 3)), ("i->ii", (3,)), ("...ij,...jk->...ik", (2, 1, 2, 3), (4, 3, 2)),
        ("...i->...", (2, 3, 4)), ("i...->...i", (2, 3, 4)), ("...i,ij->...j", (2, 3), (3, 4)), ("ij,kj->ikj", (2, 3), (4, 3)),
        ("ij,ij->ij", (2, 3), (2, 3)), ("aij,jk->ik", (2, 2, 3), (3, 4)), ("ij,jk->ik", (0, 3), (3, 4)),
        ("iij,jk->ik", (2, 2, 3), (3, 4)), ("ba,b->a", (4, 2), (4,)), ("...,...->...", (2, 1), (3,)),
    ]:
        add("Einsum", {"inputs": [floats(*shape) for shape in shapes]}, {"equation": equation}, name=f"Einsum {equation} {shapes}")
    for dtype in [np.float64, F16, np.int32, np.int64]:
        add("Einsum", {"inputs": [ints(2, 3).astype(dtype), ints(3, 2).astype(dtype)]}, {"equation": "ij,jk->ik"}, name=f"Einsum {np.dtype(dtype).name}")
    for dtype in [np.float64, F16, BF16, np.int32, np.int64]:
        name = np.dtype(dtype).name
        add("MatMul", {"a": ints(2, 3).astype(dtype), "b": ints(4, 3).astype(dtype)}, {"transpose_b": True}, name=f"MatMul {name} turned")
        add("BatchMatMulV2", {"x": ints(2, 2, 3).astype(dtype), "y": ints(3, 2).astype(dtype)}, name=f"BatchMatMulV2 {name}")
    add("MatMul", {"a": floats(2, 0), "b": floats(0, 3)}, name="MatMul over none")
    add("MatMul", {"a": np.array([[2**31 - 1, 3]], np.int32), "b": np.array([[5], [2**30]], np.int32)}, name="MatMul wraps")
    add("BatchMatMul", {"x": floats(2, 3, 4), "y": floats(2, 4, 2)})
    add("BatchMatMulV3", {"x": floats(2, 3, 4), "y": floats(2, 4, 2)}, {"Tout": tf.float32})
    add("BatchMatMulV2", {"x": floats(2, 4, 3), "y": floats(2, 4, 2)}, {"adj_x": True}, name="BatchMatMulV2 turned")
    add("BatchMatMulV2", {"x": floats(0, 2, 3), "y": floats(3, 2)}, name="BatchMatMulV2 of none")
    add("BiasAdd", {"value": floats(2, 3, 2, 2), "bias": floats(3)}, {"data_format": "NCHW"}, name="BiasAdd NCHW")
    add("BiasAdd", {"value": floats(2, 0), "bias": floats(0)}, name="BiasAdd of none")
    add("BiasAdd", {"value": ints(2, 3, dtype=np.int64), "bias": ints(3, dtype=np.int64)}, name="BiasAdd int64")
    add("BiasAddV1", {"value": floats(2, 3), "bias": floats(3)})


def norms():
    statistics = {"scale": floats(3), "offset": floats(3), "mean": floats(3), "variance": np.abs(floats(3)) + 0.1}
    none = {"mean": floats(0), "variance": floats(0)}
    for op in ["FusedBatchNorm", "FusedBatchNormV2", "FusedBatchNormV3"]:
        add(op, {"x": floats(2, 2, 2, 3), **statistics}, {"is_training": False, "epsilon": 0.01}, name=f"{op} inference")
        add(op, {"x": floats(2, 2, 2, 3), **statistics, **none}, {"is_training": True, "epsilon": 0.01}, name=f"{op} training", keep=3)
        add(op, {"x": floats(2, 3, 2, 2), **statistics}, {"is_training": False, "data_format": "NCHW"}, name=f"{op} NCHW")
    add("FusedBatchNormV3", {"x": floats(1, 3, 4, 1), **statistics, **none}, {"is_training": True, "data_format": "NCHW"}, name="FusedBatchNormV3 training NCHW", keep=3)
    add("FusedBatchNormV3", {"x": floats(2, 2, 2, 3).astype(F16), **statistics}, {"is_training": False}, name="FusedBatchNormV3 float16")
    add("FusedBatchNormV3", {"x": floats(0, 2, 2, 3), **statistics}, {"is_training": False}, name="FusedBatchNormV3 of none")
    add("LRN", {"input": floats(1, 2, 2, 7)}, {"depth_radius": 2, "bias": 1.5, "alpha": 0.3, "beta": 0.75})
    add("L2Loss", {"t": floats(2, 3)})
    add("L2Loss", {"t": floats(0)}, name="L2Loss of none")
    for dtype in [np.float64, F16, BF16]:
        for op in ["Softmax", "LogSoftmax"]:
            add(op, {"logits": floats(2, 5).astype(dtype)}, name=f"{op} {np.dtype(dtype).name}")
    add("Softmax", {"logits": np.array([[1000, 1001, -1000], [INF, 0, 0], [-INF, 0, 1]], np.float32)}, name="Softmax extremes")
    add("Softmax", {"logits": floats(5)}, name="Softmax of a vector")


def images():
    for shape, size in [((1, 3, 4, 2), (5, 7)), ((2, 5, 6, 1), (3, 2)), ((1, 4, 4, 1), (1, 1)), ((1, 1, 1, 2), (2, 3)), ((1, 4, 5, 1), (4, 5)), ((1, 2, 3, 1), (9, 11))]:
        for corners, half in [(False, False), (True, False), (False, True)]:
            how = {"align_corners": corners, "half_pixel_centers": half}
            for op in ["ResizeBilinear", "ResizeNearestNeighbor", "ResizeBicubic"]:
                add(op, {"images": floats(*shape), "size": np.array(size, np.int32)}, how, name=f"{op} {shape} {size} {corners} {half}")
            if not half:
                add("ResizeArea", {"images": floats(*shape), "size": np.array(size, np.int32)}, {"align_corners": corners}, name=f"ResizeArea {shape} {size} {corners}")
    bytes_ = ints(1, 3, 3, 3, dtype=np.uint8, low=0, high=255)
    for op in ["ResizeBilinear", "ResizeNearestNeighbor", "ResizeBicubic", "ResizeArea"]:
        add(op, {"images": bytes_, "size": np.array([4, 2], np.int32)}, name=f"{op} uint8")
        add(op, {"images": floats(1, 3, 3, 1).astype(F16), "size": np.array([4, 2], np.int32)}, name=f"{op} float16")
    add("ResizeBilinear", {"images": floats(1, 3, 3, 1).astype(np.float64), "size": np.array([4, 2], np.int32)}, name="ResizeBilinear float64")
    boxes = np.array([[0, 0, 1, 1], [0.2, 0.1, 0.7, 0.9], [0.8, 0.7, 0.2, 0.1], [-0.5, 0, 0.5, 1.4], [0.5, 0.5, 0.5, 0.5]], np.float32)
    for method in ["bilinear", "nearest"]:
        for size in [(3, 4), (1, 2)]:
            crops = {"image": floats(2, 5, 6, 2), "boxes": boxes, "box_ind": np.array([0, 1, 1, 0, 1], np.int32), "crop_size": np.array(size, np.int32)}
            add("CropAndResize", crops, {"method": method, "extrapolation_value": -2.5}, name=f"CropAndResize {method} {size}")
    add("CropAndResize", {"image": bytes_, "boxes": boxes[:1], "box_ind": np.array([0], np.int32), "crop_size": np.array([2, 2], np.int32)}, name="CropAndResize uint8")
    add("CropAndResize", {"image": floats(1, 2, 2, 1), "boxes": floats(0, 4), "box_ind": np.zeros((0,), np.int32), "crop_size": np.array([2, 2], np.int32)}, name="CropAndResize of none")
    for padding in ["SAME", "VALID"]:
        add("ExtractImagePatches", {"images": floats(1, 5, 6, 2)}, {"ksizes": [1, 2, 3, 1], "strides": [1, 2, 2, 1], "rates": [1, 1, 1, 1], "padding": padding}, name=f"ExtractImagePatches {padding}")
        add("ExtractVolumePatches", {"input": floats(1, 3, 3, 4, 1)}, {"ksizes": [1, 2, 2, 2, 1], "strides": [1, 1, 2, 2, 1], "padding": padding}, name=f"ExtractVolumePatches {padding}")
    add("ExtractImagePatches", {"images": ints(1, 5, 5, 1)}, {"ksizes": [1, 2, 2, 1], "strides": [1, 1, 1, 1], "rates": [1, 2, 2, 1], "padding": "VALID"}, name="ExtractImagePatches rates")
    colors = np.array([[[0, 0, 0], [1, 1, 1], [0.5, 0.2, 0.9]], [[0.9, 0.2, 0.2], [0.1, 0.8, 0.3], [0.3, 0.8, 0.8]]], np.float32)
    for dtype in [np.float32, np.float64]:
        add("RGBToHSV", {"images": colors.astype(dtype)}, name=f"RGBToHSV {dtype.__name__}")
        add("HSVToRGB", {"images": colors.astype(dtype)}, name=f"HSVToRGB {dtype.__name__}")
    add("AdjustHue", {"images": colors, "delta": np.float32(0.3)})
    add("AdjustHue", {"images": colors, "delta": np.float32(-0.7)}, name="AdjustHue back")
    add("AdjustSaturation", {"images": colors, "scale": np.float32(1.7)})
    add("AdjustContrastv2", {"images": np.stack([colors, colors * 0.5]), "contrast_factor": np.float32(1.4)})


def suppressions():
    centers, sizes = np.abs(floats(9, 2)) * 0.3, np.abs(floats(9, 2)) * 0.4 + 0.1
    boxes = np.concatenate([centers, centers + sizes], 1).astype(np.float32)
    boxes[4] = boxes[4][[2, 3, 0, 1]]
    scores = np.array([0.9, 0.85, 0.3, 0.8, 0.75, 0.2, 0.6, 0.55, 0.95], np.float32)
    base = {"boxes": boxes, "scores": scores, "max_output_size": np.int32(6)}
    add("NonMaxSuppression", base, {"iou_threshold": 0.3})
    add("NonMaxSuppressionV2", {**base, "iou_threshold": np.float32(0.4)})
    thresholds = {"iou_threshold": np.float32(0.35), "score_threshold": np.float32(0.25)}
    add("NonMaxSuppressionV3", {**base, **thresholds})
    add("NonMaxSuppressionV3", {"boxes": floats(0, 4), "scores": floats(0), "max_output_size": np.int32(3), **thresholds}, name="NonMaxSuppressionV3 of none")
    for pad in [False, True]:
        add("NonMaxSuppressionV4", {**base, **thresholds}, {"pad_to_max_output_size": pad}, name=f"NonMaxSuppressionV4 {pad}")
        for sigma in [0.0, 0.5]:
            soft = {**base, **thresholds, "soft_nms_sigma": np.float32(sigma)}
            add("NonMaxSuppressionV5", soft, {"pad_to_max_output_size": pad}, name=f"NonMaxSuppressionV5 {pad} {sigma}")
    overlaps = np.abs(floats(9, 9)) * 0.4
    add("NonMaxSuppressionWithOverlaps", {"overlaps": overlaps, "scores": scores, "max_output_size": np.int32(5), "overlap_threshold": np.float32(0.4), "score_threshold": np.float32(0.1)})
    for shared in [1, 3]:
        for pad in [False, True]:
            for clip in [False, True]:
                images = np.stack([boxes, boxes[::-1]])[:, :, None, :] + (floats(2, 9, shared, 4) * 0.05).astype(np.float32)
                many = np.round(np.abs(floats(2, 9, 3)) * 0.4, 4).astype(np.float32)
                inputs = {"boxes": images, "scores": many, "max_output_size_per_class": np.int32(3), "max_total_size": np.int32(8), **thresholds}
                add("CombinedNonMaxSuppression", inputs, {"pad_per_class": pad, "clip_boxes": clip}, name=f"CombinedNonMaxSuppression {shared} {pad} {clip}")


def quantizations():
    x = np.array([-8, -6.01, -1.21, -0.02, 0, 0.02, 0.5, 3.1, 5.99, 7], np.float32)
    for bits, narrow in [(8, False), (4, True)]:
        how = {"num_bits": bits, "narrow_range": narrow}
        add("FakeQuantWithMinMaxArgs", {"inputs": x}, how, name=f"FakeQuantWithMinMaxArgs {bits} {narrow}")
        for low, high in [(-6, 6), (0.5, 4), (-3, -1), (0, 0), (-1.3, 5.7)]:
            add("FakeQuantWithMinMaxVars", {"inputs": x, "min": np.float32(low), "max": np.float32(high)}, how, name=f"FakeQuantWithMinMaxVars {low} {high} {bits}")
        add("FakeQuantWithMinMaxVarsPerChannel", {"inputs": floats(4, 3), "min": np.array([-1, 0, -2], np.float32), "max": np.array([1, 3, 0.5], np.float32)}, how, name=f"FakeQuantWithMinMaxVarsPerChannel {bits}")
        for signed in [False, True]:
            for given in [False, True]:
                limits = {"input": np.abs(x) if not signed else x, "input_min": np.float32(-2 if signed else 0), "input_max": np.float32(3)}
                flags = {"signed_input": signed, "range_given": given, "narrow_range": narrow}
                add("QuantizeAndDequantizeV2", limits, {"num_bits": bits, **flags}, name=f"QuantizeAndDequantizeV2 {bits} {signed} {given}")
                add("QuantizeAndDequantizeV3", {**limits, "num_bits": np.int32(bits)}, flags, name=f"QuantizeAndDequantizeV3 {bits} {signed} {given}")
                add("QuantizeAndDequantizeV4", limits, {"num_bits": bits, **flags}, name=f"QuantizeAndDequantizeV4 {bits} {signed} {given}")
    add("QuantizeAndDequantizeV2", {"input": np.array([0.5, 1.5, 2.5, 127], np.float32), "input_min": np.float32(-127), "input_max": np.float32(127)}, {"range_given": True, "round_mode": "HALF_UP"}, name="QuantizeAndDequantizeV2 half up")
    add("CheckNumerics", {"tensor": floats(3)}, {"message": "no"})
    add("CheckNumericsV2", {"tensor": floats(2).astype(np.float64)}, {"message": "no"})


def randoms():
    shape, seed = np.array([3, 5], np.int32), np.array([12345, -678], np.int64)
    key, counter = (v.numpy() for v in tf.raw_ops.StatelessRandomGetKeyCounter(seed=seed))
    add("StatelessRandomGetKeyCounter", {"seed": seed})
    add("StatelessRandomGetKeyCounterAlg", {"seed": np.array([7, 8], np.int32)})
    add("StatelessRandomGetAlg", {})
    for op, dtypes in [("StatelessRandomUniform", [tf.float32, tf.float64, tf.float16, tf.bfloat16]), ("StatelessRandomNormal", [tf.float32, tf.float64, tf.float16]), ("StatelessRandomUniformFullInt", [tf.int32, tf.int64, tf.uint32, tf.uint64])]:
        for dtype in dtypes:
            add(op, {"shape": shape, "seed": seed}, {"dtype": dtype}, name=f"{op} {dtype.name}")
            add(f"{op}V2", {"shape": shape, "key": key, "counter": counter, "alg": np.int32(1)}, {"dtype": dtype}, name=f"{op}V2 {dtype.name}")
    for dtype in [np.int32, np.int64]:
        limits = {"minval": dtype(-5), "maxval": dtype(100)}
        add("StatelessRandomUniformInt", {"shape": shape, "seed": seed, **limits}, name=f"StatelessRandomUniformInt {dtype.__name__}")
        add("StatelessRandomUniformIntV2", {"shape": shape, "key": key, "counter": counter, "alg": np.int32(3), **limits}, name=f"StatelessRandomUniformIntV2 {dtype.__name__}")
    # Of operations with a state, the first call.
    for op in ["RandomUniform", "RandomStandardNormal"]:
        for dtype in [tf.float32, tf.float64, tf.float16]:
            add(op, {"shape": shape}, {"dtype": dtype, "seed": 42, "seed2": 7}, name=f"{op} {dtype.name}")
    add("RandomUniformInt", {"shape": shape, "minval": np.int32(0), "maxval": np.int32(10)}, {"seed": 1})


def matrices():
    x = floats(2, 3, 4)
    for lower, upper in [(0, -1), (-1, 0), (1, 1), (0, 0), (-1, -1), (2, 0)]:
        add("MatrixBandPart", {"input": x, "num_lower": np.int64(lower), "num_upper": np.int64(upper)}, name=f"MatrixBandPart {lower} {upper}")
    add("MatrixBandPart", {"input": np.ones((3, 3), bool), "num_lower": np.int32(-1), "num_upper": np.int32(0)}, name="MatrixBandPart bool")
    add("Diag", {"diagonal": floats(3)})
    add("Diag", {"diagonal": ints(2, 2)}, name="Diag int32")
    add("DiagPart", {"input": floats(2, 3, 2, 3)})
    add("MatrixDiag", {"diagonal": floats(2, 3)})
    add("MatrixDiagPart", {"input": x})
    add("MatrixSetDiag", {"input": x, "diagonal": floats(2, 3)})
    for low, high in [(0, 0), (-1, 2), (1, 2), (-2, -1)]:
        k = np.array([low, high] if low != high else low, np.int32)
        for align in ["RIGHT_LEFT", "LEFT_RIGHT", "LEFT_LEFT", "RIGHT_RIGHT"]:
            parts = tf.raw_ops.MatrixDiagPartV3(input=x, k=k, padding_value=9.0, align=align).numpy()
            add("MatrixDiagPartV3", {"input": x, "k": k, "padding_value": np.float32(9)}, {"align": align}, name=f"MatrixDiagPartV3 {low} {high} {align}")
            add("MatrixSetDiagV3", {"input": x, "diagonal": floats(*parts.shape), "k": k}, {"align": align}, name=f"MatrixSetDiagV3 {low} {high} {align}")
            made = {"diagonal": floats(*parts.shape), "k": k, "num_rows": np.int32(3), "num_cols": np.int32(4), "padding_value": np.float32(-1)}
            add("MatrixDiagV3", made, {"align": align}, name=f"MatrixDiagV3 {low} {high} {align}")
    add("MatrixDiagV2", {"diagonal": floats(2), "k": np.int32(1), "num_rows": np.int32(-1), "num_cols": np.int32(-1), "padding_value": np.float32(0)})
    add("MatrixDiagV3", {"diagonal": ints(2), "k": np.int32(-1), "num_rows": np.int32(-1), "num_cols": np.int32(4), "padding_value": np.int32(0)}, name="MatrixDiagV3 rows")
    add("MatrixDiagPartV2", {"input": x, "k": np.array([-1, 1], np.int32), "padding_value": np.float32(0)})
    add("MatrixSetDiagV2", {"input": x, "diagonal": floats(2, 3), "k": np.int32(1)})
    square = floats(2, 3, 3) + 2 * np.eye(3, dtype=np.float32)
    positive = np.einsum("bij,bkj->bik", square, square)
    right = floats(2, 3, 2)
    for dtype in [np.float32, np.float64]:
        name = dtype.__name__
        for adjoint in [False, True]:
            add("MatrixInverse", {"input": square.astype(dtype)}, {"adjoint": adjoint}, name=f"MatrixInverse {name} {adjoint}")
            add("MatrixSolve", {"matrix": square.astype(dtype), "rhs": right.astype(dtype)}, {"adjoint": adjoint}, name=f"MatrixSolve {name} {adjoint}")
            for lower in [False, True]:
                add("MatrixTriangularSolve", {"matrix": square.astype(dtype), "rhs": right.astype(dtype)}, {"lower": lower, "adjoint": adjoint}, name=f"MatrixTriangularSolve {name} {lower} {adjoint}")
        add("Cholesky", {"input": positive.astype(dtype)}, name=f"Cholesky {name}")
        add("MatrixDeterminant", {"input": square.astype(dtype)}, name=f"MatrixDeterminant {name}")
        add("LogMatrixDeterminant", {"input": square.astype(dtype)}, name=f"LogMatrixDeterminant {name}")
    add("MatrixTriangularSolve", {"matrix": square[:1], "rhs": floats(4, 3, 1)}, name="MatrixTriangularSolve stretched")
    add("MatrixInverse", {"input": floats(0, 3, 3)}, name="MatrixInverse of none")
