"""Graphs that are programs: branches, loops, every dtype, mathematics."""

import keras
import numpy as np
import tensorflow as tf

from catalogue import Module, floats, function, ints, model, rng, saved, shaken


@model("a loop until a condition holds")
def while_loop(folder):
    @function(x=(tf.float32, [None]))
    def work(x):
        def more(i, y):
            return tf.logical_and(i < 50, tf.reduce_max(tf.abs(y)) > 0.1)

        steps, y = tf.while_loop(more, lambda i, y: (i + 1, y * 0.7), [0, x])
        return {"steps": steps, "y": y}

    return saved(folder, [("work", {"x": floats(4, scale=3)}), ("work", {"x": np.zeros(2, np.float32)})], work=work)


@model("branches of branches, a switch with many cases")
def cond(folder):
    bias = tf.Variable([1.0, 2.0])

    @function(x=(tf.float32, [2]), k=(tf.int32, []))
    def work(x, k):
        y = tf.cond(k > 0, lambda: tf.cond(k > 2, lambda: x + bias, lambda: x * bias), lambda: -x)
        z = tf.switch_case(k, {0: lambda: x, 1: lambda: x * 2.0, 2: lambda: x * 5.0}, default=lambda: x - 1.0)
        return {"y": y, "z": z}

    return saved(folder, [("work", {"x": floats(2), "k": np.int32(k)}) for k in (-1, 0, 1, 2, 5)], bias, work=work)


@model("map, scan, fold, and a loop over ragged work")
def higher_order(folder):
    @function(x=(tf.float32, [None, 3]))
    def work(x):
        fibonacci = tf.TensorArray(tf.int64, size=10)
        a, b = tf.constant(0, tf.int64), tf.constant(1, tf.int64)
        for i in tf.range(10):
            fibonacci = fibonacci.write(i, a)
            a, b = b, a + b
        lengths = tf.cast(tf.abs(x[:, 0]) * 3, tf.int32)
        triangles = tf.map_fn(lambda n: tf.reduce_sum(tf.range(n + 1)), lengths)
        return {
            "fibonacci": fibonacci.stack(),
            "triangles": triangles,
            "running": tf.scan(lambda total, row: total * 0.5 + row, x, initializer=tf.ones([3])),
            "products": tf.foldr(lambda total, row: total * row, x),
            "vectorized": tf.vectorized_map(lambda row: tf.reduce_sum(row) * row, x),
            "unrolled": tf.stack([x[:, i] ** 2.0 for i in range(3)], 1),
        }

    return saved(folder, [("work", {"x": floats(4, 3)})], work=work)


@model("beam search")
def beam_search(folder):
    scores = tf.Variable(floats(6, 6))
    # Else two orders of the same steps are equally good.
    by_step = tf.Variable(floats(4, 6, seed=2))

    @function(start=(tf.int32, [None]), steps=(tf.int32, []))
    def search(start, steps):
        batch, beams = tf.shape(start)[0], 3
        tokens = tf.tile(start[:, None, None], [1, beams, 1])
        totals = tf.tile(tf.constant([[0.0, -1e9, -1e9]]), [batch, 1])

        def step(i, tokens, totals):
            following = tf.nn.log_softmax(tf.gather(scores, tokens[:, :, -1]) + by_step[i])
            flat = tf.reshape(totals[:, :, None] + following, [batch, -1])
            totals, best = tf.math.top_k(flat, beams)
            kept = tf.gather(tokens, best // 6, batch_dims=1)
            return i + 1, tf.concat([kept, (best % 6)[:, :, None]], 2), totals

        shapes = [tf.TensorShape([]), tf.TensorShape([None, 3, None]), tf.TensorShape([None, 3])]
        _, tokens, totals = tf.while_loop(lambda i, *_: i < steps, step, [0, tokens, totals], shape_invariants=shapes)
        return {"tokens": tokens, "totals": totals}

    return saved(folder, [("search", {"start": np.array([0, 4], np.int32), "steps": np.int32(4)})], scores, by_step, search=search)


NUMERIC = [tf.float32, tf.float64, tf.float16, tf.bfloat16, tf.int8, tf.int16, tf.int32, tf.int64, tf.uint8, tf.uint16, tf.uint32, tf.uint64]


@model("every dtype, in and out")
def dtypes(folder):
    @function(x=(tf.float32, [None]), big=(tf.int64, [None]), flags=(tf.bool, [None]), words=(tf.string, [None]), exact=(tf.float64, [None]), small=(tf.uint8, [None]))
    def work(x, big, flags, words, exact, small):
        casts = {f"to_{dtype.name}": tf.cast(tf.cast(tf.abs(x) * 10.0, tf.int32), dtype) for dtype in NUMERIC if dtype not in (tf.float16, tf.bfloat16)}
        halves = {f"from_{dtype.name}": tf.cast(tf.cast(x, dtype) * tf.cast(1.5, dtype), tf.float32) for dtype in (tf.float16, tf.bfloat16)}
        return {
            **casts,
            **halves,
            "big": big * 3 + tf.constant(2**53 + 1, tf.int64),
            "flags": tf.math.logical_xor(flags, x > 0),
            "words": tf.strings.join([words, words]),
            "exact": tf.math.log1p(tf.abs(exact)) / 3.0,
            "small": tf.bitwise.left_shift(small, tf.constant(1, tf.uint8)) | tf.constant(1, tf.uint8),
            "chosen": tf.where(flags, big, -big),
            "mod": tf.math.floormod(big, 7),
        }

    given = {
        "x": floats(5, scale=4), "big": np.array([2**53 + 1, -(2**60), 0, 7, 2**62], np.int64),
        "flags": np.array([True, False, True, True, False]), "words": np.array([b"a", b"", b"\xff\x00", b"d", b"e"], object),
        "exact": floats(5).astype(np.float64), "small": ints(5, high=256, dtype=np.uint8),
    }
    return saved(folder, [("work", given)], work=work)


@model("reductions, sorting, scattering, segments, running sums")
def arrays(folder):
    @function(x=(tf.float32, [None, 4]), ids=(tf.int32, [None]))
    def work(x, ids):
        unique, index, count = tf.unique_with_counts(ids)
        return {
            "logsumexp": tf.reduce_logsumexp(x, 1),
            "variance": tf.math.reduce_variance(x, 0),
            "any": tf.reduce_any(x > 1, 0),
            "sorted": tf.sort(x, 1, "DESCENDING"),
            "order": tf.argsort(x, 1),
            "cumulative": tf.cumsum(x, 1, exclusive=True, reverse=True),
            "products": tf.math.cumprod(x, 0),
            "unique": unique,
            "index": index,
            "count": count,
            "segments": tf.math.unsorted_segment_mean(x, ids, 4),
            "scattered": tf.scatter_nd(ids[:, None], x, [5, 4]),
            "updated": tf.tensor_scatter_nd_max(tf.zeros([5, 4]), ids[:, None], x),
            "one_hot": tf.one_hot(ids, 4, on_value=2.0, off_value=-1.0),
            "gathered": tf.gather_nd(x, tf.stack([tf.zeros_like(ids), ids], 1)),
            "rolled": tf.roll(x, [1, -1], [0, 1]),
            "reversed": tf.reverse_sequence(x, ids + 1, 1, 0),
            "in_top": tf.math.in_top_k(ids, x, 2),
            "confusion": tf.math.confusion_matrix(ids, tf.reverse(ids, [0]), 4),
            "where": tf.where(x > 0.5),
            "masked": tf.boolean_mask(x, ids > 0),
            "mesh": tf.stack(tf.meshgrid(ids, ids), 0),
            "parts": tf.concat(tf.dynamic_partition(x, ids % 2, 2), 0),
            "norm": tf.linalg.l2_normalize(x, 1),
            "bins": tf.histogram_fixed_width(x, [-2.0, 2.0], 5),
            "buckets": tf.searchsorted(tf.sort(x[:, 0]), x[:, 1]),
            "band": tf.linalg.band_part(tf.matmul(x, x, transpose_b=True), 1, 0),
            "clipped": tf.clip_by_norm(x, 1.0),
            "space": tf.nn.depth_to_space(tf.reshape(x, [1, -1, 1, 4]), 2),
        }

    return saved(folder, [("work", {"x": floats(6, 4), "ids": np.array([0, 3, 1, 1, 2, 0], np.int32)})], work=work)


@model("the functions of mathematics")
def mathematics(folder):
    @function(x=(tf.float32, [None]))
    def work(x):
        positive = tf.abs(x) + 0.1
        return {
            "trigonometry": tf.sin(x) + tf.cos(x) * tf.tan(x) + tf.atan2(x, positive),
            "inverse": tf.asin(tf.tanh(x)) + tf.acos(tf.tanh(x)) + tf.atan(x),
            "hyperbolic": tf.sinh(x) + tf.asinh(x) + tf.acosh(positive + 1) + tf.atanh(tf.tanh(x) * 0.9),
            "exponential": tf.exp(x) + tf.math.expm1(x) + tf.math.log(positive) + tf.pow(positive, x),
            "error": tf.math.erf(x) + tf.math.erfc(x) + tf.math.erfinv(tf.tanh(x) * 0.9),
            "gamma": tf.math.lgamma(positive) + tf.math.digamma(positive),
            "rounded": tf.round(x * 2) + tf.floor(x) + tf.math.ceil(x) + tf.math.rint(x * 3) + tf.sign(x),
            "activations": tf.nn.gelu(x) + tf.nn.selu(x) + tf.nn.softsign(x) + tf.nn.silu(x) + tf.nn.crelu(x)[: tf.size(x)],
            "divided": tf.math.divide_no_nan(x, tf.nn.relu(x)) + tf.math.floordiv(x, positive) + tf.math.floormod(x, positive),
            "bessel": tf.math.bessel_i0e(x) + tf.math.xlogy(positive, positive),
            "moments": tf.stack(tf.nn.moments(x, [0])),
            "polynomial": tf.math.polyval([1.0, -2.0, 0.5], x),
            "finite": tf.math.is_finite(x / tf.nn.relu(x)),
            "squares": tf.math.squared_difference(x, 1.0) + tf.math.rsqrt(positive) + tf.math.reciprocal(positive),
        }

    return saved(folder, [("work", {"x": floats(9, scale=2)})], work=work)


@model("matrices: products, inverses, determinants, factors")
def matrices(folder):
    @function(x=(tf.float32, [None, 4, 4]))
    def work(x):
        symmetric = tf.matmul(x, x, transpose_a=True) + 2.0 * tf.eye(4)
        return {
            "inverse": tf.linalg.inv(symmetric),
            "determinant": tf.linalg.det(symmetric),
            "cholesky": tf.linalg.cholesky(symmetric),
            "solved": tf.linalg.solve(symmetric, x),
            "triangular": tf.linalg.triangular_solve(tf.linalg.cholesky(symmetric), x),
            "trace": tf.linalg.trace(x),
            "diagonal": tf.linalg.diag_part(x) + tf.linalg.diag_part(tf.linalg.diag(x[:, 0])),
            "einsum": tf.einsum("bij,bkj,k->bi", x, x, tf.range(4.0)),
            "outer": tf.tensordot(x[:, 0], x[:, 1], [[0], [0]]),
            "cross": tf.linalg.cross(x[..., :3], x[..., 1:]),
            "norms": tf.norm(x, axis=[1, 2]),
        }

    return saved(folder, [("work", {"x": floats(2, 4, 4)})], work=work)


@model("random numbers by seeds")
def seeded_random(folder):
    @function(seed=(tf.int32, [2]))
    def work(seed):
        return {
            "uniform": tf.random.stateless_uniform([5], seed),
            "normal": tf.random.stateless_normal([5], seed),
            "integers": tf.random.stateless_uniform([5], seed, 3, 99, tf.int32),
            "truncated": tf.random.stateless_truncated_normal([5], seed),
            "wide": tf.random.stateless_uniform([3], seed, None, None, tf.int64),
        }

    return saved(folder, [("work", {"seed": np.array([7, 9], np.int32)})], work=work)


@model("several signatures over one set of weights, nested functions")
def signatures(folder):
    module = Module()
    module.weights = tf.Variable(floats(3, 2))

    @tf.function
    def inner(x, depth):
        return x if depth == 0 else inner(tf.nn.relu(x @ module.weights) @ tf.transpose(module.weights), depth - 1)

    @function(x=(tf.float32, [None, 3]))
    def encode(x):
        return {"code": inner(x, 2) @ module.weights}

    @function(code=(tf.float32, [None, 2]))
    def decode(code):
        return {"x": code @ tf.transpose(module.weights)}

    @function(x=(tf.float32, [None, 3]), training=(tf.bool, []))
    def both(x, training):
        noise = tf.cond(training, lambda: x * 1.01, lambda: x)
        with tf.control_dependencies([tf.debugging.assert_all_finite(x, "finite"), tf.debugging.assert_rank(x, 2)]):
            return {"code": encode(noise)["code"], "same": tf.identity(x), "none": tf.zeros([0])}

    module.save(folder, encode=encode, decode=decode, both=both)
    return [
        ("encode", "encode", {"x": floats(2, 3)}),
        ("decode", "decode", {"code": floats(2, 2)}),
        ("both", "both", {"x": floats(2, 3), "training": np.bool_(True)}),
    ]


@model("fake quantization, as quantize-aware training leaves it")
def fake_quantized(folder):
    kernel = tf.Variable(floats(3, 3, 2, 4))

    @function(x=(tf.float32, [None, 8, 8, 2]))
    def work(x):
        quantized = tf.quantization.fake_quant_with_min_max_vars_per_channel(kernel, [-1.0] * 4, [1.0] * 4, narrow_range=True)
        y = tf.nn.conv2d(tf.quantization.fake_quant_with_min_max_args(x, -3, 3), quantized, 1, "SAME")
        y = tf.quantization.fake_quant_with_min_max_vars(tf.nn.relu6(y), 0.0, 6.0)
        return {"y": y, "both": tf.quantization.quantize_and_dequantize_v2(y, 0.0, 6.0)}

    return saved(folder, [("work", {"x": floats(1, 8, 8, 2)})], kernel, work=work)


@model("loops over ragged rows, and loops that make them")
def ragged_loops(folder):
    @function(values=(tf.float32, [None]), lengths=(tf.int64, [None]))
    def work(values, lengths):
        rows = tf.RaggedTensor.from_row_lengths(values, lengths)
        scaled = tf.map_fn(lambda row: row / (1.0 + tf.reduce_sum(row * row)), rows)
        counts = tf.map_fn(tf.range, lengths, fn_output_signature=tf.RaggedTensorSpec([None], tf.int64))
        sums = tf.map_fn(tf.reduce_sum, rows, fn_output_signature=tf.float32)
        return {"scaled": scaled.to_tensor(), "counts": counts.flat_values, "splits": counts.row_splits, "sums": sums}

    return saved(folder, [("work", {"values": floats(7), "lengths": np.int64([3, 0, 4])}), ("work", {"values": floats(1), "lengths": np.int64([1])})], work=work)


@model("sound: short-time spectra, mel scale, cepstra, and the way back")
def spectra(folder):
    @function(sound=(tf.float32, [None, None]))
    def work(sound):
        spectrum = tf.signal.stft(sound, 200, 80, 256)
        mel = tf.matmul(tf.abs(spectrum) ** 2.0, tf.signal.linear_to_mel_weight_matrix(20, 129, 8000))
        return {
            "decibels": 10.0 * tf.math.log(mel + 1e-3),
            "cepstra": tf.signal.mfccs_from_log_mel_spectrograms(tf.math.log(mel + 1e-3))[..., :13],
            "phase": tf.math.angle(spectrum * tf.exp(tf.complex(0.0, 1.0)))[:, 1:3, 5:40],
            "again": tf.signal.inverse_stft(spectrum, 200, 80, 256),
        }

    return saved(folder, [("work", {"sound": floats(2, 1000)})], work=work)


@model("a Keras model as tf.saved_model.save leaves it, whose restore graph knows no weights")
def saved_keras(folder):
    layers = [keras.layers.Conv2D(4, 3, activation="relu"), keras.layers.BatchNormalization(), keras.layers.GlobalAveragePooling2D()]
    network = shaken(keras.Sequential([keras.Input((8, 8, 3), name="images"), *layers, keras.layers.Dense(3, activation="softmax")]))
    tf.saved_model.save(network, str(folder))
    (name,) = tf.saved_model.load(str(folder)).signatures["serving_default"].structured_input_signature[1]
    return [("call", "serving_default", {name: floats(2, 8, 8, 3)})]


@model("a counter: state that calls change, which the portable engine refuses")
def counter(folder):
    count = tf.Variable(0)

    @function(x=(tf.int32, []))
    def work(x):
        return {"count": count.assign_add(x)}

    return saved(folder, [("work", {"x": np.int32(3)})], count, work=work)
