"""Text, vocabularies, tables and features."""

import os
import tempfile

import keras
from keras import layers
import numpy as np
import tensorflow as tf

from catalogue import Module, exported, floats, function, ints, model, saved, text

WORDS = ["the", "model", "serves", "good", "bad", "text", "of", "words"]
SENTENCES = text("The model serves GOOD text!", "bad, bad words", "", "unknown things of the day: 42")


def vectorized(folder, layer):
    if not layer.get_config()["vocabulary"]:
        layer.adapt(tf.constant(["the model serves good text", "bad words of text", "good good model"]))
    inputs = keras.Input((), dtype="string", name="text")
    return exported(keras.Model(inputs, layer(inputs)), folder, SENTENCES, SENTENCES[:1])


@model("a text classifier: TextVectorization, embedding, pooling")
def text_classifier(folder):
    vectorize = layers.TextVectorization(max_tokens=20, output_sequence_length=6)
    vectorize.adapt(tf.constant(["the model serves good text", "bad words of text"]))
    inputs = keras.Input((1,), dtype="string", name="text")
    x = layers.Embedding(20, 8, mask_zero=True)(vectorize(inputs))
    x = layers.GlobalAveragePooling1D()(x)
    return exported(keras.Model(inputs, layers.Dense(2, activation="softmax")(x)), folder, SENTENCES[:, None])


@model("TextVectorization to counts of n-grams")
def text_ngrams(folder):
    return vectorized(folder, layers.TextVectorization(ngrams=2, output_mode="count"))


@model("TextVectorization to tf-idf")
def text_tf_idf(folder):
    return vectorized(folder, layers.TextVectorization(output_mode="tf_idf"))


@model("TextVectorization by characters")
def text_characters(folder):
    return vectorized(folder, layers.TextVectorization(split="character", standardize="strip_punctuation"))


@model("TextVectorization to a multi-hot row, with a given vocabulary")
def text_multi_hot(folder):
    return vectorized(folder, layers.TextVectorization(output_mode="multi_hot", vocabulary=WORDS, pad_to_max_tokens=True, max_tokens=12))


@model("look-ups both ways, one-hot, hashing, crossing, discretizing")
def preprocessing_layers(folder):
    word, number, amount = keras.Input((1,), dtype="string", name="word"), keras.Input((1,), dtype="int64", name="number"), keras.Input((1,), name="amount")
    outputs = {
        "ids": layers.StringLookup(vocabulary=WORDS, num_oov_indices=2)(word),
        "hot": layers.StringLookup(vocabulary=WORDS, output_mode="one_hot")(word),
        "integers": layers.IntegerLookup(vocabulary=[3, 5, 9], output_mode="multi_hot")(number),
        "back": layers.IntegerLookup(vocabulary=[3, 5, 9], invert=True)(layers.IntegerLookup(vocabulary=[3, 5, 9])(number)),
        "hashed": layers.Hashing(7)(word),
        "salted": layers.Hashing(7, salt=[3, 4])(word),
        "crossed": layers.HashedCrossing(11)((word, number)),
        "bins": layers.Discretization([-1.0, 0.0, 2.5])(amount),
        "normal": layers.Normalization(mean=[1.0], variance=[4.0])(amount),
        "category": layers.CategoryEncoding(num_tokens=10, output_mode="one_hot")(number),
    }
    given = [text("model", "nothing")[:, None], np.array([[3], [9]], np.int64), np.array([[-0.5], [3]], np.float32)]
    return exported(keras.Model([word, number, amount], outputs), folder, given)


@model("vocabularies from files, static and growing tables, out-of-vocabulary buckets")
def tables(folder):
    with tempfile.TemporaryDirectory() as scratch:
        path = os.path.join(scratch, "words.tsv")
        with open(path, "w") as file:
            file.writelines(f"{word}\t{at * 10}\n" for at, word in enumerate(WORDS))
        files, columns = tf.lookup.TextFileInitializer, tf.lookup.TextFileIndex
        numbers = tf.lookup.StaticHashTable(files(path, tf.string, 0, tf.int64, 1), -1)
        lines = tf.lookup.StaticVocabularyTable(files(path, tf.string, 0, tf.int64, columns.LINE_NUMBER), 4)
        names = tf.lookup.StaticHashTable(files(path, tf.int64, columns.LINE_NUMBER, tf.string, 0), "?")
        dense = tf.lookup.experimental.DenseHashTable(tf.int64, tf.float32, 0.5, empty_key=-1, deleted_key=-2)
        dense.insert(tf.constant([1, 2], tf.int64), [10.0, 20.0])
        mutable = tf.lookup.experimental.MutableHashTable(tf.string, tf.int64, -7)
        mutable.insert(["model"], tf.constant([77], tf.int64))

        @function(words=(tf.string, [None, None]), ids=(tf.int64, [None]))
        def find(words, ids):
            return {
                "numbers": numbers.lookup(words),
                "lines": lines.lookup(words),
                "names": names.lookup(ids),
                "dense": dense.lookup(ids),
                "mutable": mutable.lookup(words),
                "size": numbers.size() + mutable.size(),
            }

        calls = [("find", {"words": np.reshape(text("the", "model", "strange", "words"), (2, 2)), "ids": np.array([1, 7, 99], np.int64)})]
        return saved(folder, calls, numbers, lines, names, dense, mutable, find=find)


@model("serialized tf.Examples in, classes and scores out")
def example_classifier(folder):
    dense = tf.Variable(floats(4, 3))

    @function(inputs=(tf.string, [None]))
    def classify(inputs):
        features = tf.io.parse_example(inputs, {
            "x": tf.io.FixedLenFeature([3], tf.float32),
            "weight": tf.io.FixedLenFeature([], tf.float32, 1.0),
            "tags": tf.io.VarLenFeature(tf.string),
            "ids": tf.io.FixedLenSequenceFeature([], tf.int64, allow_missing=True, default_value=-1),
            "row": tf.io.RaggedFeature(tf.int64),
        })
        x = tf.concat([features["x"], features["weight"][:, None]], 1)
        scores = tf.nn.softmax(x @ dense)
        classes = tf.tile(tf.constant([["a", "b", "c"]]), [tf.shape(scores)[0], 1])
        return {
            "scores": scores,
            "classes": classes,
            "tags": tf.sparse.to_dense(features["tags"], ""),
            "ids": features["ids"],
            "sums": tf.reduce_sum(features["row"], 1),
        }

    def example(**features):
        kinds = {bytes: "bytes_list", float: "float_list", int: "int64_list"}
        lists = {
            name: tf.train.Feature(**{kinds[type(values[0])]: _list(values)})
            for name, values in features.items()
        }
        return tf.train.Example(features=tf.train.Features(feature=lists)).SerializeToString(deterministic=True)

    given = np.array([
        example(x=[1.0, 2.0, 3.0], tags=[b"one", b"two"], ids=[4, 5, 6], row=[1, 2]),
        example(x=[0.5, -1.0, 0.0], weight=[3.0], ids=[7]),
        example(x=[0.0, 0.0, 0.0], tags=[b"three"], row=[9]),
    ], dtype=object)
    return saved(folder, [("classify", {"inputs": given}), ("classify", {"inputs": given[1:2]})], dense, classify=classify)


def _list(values):
    kind = {bytes: tf.train.BytesList, float: tf.train.FloatList, int: tf.train.Int64List}[type(values[0])]
    return kind(value=values)


@model("strings: split, joined, matched, measured, written as numbers")
def strings(folder):
    @function(x=(tf.string, [None]))
    def work(x):
        parts = tf.strings.split(tf.strings.lower(x), " ")
        return {
            "upper": tf.strings.upper(x),
            "length": tf.strings.length(x, unit="UTF8_CHAR"),
            "parts": parts.to_tensor("-"),
            "joined": tf.strings.reduce_join(parts, axis=-1, separator="+"),
            "replaced": tf.strings.regex_replace(x, r"([a-z]+)(\d*)", r"<\1>"),
            "matches": tf.strings.regex_full_match(x, r"\w+( \w+)*"),
            "part": tf.strings.substr(x, 0, 3),
            "hash": tf.strings.to_hash_bucket_fast(x, 1000),
            "strong": tf.strings.to_hash_bucket_strong(x, 1000, [1, 2]),
            "encoded": tf.io.encode_base64(x, pad=True),
            "characters": tf.strings.unicode_decode(x, "UTF-8").to_tensor(-1),
            "numbers": tf.strings.to_number(tf.strings.regex_replace(x, r"\D", "") + "0", tf.int64),
            "formatted": tf.strings.join(["n=", tf.strings.as_string(tf.strings.length(x))]),
            "ngrams": tf.strings.ngrams(parts, 2).to_tensor(""),
        }

    return saved(folder, [("work", {"x": text("Hello wörld 42", "a b3 c", "", "données ünï")})], work=work)


@model("wide and deep over sparse and dense features")
def wide_and_deep(folder):
    words = keras.Input((3,), dtype="string", name="words")
    numbers = keras.Input((4,), name="numbers")
    ids = layers.StringLookup(vocabulary=WORDS)(words)
    wide = layers.CategoryEncoding(num_tokens=len(WORDS) + 1, output_mode="multi_hot")(ids)
    deep = layers.Flatten()(layers.Embedding(len(WORDS) + 1, 4)(ids))
    deep = layers.Dense(8, activation="relu")(layers.Concatenate()([deep, layers.BatchNormalization()(numbers)]))
    outputs = layers.Dense(1, activation="sigmoid")(layers.Concatenate()([wide, deep]))
    given = [np.reshape(text("the", "good", "x", "model", "bad", "of"), (2, 3)), floats(2, 4)]
    return exported(keras.Model([words, numbers], outputs), folder, given)


@model("ragged rows: reduced, sorted out, embedded")
def ragged(folder):
    table = tf.Variable(floats(10, 4))

    @function(values=(tf.int64, [None]), splits=(tf.int64, [None]))
    def work(values, splits):
        rows = tf.RaggedTensor.from_row_splits(values, splits)
        vectors = rows.with_flat_values(tf.gather(table, rows.flat_values))
        return {
            "sums": tf.reduce_sum(rows, 1),
            "means": tf.reduce_mean(vectors, 1),
            "dense": rows.to_tensor(-1, shape=[None, 4]),
            "sparse": rows.to_sparse().indices,
            "long": tf.ragged.boolean_mask(rows, rows.row_lengths() > 1).to_tensor(),
            "joined": tf.concat([rows, rows], 1).to_tensor(),
            "first": rows[:, :1].to_tensor(),
            "bag": tf.nn.embedding_lookup_sparse(table, rows.to_sparse(), None, combiner="mean"),
        }

    return saved(folder, [("work", {"values": np.array([1, 2, 3, 4, 5], np.int64), "splits": np.array([0, 2, 3, 5], np.int64)})], table, work=work)
