"""Attention, and what transformers are made of."""

import keras
from keras import layers
import numpy as np
import tensorflow as tf

from catalogue import exported, floats, function, ints, model, saved


@model("an encoder: embeddings of tokens and places, attention with a mask, gelu")
def transformer_encoder(folder):
    ids = keras.Input((None,), dtype="int32", name="ids")
    places = keras.ops.cumsum(keras.ops.ones_like(ids), 1) - 1
    x = layers.Embedding(50, 16, mask_zero=True)(ids) + layers.Embedding(32, 16)(places)
    for _ in range(2):
        attended = layers.MultiHeadAttention(4, 4)(x, x)
        x = layers.LayerNormalization(epsilon=1e-6)(x + attended)
        x = layers.LayerNormalization()(x + layers.Dense(16)(layers.Dense(32, activation="gelu")(x)))
    outputs = layers.Dense(5)(layers.GlobalAveragePooling1D()(x))
    given = ints(3, 9, high=49) + 1
    given[0, 6:] = 0
    return exported(keras.Model(ids, outputs), folder, given, ints(1, 3, high=49, seed=2) + 1)


@model("a decoder layer: causal attention, cross attention, scores")
def transformer_decoder(folder):
    memory, x = keras.Input((None, 12), name="memory"), keras.Input((None, 12), name="x")
    own = layers.MultiHeadAttention(3, 4)(x, x, use_causal_mask=True)
    y = layers.LayerNormalization()(x + own)
    crossed, scores = layers.MultiHeadAttention(3, 4)(y, memory, return_attention_scores=True)
    outputs = {"y": layers.Dense(6)(y + crossed), "scores": scores}
    network = keras.Model([memory, x], outputs)
    return exported(network, folder, [floats(2, 5, 12), floats(2, 7, 12, seed=3)])


@model("dot-product and additive attention")
def simple_attention(folder):
    query, value = keras.Input((4, 8), name="query"), keras.Input((6, 8), name="value")
    one = layers.Attention(use_scale=True)([query, value])
    other = layers.AdditiveAttention()([query, value])
    outputs = layers.Concatenate()([one, other])
    return exported(keras.Model([query, value], outputs), folder, [floats(2, 4, 8), floats(2, 6, 8, seed=2)])


@model("grouped queries")
def grouped_query_attention(folder):
    x = keras.Input((6, 8), name="x")
    outputs = layers.GroupQueryAttention(4, 4, 2)(x, x)
    return exported(keras.Model(x, outputs), folder, floats(2, 6, 8))


@model("patches of an image through attention")
def vision_transformer(folder):
    image = keras.Input((32, 32, 3), name="image")
    x = layers.Conv2D(24, 8, strides=8)(image)
    x = layers.Reshape((16, 24))(x)
    x = x + layers.Embedding(16, 24)(keras.ops.arange(16))
    attended = layers.MultiHeadAttention(4, 6)(layers.LayerNormalization()(x), x)
    x = x + attended
    x = x + layers.Dense(24)(layers.Dense(48, activation=keras.activations.gelu)(layers.LayerNormalization()(x)))
    return exported(keras.Model(image, layers.Dense(5)(layers.Flatten()(x))), folder, floats(2, 32, 32, 3))


@model("rotary places, einsum, a cache of keys and values that grows")
def text_generation_step(folder):
    weights = [tf.Variable(floats(8, 8, seed=seed) / 3) for seed in range(4)]

    @function(x=(tf.float32, [None, 1, 8]), keys=(tf.float32, [None, None, 8]), values=(tf.float32, [None, None, 8]))
    def step(x, keys, values):
        place = tf.cast(tf.shape(keys)[1], tf.float32)
        angles = place / tf.pow(100.0, tf.range(4, dtype=tf.float32) / 4.0)
        query, key, value = (tf.einsum("btd,de->bte", x, w) for w in weights[:3])

        def turned(y):
            even, odd = tf.split(y, 2, axis=-1)
            return tf.concat([even * tf.cos(angles) - odd * tf.sin(angles), even * tf.sin(angles) + odd * tf.cos(angles)], -1)

        keys, values = tf.concat([keys, turned(key)], 1), tf.concat([values, value], 1)
        scores = tf.nn.softmax(tf.einsum("bqd,bkd->bqk", turned(query), keys) / 8.0**0.5)
        return {"y": tf.matmul(scores, values) @ weights[3], "keys": keys, "values": values}

    calls = [
        ("step", {"x": floats(2, 1, 8), "keys": floats(2, 3, 8, seed=2), "values": floats(2, 3, 8, seed=3)}),
        ("step", {"x": floats(1, 1, 8), "keys": np.zeros((1, 0, 8), np.float32), "values": np.zeros((1, 0, 8), np.float32)}),
    ]
    return saved(folder, calls, *weights, step=step)
