"""Writes ops/examples.json: serialized examples, raw bytes, CSV, and what TensorFlow makes of them."""

from make_ops import HERE, add, np, random, tf, write


def texts(values, shape=None):
    """An array of byte strings; numpy's own type would drop zeros at the end."""
    array = np.array([*values, None], dtype=object)[:-1]
    return array if shape is None else array.reshape(shape)


def one(value):
    return np.array(value, dtype=object)


def example(**features):
    """A serialized example; the type of a feature's array is that of its list."""
    message = tf.train.Example()
    for name, values in features.items():
        array = np.asarray(values)
        kind = "bytes_list" if array.dtype == object else "float_list" if array.dtype.kind == "f" else "int64_list"
        target = getattr(message.features.feature[name], kind)
        target.SetInParent()
        target.value.extend(array.tolist())
    return message.SerializeToString(deterministic=True)


ROWS = [
    example(age=np.array([31]), scores=np.float32([0.5, -1.5]), tags=texts([b"a", b"", b"\xff\x00"]), history=np.array([1, -2, 2**62, 4])),
    example(age=np.array([7]), tags=texts([]), history=np.array([], np.int64)),
    example(scores=np.float32([np.inf, 3e-39]), history=np.array([-(2**63), 2**63 - 1])),
    b"",
]
AGE = (tf.int64, [], np.int64(-1))
SCORES = (tf.float32, [2], np.float32([7, 8]))
HISTORY = (tf.int64, [None], np.int64(-9))
PAIRS = (tf.int64, [None, 2], np.int64(0))
TAGS = (tf.string, [None], one(b"none"))
DENSE = {"age": AGE, "scores": SCORES, "tags": TAGS, "history": HISTORY}


def dense_of(features):
    keys, defaults = list(features), [default for _, _, default in features.values()]
    return keys, defaults, [shape for _, shape, _ in features.values()]


def parse_v2(name, serialized, dense={}, sparse={}, ragged={}):
    keys, defaults, shapes = dense_of(dense)
    names = {
        "sparse_keys": texts([k.encode() for k in sparse]),
        "dense_keys": texts([k.encode() for k in keys]),
        "ragged_keys": texts([k.encode() for k in ragged]),
    }
    attributes = {
        "num_sparse": len(sparse),
        "sparse_types": list(sparse.values()),
        "ragged_value_types": [value for value, _ in ragged.values()],
        "ragged_split_types": [split for _, split in ragged.values()],
        "dense_shapes": shapes,
    }
    inputs = {"serialized": serialized, "names": texts([]), **names, "dense_defaults": defaults}
    add("ParseExampleV2", inputs, attributes, name=f"ParseExampleV2 {name}")


def parse_v1(name, serialized, dense={}, sparse={}):
    keys, defaults, shapes = dense_of(dense)
    inputs = {
        "serialized": serialized,
        "names": texts([]),
        "sparse_keys": [one(k.encode()) for k in sparse],
        "dense_keys": [one(k.encode()) for k in keys],
        "dense_defaults": defaults,
    }
    attributes = {"sparse_types": list(sparse.values()), "dense_shapes": shapes}
    add("ParseExample", inputs, attributes, name=f"ParseExample {name}")


def parse_single(name, serialized, dense={}, sparse={}):
    keys, defaults, shapes = dense_of(dense)
    attributes = {
        "num_sparse": len(sparse),
        "sparse_keys": list(sparse),
        "dense_keys": keys,
        "sparse_types": list(sparse.values()),
        "dense_shapes": shapes,
    }
    add("ParseSingleExample", {"serialized": one(serialized), "dense_defaults": defaults}, attributes, name=f"ParseSingleExample {name}")


def parsing():
    sparse = {"tags": tf.string, "scores": tf.float32, "history": tf.int64}
    ragged = {"tags": (tf.string, tf.int32), "scores": (tf.float32, tf.int64), "history": (tf.int64, tf.int64)}
    batches = {"batch": texts(ROWS), "one": texts(ROWS[:1]), "none": texts([]), "empty ones": texts([b"", b""])}
    for kind, serialized in batches.items():
        parse_v2(f"dense {kind}", serialized, dense=DENSE)
        parse_v2(f"sparse {kind}", serialized, sparse=sparse)
        parse_v2(f"ragged {kind}", serialized, ragged=ragged)
        parse_v1(kind, serialized, dense={"history": HISTORY, "age": AGE}, sparse={"tags": tf.string, "scores": tf.float32})
    mixed = {"dense": {"age": AGE, "history": PAIRS}, "sparse": {"tags": tf.string}, "ragged": {"scores": (tf.float32, tf.int64)}}
    parse_v2("of all kinds", texts(ROWS), **mixed)
    for at, row in enumerate(ROWS):
        parse_v2(f"without a batch {at}", one(row), **mixed)
        parse_single(str(at), row, dense=DENSE)
        parse_single(f"sparse {at}", row, dense={"age": AGE, "history": PAIRS}, sparse={"scores": tf.float32, "tags": tf.string})
    required = {"age": (tf.int64, [1], np.zeros([0], np.int64)), "tags": (tf.string, [3], texts([]))}
    parse_v2("without defaults", texts(ROWS[:1]), dense=required)


def raw():
    data = random.integers(0, 256, (3, 16)).astype(np.uint8)
    # No float that is none.
    data[:, 3::4] &= 0x3F
    data[:, 1::2] &= 0x3F
    data[:, 0::4] &= 0x3F
    strings = texts([row.tobytes() for row in data])
    flags = texts([(row & 1).tobytes() for row in data])
    for dtype in [tf.float16, tf.float32, tf.float64, tf.int32, tf.uint16, tf.uint8, tf.int16, tf.int8, tf.int64, tf.complex64,
                  tf.complex128, tf.bool, tf.bfloat16]:
        for little in [True, False]:
            form = {"out_type": dtype, "little_endian": little}
            add("DecodeRaw", {"bytes": flags if dtype == tf.bool else strings}, form, name=f"DecodeRaw {dtype.name} {little}")
            if not dtype.is_complex and dtype != tf.bool:
                short = texts([strings[0], strings[1][:9], b""])
                inputs = {"input_bytes": short, "fixed_length": np.int32(8)}
                if dtype not in (tf.float16, tf.float32, tf.float64, tf.bfloat16):
                    add("DecodePaddedRaw", inputs, form, name=f"DecodePaddedRaw {dtype.name} {little}")
    add("DecodePaddedRaw", {"input_bytes": strings, "fixed_length": np.int32(24)}, {"out_type": tf.float32}, name="DecodePaddedRaw float32")
    add("DecodePaddedRaw", {"input_bytes": one(b"ab"), "fixed_length": np.int32(4)}, {"out_type": tf.uint8}, name="DecodePaddedRaw of one")
    add("DecodeRaw", {"bytes": one(b"abcd")}, {"out_type": tf.uint16}, name="DecodeRaw of one")
    add("DecodeRaw", {"bytes": texts([b"", b""])}, {"out_type": tf.float32}, name="DecodeRaw of nothing")
    add("DecodeRaw", {"bytes": texts([])}, {"out_type": tf.int16}, name="DecodeRaw of none")
    add("DecodeRaw", {"bytes": texts([b"ab", b"cd"], (2, 1))}, {"out_type": tf.int8}, name="DecodeRaw of a column")


def csv():
    number, text, real = np.array([-1], np.int32), texts([b"default"]), np.array([1.5], np.float32)
    cases = {
        "numbers": ([b"1,2", b" 3 ,4e3", b",0x10", b"-7,inf"], [number, real], {}),
        "quotes": ([b'1,"a,b""c"', b'2,""', b'"3","x\ny"', b"4,", b",  b "], [number, text], {}),
        "no quotes": ([b'1,"a,b"'], [number, text, text], {"use_quote_delim": False}),
        "another delimiter": ([b"1\tNA", b"NA\tb", b'\t"NA"'], [number, text], {"field_delim": "\t", "na_value": "NA"}),
        "some columns": ([b"1,2,3", b"4,,"], [number, text], {"select_cols": [0, 2]}),
        "required": ([b"1,a"], [np.zeros(0, np.int32), texts([])], {}),
        "scalar defaults": ([b",x"], [np.int32(5), one(b"y")], {}),
        "wide": ([b"9223372036854775807,0.1"], [np.array([0], np.int64), np.array([0.0])], {}),
        "none": ([], [number, text], {}),
    }
    for name, (records, defaults, attributes) in cases.items():
        add("DecodeCSV", {"records": texts(records), "record_defaults": defaults}, attributes, name=f"DecodeCSV {name}")
    grid = texts([b"1,a", b"2,b"], (2, 1))
    add("DecodeCSV", {"records": grid, "record_defaults": [number, text]}, name="DecodeCSV of a column")
    add("DecodeCSV", {"records": one(b"1,a"), "record_defaults": [number, text]}, name="DecodeCSV of one")


if __name__ == "__main__":
    write(HERE / "ops" / "examples.json", [parsing, raw, csv])
