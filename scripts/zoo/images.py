"""Image bytes in, and what is done to images before and after a network."""

import keras
from keras import layers
import numpy as np
import tensorflow as tf

from catalogue import archived, floats, function, ints, model, rng, saved


def picture(height, width, channels, seed=1):
    """A picture with edges and gradients, which JPEG writes as it does photographs."""
    y, x = np.mgrid[0:height, 0:width]
    waves = np.stack([np.sin(x / (5 + c)) + np.cos(y / (3 + c + seed)) for c in range(channels)], -1)
    noise = rng(seed).normal(0, 0.1, waves.shape)
    return np.clip((waves + noise + 2) * 60, 0, 255).astype(np.uint8)


@model("image bytes in: decoded, resized, classified")
def image_bytes_classifier(folder):
    network = keras.Sequential([layers.Conv2D(6, 3, strides=2, activation="relu"), layers.GlobalAveragePooling2D(), layers.Dense(4)])
    network.build((None, 24, 24, 3))

    def one(data):
        image = tf.io.decode_image(data, channels=3, expand_animations=False)
        image = tf.image.resize(tf.image.convert_image_dtype(image, tf.float32), (24, 24))
        return tf.ensure_shape(image, (24, 24, 3))

    @function(image_bytes=(tf.string, [None]))
    def classify(image_bytes):
        images = tf.map_fn(one, image_bytes, fn_output_signature=tf.float32)
        return {"scores": tf.nn.softmax(network(images))}

    given = np.array([
        tf.io.encode_jpeg(picture(40, 50, 3)).numpy(),
        tf.io.encode_png(picture(30, 20, 3, 2)).numpy(),
        tf.io.encode_jpeg(picture(33, 17, 1, 3), format="grayscale").numpy(),
    ], dtype=object)
    return archived(folder, [("classify", {"image_bytes": given}), ("classify", {"image_bytes": given[1:2]})], network, classify=classify)


@model("resizing, cropping, colours, contrast, standardization")
def image_preparation(folder):
    @function(x=(tf.float32, [None, 12, 16, 3]))
    def prepare(x):
        boxes = tf.constant([[0.1, 0.1, 0.8, 0.9], [0.0, 0.5, 1.0, 1.0]])
        return {
            "bilinear": tf.image.resize(x, (20, 9)),
            "nearest": tf.image.resize(x, (7, 7), method="nearest"),
            "bicubic": tf.image.resize(x, (18, 24), method="bicubic"),
            "area": tf.image.resize(x, (6, 8), method="area"),
            "lanczos": tf.image.resize(x, (9, 9), method="lanczos3", antialias=True),
            "padded": tf.image.resize_with_pad(x, 14, 14),
            "cropped": tf.image.resize_with_crop_or_pad(x, 10, 20),
            "central": tf.image.central_crop(x, 0.5),
            "boxes": tf.image.crop_and_resize(x, boxes, tf.constant([0, 0]), (5, 5)),
            "standard": tf.image.per_image_standardization(x),
            "grey": tf.image.rgb_to_grayscale(x),
            "hue": tf.image.adjust_hue(x, 0.2),
            "saturation": tf.image.adjust_saturation(x, 1.5),
            "contrast": tf.image.adjust_contrast(x, 0.7),
            "gamma": tf.image.adjust_gamma(x, 0.8),
            "flipped": tf.image.flip_left_right(x),
            "turned": tf.image.rot90(x),
            "hsv": tf.image.rgb_to_hsv(x),
            "patches": tf.image.extract_patches(x, [1, 3, 3, 1], [1, 2, 2, 1], [1, 1, 1, 1], "VALID"),
            "edges": tf.image.sobel_edges(x),
        }

    return saved(folder, [("prepare", {"x": rng().uniform(0, 1, (2, 12, 16, 3)).astype(np.float32)})], prepare=prepare)


@model("boxes: decoded, scored, suppressed, the best kept")
def detection(folder):
    @function(boxes=(tf.float32, [None, 4]), scores=(tf.float32, [None, 3]))
    def detect(boxes, scores):
        corners = tf.concat([boxes[:, :2] - tf.abs(boxes[:, 2:]), boxes[:, :2] + tf.abs(boxes[:, 2:])], 1)
        best = tf.reduce_max(scores, 1)
        kept = tf.image.non_max_suppression(corners, best, 5, 0.4, 0.1)
        padded, valid = tf.image.non_max_suppression_padded(corners, best, 6, 0.5, pad_to_max_output_size=True)
        soft, soft_scores = tf.image.non_max_suppression_with_scores(corners, best, 4, 0.9, soft_nms_sigma=0.5)
        combined = tf.image.combined_non_max_suppression(corners[None, :, None, :], scores[None], 4, 8, 0.5, 0.2, clip_boxes=False)
        values, places = tf.math.top_k(scores, 2)
        return {
            "kept": kept,
            "boxes": tf.gather(corners, kept),
            "classes": tf.argmax(tf.gather(scores, kept), 1),
            "padded": padded,
            "valid": valid,
            "soft": soft,
            "soft_scores": soft_scores,
            "combined_boxes": combined.nmsed_boxes,
            "combined_scores": combined.nmsed_scores,
            "combined_classes": combined.nmsed_classes,
            "combined_valid": combined.valid_detections,
            "values": values,
            "places": places,
        }

    scores = rng(4).uniform(0, 1, (20, 3)).astype(np.float32)
    return saved(folder, [("detect", {"boxes": floats(20, 4, scale=0.4), "scores": scores})], detect=detect)


@model("two feature maps with anchors, heads for boxes and classes")
def single_shot_detector(folder):
    image = keras.Input((48, 48, 3), name="image")
    x = layers.Conv2D(8, 3, strides=4, padding="same", activation="relu6")(image)
    heads = []
    for at in range(2):
        x = layers.SeparableConv2D(12, 3, strides=2, padding="same", use_bias=False)(x)
        x = layers.ReLU(6.0)(layers.BatchNormalization(epsilon=0.01)(x))
        boxes = layers.Reshape((-1, 4))(layers.Conv2D(12, 3, padding="same")(x))
        classes = layers.Reshape((-1, 5))(layers.Conv2D(15, 1)(x))
        heads.append((boxes, classes))
    network = keras.Model(image, [layers.Concatenate(1)([boxes for boxes, _ in heads]), layers.Concatenate(1)([classes for _, classes in heads])])

    @function(image=(tf.uint8, [None, 48, 48, 3]))
    def detect(image):
        boxes, classes = network(tf.cast(image, tf.float32) / 127.5 - 1.0)
        return {"boxes": tf.exp(boxes), "scores": tf.sigmoid(classes)}

    return archived(folder, [("detect", {"image": ints(1, 48, 48, 3, high=256, dtype=np.uint8)})], network, detect=detect)
