"""Writes ops/text.json: operations on strings, and what TensorFlow makes of them."""

from make_ops import HERE, add, np, random, tf, write

ODD = ["", " ", "héllo wörld", "日本語 テキスト", "😀 emoji", "tab\tand\nnewline", "ÀÉÎ straße", "x" * 70]
BAD = [b"\xff", b"a\xffb", b"\xe2\x82", b"\xed\xa0\x80z", b"\xc3\xa9\x80\x80", b"\xf4\x90\x80\x80", b"\x00\x01"]


def strings(values, shape=None):
    """An array of byte strings; numpy's own type would drop zeros at the end."""
    array = np.array([v.encode() if isinstance(v, str) else v for v in values] + [None], dtype=object)[:-1]
    return array.reshape(shape if shape is not None else (len(values),))


def text(value):
    return np.array(value.encode() if isinstance(value, str) else value, dtype=object)


ALL = strings(ODD + BAD)
SOME = strings(["Hello World", "", "a"])


def characters():
    for encoding in ["", "utf-8"]:
        add("StringLower", {"input": ALL}, {"encoding": encoding}, name=f"StringLower '{encoding}'")
        add("StringUpper", {"input": ALL}, {"encoding": encoding}, name=f"StringUpper '{encoding}'")
    add("StringLower", {"input": strings(["İIΣΑΣ Σ", "ǅ"])}, {"encoding": "utf-8"}, name="StringLower special")
    add("StringUpper", {"input": strings(["ǆﬁά", "ŉ"])}, {"encoding": "utf-8"}, name="StringUpper special")
    add("StringStrip", {"input": strings(["  a b\t\n\v\f\r ", "\u00a0a", "", " \n", "x"])})
    for unit in ["BYTE", "UTF8_CHAR"]:
        add("StringLength", {"input": ALL}, {"unit": unit}, name=f"StringLength {unit}")
        for position, length in [(0, 3), (1, 2), (-1, 1), (-1, 100), (1, 0), (1, -1)]:
            long = strings(["hello", "héllo wörld", "日本語", b"\xc3\xa9\x80a\xff", b"\xe2ab"])
            inputs = {"input": long, "pos": np.int32(position), "len": np.int32(length)}
            add("Substr", inputs, {"unit": unit}, name=f"Substr {unit} {position} {length}")
    grid = strings(["abc", "def", "ghi", "jkl"], (2, 2))
    add("Substr", {"input": grid, "pos": np.array([0, 1], np.int64), "len": np.array([1, 2], np.int64)}, name="Substr rows")
    columns = {"pos": np.array([[0], [1]], np.int32), "len": np.array([[1], [2]], np.int32)}
    add("Substr", {"input": strings(["abc", "def"]), **columns}, name="Substr columns")
    add("Substr", {"input": text("abcde"), "pos": np.array([0, 1], np.int32), "len": np.array([2, 2], np.int32)}, name="Substr of one")
    add("Substr", {"input": strings([]), "pos": np.int32(1), "len": np.int32(1)}, name="Substr of none")
    for op in ["StringLower", "StringStrip", "StringLength"]:
        add(op, {"input": strings([])}, name=f"{op} of none")
        add(op, {"input": text(" Ab ")}, name=f"{op} of a scalar")
    for op in ["Equal", "NotEqual"]:
        add(op, {"x": strings(["a", "", "ab", b"\xff"]), "y": strings(["a", "", "b", b"\xff"])}, name=f"{op} strings")
        add(op, {"x": grid, "y": text("abc")}, name=f"{op} strings with one")
        add(op, {"x": strings([], (0, 2)), "y": strings(["a", "b"])}, name=f"{op} no strings")


def moving():
    grid = strings(["a", "", "c", "d", b"\xff", "f"], (2, 3))
    add("Reshape", {"tensor": grid, "shape": np.array([3, -1], np.int32)}, name="Reshape strings")
    add("ExpandDims", {"input": grid, "axis": np.int32(1)}, name="ExpandDims strings")
    add("Squeeze", {"input": grid.reshape(2, 1, 3)}, name="Squeeze strings")
    add("GatherV2", {"params": grid, "indices": np.array([2, 0], np.int32), "axis": np.int32(1)}, name="GatherV2 strings")
    add("SelectV2", {"condition": np.array([True, False, True]), "t": grid, "e": text("")}, name="SelectV2 strings")
    add("Select", {"condition": np.array([True, False]), "x": grid, "y": grid[::-1].copy()}, name="Select strings")
    add("Pad", {"input": grid, "paddings": np.array([[1, 0], [0, 2]], np.int32)}, name="Pad strings")
    add("PadV2", {"input": grid, "paddings": np.array([[0, 1], [1, 0]], np.int32), "constant_values": text("-")}, name="PadV2 strings")
    add("Slice", {"input": grid, "begin": np.array([0, 1], np.int32), "size": np.array([2, -1], np.int32)}, name="Slice strings")
    span = {"begin": np.array([0, 0], np.int32), "end": np.array([0, 0], np.int32), "strides": np.array([1, -1], np.int32)}
    add("StridedSlice", {"input": grid, **span}, {"begin_mask": 3, "end_mask": 3}, name="StridedSlice strings")
    add("Pack", {"values": [strings(["a", ""]), strings(["c", "d"])]}, {"axis": 1}, name="Pack strings")
    add("Unpack", {"value": grid}, {"num": 3, "axis": 1}, name="Unpack strings")
    add("Tile", {"input": grid, "multiples": np.array([2, 1], np.int32)}, name="Tile strings")
    add("Split", {"axis": np.int32(1), "value": grid}, {"num_split": 3}, name="Split strings")
    add("Fill", {"dims": np.array([2, 2], np.int32), "value": text("x")}, name="Fill strings")
    add("BroadcastTo", {"input": grid, "shape": np.array([2, 2, 3], np.int32)}, name="BroadcastTo strings")
    add("ZerosLike", {"x": grid}, name="ZerosLike strings")
    add("Identity", {"input": grid}, name="Identity strings")
    add("Shape", {"input": grid}, name="Shape of strings")


def joins():
    add("StringJoin", {"inputs": [strings(["a", "b"]), text("c"), strings(["", "é"])]}, {"separator": "-"})
    add("StringJoin", {"inputs": [text("a"), text("b")]}, name="StringJoin scalars")
    add("StringJoin", {"inputs": [strings([]), text("b")]}, name="StringJoin none")
    grid = strings(["a", "b", "c", "d"], (2, 2))
    for axes in [[0], [1], [0, 1], [1, 0], [-1], []]:
        add("ReduceJoin", {"inputs": grid, "reduction_indices": np.array(axes, np.int32)}, {"separator": "-"}, name=f"ReduceJoin {axes}")
    cube = {"inputs": strings("abcdefgh", (2, 2, 2)), "reduction_indices": np.array([2, 0], np.int32)}
    add("ReduceJoin", cube, {"keep_dims": True}, name="ReduceJoin kept")
    add("ReduceJoin", {"inputs": strings([], (0, 2)), "reduction_indices": np.array([0], np.int32)}, name="ReduceJoin of none")
    add("ReduceJoin", {"inputs": strings([], (2, 0)), "reduction_indices": np.array([0], np.int32)}, name="ReduceJoin to none")
    segments = {"segment_ids": np.array([1, 0, 1], np.int32), "num_segments": np.int32(3)}
    add("UnsortedSegmentJoin", {"inputs": strings("abc"), **segments}, {"separator": "."})
    add("UnsortedSegmentJoin", {"inputs": strings("abcdef", (3, 2)), **segments}, name="UnsortedSegmentJoin rows")
    numbers = [np.arange(10), np.arange(100).reshape(10, 10), np.float32([1.5, 0.1, 1e20, 1e-7, 123456789, np.nan, -np.inf]),
               np.float64([0.1, 1 / 3]), np.array(5), np.array([True, False]), np.zeros([0]), np.int8([-1]), np.uint8([250])]
    words = [strings(['a"b', "x\n\té", b"\xff\x01\\'"]), text("one")]
    for limit in [3, -1, 1]:
        for number, value in enumerate([*numbers, *words, np.arange(24).reshape(2, 3, 4)]):
            add("StringFormat", {"inputs": [value]}, {"template": "<%s>", "placeholder": "%s", "summarize": limit}, name=f"StringFormat {number} {limit}")
    several = {"template": "{} and {}", "placeholder": "{}"}
    add("StringFormat", {"inputs": [np.int32(1), text("x")]}, several, name="StringFormat several")
    add("StringFormat", {"inputs": []}, {"template": "as it is"}, name="StringFormat none")


def splits():
    lines = strings([" a b  c ", "", "one", "a,b;c,;", "a<>b<><>c", "x\ty\vz\n", "日本 é", "   "])
    for delimiter in ["", " ", ",;", "<>"]:
        for skip in [True, False]:
            add("StringSplit", {"input": lines, "delimiter": text(delimiter)}, {"skip_empty": skip}, name=f"StringSplit '{delimiter}' {skip}")
    for separator in ["", " ", ",", "<>", "é"]:
        for limit in [-1, 0, 1, 2, 3, -5]:
            add("StringSplitV2", {"input": lines, "sep": text(separator)}, {"maxsplit": limit}, name=f"StringSplitV2 '{separator}' {limit}")
    add("StringSplitV2", {"input": strings([]), "sep": text("")}, name="StringSplitV2 of none")
    data = {"data": strings(["a", "b", "c", "d", "é"]), "data_splits": np.array([0, 3, 3, 4, 5], np.int64)}
    for widths in [[1], [2], [3, 2], [5, 6], [1, 2, 3]]:
        for pad_width in [0, -1, 1, 5]:
            for left, right in [("", ""), ("<", ">")]:
                for preserve in [False, True]:
                    attributes = {"separator": "|", "ngram_widths": widths, "left_pad": left, "right_pad": right,
                                  "pad_width": pad_width, "preserve_short_sequences": preserve}
                    add("StringNGrams", data, attributes, name=f"StringNGrams {widths} {pad_width} {left} {preserve}")
    none = {"separator": " ", "ngram_widths": [2], "left_pad": "", "right_pad": "", "pad_width": 0, "preserve_short_sequences": False}
    add("StringNGrams", {"data": strings([]), "data_splits": np.array([0], np.int32)}, none, name="StringNGrams no rows")
    add("StringNGrams", {"data": strings([]), "data_splits": np.array([], np.int32)}, none, name="StringNGrams no splits")


def expressions():
    cases = [("l+", "<\\0>"), ("(l)(o)?", "[\\2\\1]"), ("", "-"), ("l", "\\3"), ("l", "\\"), ("l", "\\x"), ("a*", "x"), ("b", "\\\\"),
             ("[!\"#$%&()\\*\\+,-\\./:;<=>?@\\[\\\\\\]^_`{|}~\\']", ""), ("\\s+", " "), ("(?i)HELLO", "bye"), ("^h|d$", "#"), ("\\pL", "L"),
             ("[^a-z ]", ""), ("\\bw", "W"), ("é|日", "*"), ("(a|ab)(c|bcd)", "\\2"), ("x{2,3}", "y"), ("(?P<n>o)", "0\\1")]
    inputs = strings(["hello world", "", "baaac", "Hello, World! (1+1=2) [x] ~'\"", "héllo日本", "abcd", "xxxxx", "a\nb  c"])
    for pattern, rewrite in cases:
        for everywhere in [True, False]:
            attributes = {"pattern": pattern, "rewrite": rewrite, "replace_global": everywhere}
            add("StaticRegexReplace", {"input": inputs}, attributes, name=f"StaticRegexReplace {pattern} {rewrite} {everywhere}")
    add("RegexReplace", {"input": inputs, "pattern": text("o"), "rewrite": text("0")})
    add("StaticRegexReplace", {"input": strings(BAD)}, {"pattern": "[!-/]", "rewrite": ""}, name="StaticRegexReplace what is no text")
    for pattern in ["hel.*", "", "a|abcd", "(?s)a.*", ".*", "\\pL+", "(?i)HELLO WORLD", "[^é]*"]:
        add("StaticRegexFullMatch", {"input": inputs}, {"pattern": pattern}, name=f"StaticRegexFullMatch {pattern}")
    add("RegexFullMatch", {"input": inputs, "pattern": text("x+")})
    add("RegexFullMatch", {"input": strings([]), "pattern": text("x+")}, name="RegexFullMatch of none")


def numbers():
    floats = ["1", " 1 ", "+1", "-0", "0x10", "0x1p3", "-0X1.8p1", "0x1.", "1e400", "-1e400", "inf", "-Infinity", "nan", "NaN(1)", "1.", ".5",
              "1e5", "\t1\n", "1e-400", "99999999999999999999", "1.5e+3", "3.4028236e38", "0.1", "16777217", "1e-45", "2.2250738585072014e-308"]
    for dtype in [tf.float32, tf.float64]:
        add("StringToNumber", {"string_tensor": strings(floats)}, {"out_type": dtype}, name=f"StringToNumber {dtype.name}")
    integers = ["1", " 12\n", "+7", "00012", "2147483647"]
    for dtype in [tf.int32, tf.int64, tf.uint32, tf.uint64]:
        add("StringToNumber", {"string_tensor": strings(integers)}, {"out_type": dtype}, name=f"StringToNumber {dtype.name}")
    large = strings(["-9223372036854775808", "9223372036854775807", "-1"])
    add("StringToNumber", {"string_tensor": large}, {"out_type": tf.int64}, name="StringToNumber least")
    add("StringToNumber", {"string_tensor": strings([], (0, 2))}, name="StringToNumber of none")
    values = {
        "float32": np.float32([1.5, -0.0, 1e20, 0.1, np.inf, -np.inf, np.nan, 1e-10, 123456.789, 9.9999995]),
        "float64": np.float64([0.1, 0.125, 0.375, 2.5, 3.5, 1e22, 1e300, 999999.5, 0.0001, 0.00001]),
        "int32": np.int32([1, -5, 0]),
        "int64": np.int64([2**62, -(2**63)]),
        "uint64": np.uint64([2**63]),
        "uint8": np.uint8([200]),
        "int8": np.int8([-3]),
        "bool": np.array([True, False]),
        "string": strings(["ab", "", "é"]),
    }
    shapes = [{}, {"precision": 2}, {"precision": 0}, {"scientific": True}, {"shortest": True}, {"width": 8}, {"width": 8, "fill": "0"},
              {"width": 8, "fill": "-"}, {"width": 8, "fill": "+"}, {"width": 8, "fill": " "}, {"fill": "+"}, {"scientific": True, "precision": 3},
              {"shortest": True, "precision": 3}, {"width": 20, "precision": 10, "fill": "0"}, {"scientific": True, "precision": 0}]
    for dtype, value in values.items():
        for attributes in shapes:
            if dtype[:3] in ("int", "uin", "boo") and set(attributes) & {"precision", "scientific", "shortest"}:
                continue
            add("AsString", {"input": value}, attributes, name=f"AsString {dtype} {attributes}")
    add("AsString", {"input": np.zeros([0, 2], np.float32)}, name="AsString of none")


def hashes():
    random.bytes(1)
    every = strings([random.bytes(n) for n in range(200)] + ["", "a", "日本語", "x" * 1000])
    add("StringToHashBucketFast", {"input": every}, {"num_buckets": 2**63 - 1})
    add("StringToHashBucket", {"string_tensor": every}, {"num_buckets": 2**63 - 1})
    add("StringToHashBucketStrong", {"input": every}, {"num_buckets": 2**63 - 1, "key": [1, -2]})
    add("StringToHashBucketFast", {"input": ALL}, {"num_buckets": 7}, name="StringToHashBucketFast 7")
    add("StringToHashBucketStrong", {"input": ALL}, {"num_buckets": 1, "key": [0, 0]}, name="StringToHashBucketStrong 1")
    for pad in [True, False]:
        encoded = strings([random.bytes(n) for n in range(30)] + ODD)
        add("EncodeBase64", {"input": encoded}, {"pad": pad}, name=f"EncodeBase64 {pad}")
        add("DecodeBase64", {"input": tf.raw_ops.EncodeBase64(input=encoded, pad=pad).numpy()}, name=f"DecodeBase64 {pad}")


def unicode():
    wide = strings(["é日😀".encode("utf-16-be"), b"\x00a\xd8\x00\x00b", b"\xdc\x00\x00a", b"\x00a\x00", "", b"\xfe\xff\x00a"])
    widest = strings(["é日😀".encode("utf-32-be"), b"\x00\x00\x00a\x00\x11\x00\x00", b"\x00\x00\xd8\x00", b"\x00\x00a"])
    sources = {"UTF-8": ALL, "UTF-16-BE": wide, "UTF-32-BE": widest, "US-ASCII": ALL, "ISO-8859-1": ALL}
    for encoding, given in sources.items():
        for errors in ["replace", "ignore"]:
            for controls in [True, False]:
                policy = {"errors": errors, "replacement_char": 63 if controls else 0xFFFD, "replace_control_characters": controls}
                name = f"{encoding} {errors} {controls}"
                add("UnicodeDecode", {"input": given}, {"input_encoding": encoding, **policy}, name=f"UnicodeDecode {name}")
                add("UnicodeDecodeWithOffsets", {"input": given}, {"input_encoding": encoding, **policy}, name=f"UnicodeDecodeWithOffsets {name}")
                for target in ["UTF-8", "UTF-16-BE", "UTF-32-BE"]:
                    attributes = {"input_encoding": encoding, "output_encoding": target, **policy}
                    add("UnicodeTranscode", {"input": given}, attributes, name=f"UnicodeTranscode {name} {target}")
    add("UnicodeDecode", {"input": strings([])}, {"input_encoding": "UTF-8", "Tsplits": tf.int32}, name="UnicodeDecode of none")
    points = {"input_values": np.array([104, 233, 0x65E5, 0x1F600, 0xD800, 0x110000, -1, 97], np.int32),
              "input_splits": np.array([0, 2, 2, 4, 8], np.int64)}
    for target in ["UTF-8", "UTF-16-BE", "UTF-32-BE"]:
        for errors in ["replace", "ignore"]:
            add("UnicodeEncode", points, {"output_encoding": target, "errors": errors}, name=f"UnicodeEncode {target} {errors}")
    letters = np.array([97, 0x3B1, 0x416, 0x65E5, 0x3042, 0x20, 0x1F600, -1, 0x110000, 0xD800, 0x964, 0x300, 0x5D0, 0xE01], np.int32)
    add("UnicodeScript", {"input": letters})


if __name__ == "__main__":
    write(HERE / "ops" / "text.json", [characters, moving, joins, splits, expressions, numbers, hashes, unicode])
