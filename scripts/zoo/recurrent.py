"""Recurrent layers, in all their forms."""

import keras
from keras import layers
import numpy as np
import tensorflow as tf

from catalogue import exported, floats, ints, model, saved, function


def sequence(layer, folder, *, features=4, length=7):
    inputs = keras.Input((None, features), name="x")
    outputs = layer(inputs)
    given = [floats(2, length, features), floats(1, 1, features), floats(3, length + 5, features, seed=3)]
    return exported(keras.Model(inputs, outputs), folder, *given)


@model("a long short-term memory, last state")
def lstm(folder):
    return sequence(layers.LSTM(6), folder)


@model("all states, and the final ones, of an LSTM that runs backwards")
def lstm_states(folder):
    return sequence(layers.LSTM(5, return_sequences=True, return_state=True, go_backwards=True), folder)


@model("a gated recurrent unit with reset after")
def gru(folder):
    return sequence(layers.GRU(6, return_sequences=True), folder)


@model("a gated recurrent unit with reset before")
def gru_reset_before(folder):
    return sequence(layers.GRU(6, reset_after=False), folder)


@model("a simple recurrent layer")
def simple_rnn(folder):
    return sequence(layers.SimpleRNN(6, return_sequences=True), folder)


@model("both directions")
def bidirectional(folder):
    return sequence(layers.Bidirectional(layers.LSTM(5, return_sequences=True), merge_mode="concat"), folder)


@model("stacked cells, unrolled")
def unrolled(folder):
    inputs = keras.Input((5, 4), name="x")
    x = layers.RNN([layers.GRUCell(4), layers.LSTMCell(3)], return_sequences=True, unroll=True)(inputs)
    return exported(keras.Model(inputs, x), folder, floats(2, 5, 4))


@model("ids with padding, embedded and masked")
def masked(folder):
    inputs = keras.Input((None,), dtype="int32", name="ids")
    x = layers.Embedding(20, 6, mask_zero=True)(inputs)
    x = layers.Bidirectional(layers.GRU(5, return_sequences=True))(x)
    x = layers.LSTM(4)(x)
    ids = ints(3, 8, high=20)
    ids[0, 5:] = 0
    ids[1, 2:] = 0
    return exported(keras.Model(inputs, layers.Dense(3, activation="softmax")(x)), folder, ids)


@model("convolutions that remember")
def conv_lstm(folder):
    inputs = keras.Input((None, 6, 6, 2), name="x")
    x = layers.ConvLSTM2D(3, 3, padding="same", return_sequences=True)(inputs)
    x = layers.TimeDistributed(layers.Conv2D(2, 3))(x)
    return exported(keras.Model(inputs, x), folder, floats(2, 4, 6, 6, 2))


@model("a decoder that feeds its own answer back until an end sign")
def greedy_decoder(folder):
    table = tf.Variable(floats(12, 8))
    own, other = tf.Variable(floats(8, 8, seed=2) / 3), tf.Variable(floats(8, 8, seed=3) / 3)
    head = tf.Variable(floats(8, 12, seed=4))

    @function(start=(tf.int32, [None]), steps=(tf.int32, []))
    def decode(start, steps):
        batch = tf.shape(start)[0]
        written = tf.TensorArray(tf.int32, size=0, dynamic_size=True, element_shape=[None])
        state, token, done = tf.zeros([batch, 8]), start, tf.zeros([batch], tf.bool)
        for step in tf.range(steps):
            if tf.reduce_all(done):
                break
            state = tf.tanh(state @ own + tf.gather(table, token) @ other)
            token = tf.where(done, 0, tf.argmax(state @ head, -1, output_type=tf.int32))
            done = tf.logical_or(done, tf.equal(token, 3))
            written = written.write(step, token)
        return {"tokens": tf.transpose(written.stack()), "state": state}

    calls = [("decode", {"start": np.array([1, 5, 7], np.int32), "steps": np.int32(n)}) for n in (1, 6)]
    return saved(folder, calls, table, own, other, head, decode=decode)

