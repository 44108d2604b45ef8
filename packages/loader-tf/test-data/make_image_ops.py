"""Writes ops/decoded.json: images in their files' formats, and what TensorFlow makes of them. Needs Pillow."""

import io
import struct
import zlib

from make_ops import HERE, add, np, random, tf, write
from PIL import Image

ADAM7 = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}


def one(value):
    """A scalar; numpy's own strings would drop zeros at the end."""
    return np.array(value, dtype=object)


def chunk(kind, content):
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def filtered(rows, pixel_bytes):
    """Each row with one of the five filters, in turn."""
    result, above = b"", None
    for number, row in enumerate(rows):
        row = row.astype(np.int32)
        up = np.zeros_like(row) if above is None else above
        left = np.concatenate([np.zeros(pixel_bytes, np.int32), row[:-pixel_bytes]])[: len(row)]
        corner = np.concatenate([np.zeros(pixel_bytes, np.int32), up[:-pixel_bytes]])[: len(row)]
        p = left + up - corner
        distances = np.abs(np.stack([p - left, p - up, p - corner]))
        guess = np.choose(np.argmin(distances, 0), [left, up, corner])
        kind = number % 5
        result += bytes([kind]) + ((row - [0 * row, left, up, (left + up) // 2, guess][kind]) & 255).astype(np.uint8).tobytes()
        above = row
    return result


def packed(samples, depth):
    """Rows of samples as rows of bytes."""
    rows = samples.reshape(samples.shape[0], -1)
    if depth == 16:
        return rows.astype(">u2").view(np.uint8).reshape(rows.shape[0], -1)
    if depth == 8:
        return rows.astype(np.uint8)
    bits = np.unpackbits(rows.astype(np.uint8)[..., None], axis=2)[:, :, 8 - depth :]
    return np.packbits(bits.reshape(rows.shape[0], -1), axis=1)


def png(samples, color, depth, interlaced=False, level=9, strategy=0, chunks=b""):
    height, width = samples.shape[:2]
    pixel_bytes = max(1, CHANNELS[color] * depth // 8)
    passes = [samples[y::dy, x::dx] for x, y, dx, dy in ADAM7] if interlaced else [samples]
    raw = b"".join(filtered(packed(part, depth), pixel_bytes) for part in passes if part.size)
    header = struct.pack(">IIBBBBB", width, height, depth, color, 0, 0, int(interlaced))
    packer = zlib.compressobj(level, strategy=strategy)
    data = packer.compress(raw) + packer.flush()
    half = len(data) // 2
    pixels = chunk(b"IDAT", data[:half]) + chunk(b"IDAT", data[half:])
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunks + pixels + chunk(b"IEND", b"")


def samples(height, width, color, depth):
    """Something between noise and a slope, so that every filter and every kind of code has work."""
    channels = CHANNELS[color]
    slope = np.add.outer(np.arange(height), np.arange(width))[..., None] * (2**depth - 1) // (height + width)
    noise = random.integers(0, max(2, 2**depth // 4), (height, width, channels))
    return (slope + noise) % 2**depth


def pngs():
    for color, depths in {0: [1, 2, 4, 8, 16], 2: [8, 16], 3: [1, 2, 4, 8], 4: [8, 16], 6: [8, 16]}.items():
        for depth in depths:
            image = samples(5, 7, color, depth)
            entries = random.integers(0, 256, 3 * 2**depth).astype(np.uint8).tobytes()
            palette = chunk(b"PLTE", entries) if color == 3 else b""
            clear = bytes([7, 200]) if color == 3 else image[1, 2].astype(">u2").tobytes()
            files = {"": png(image, color, depth, chunks=palette)}
            if color < 4:
                files[" transparent"] = png(image, color, depth, chunks=palette + chunk(b"tRNS", clear))
            for channels in [0, 1, 3, 4]:
                for dtype in [tf.uint8, tf.uint16]:
                    for kind, contents in files.items():
                        name = f"DecodePng {color} {depth} {channels} {dtype.name}{kind}"
                        add("DecodePng", {"contents": one(contents)}, {"channels": channels, "dtype": dtype}, name=name)
            for height, width in [(9, 11), (1, 1), (3, 2)]:
                contents = png(samples(height, width, color, depth), color, depth, True, chunks=palette)
                dtype = {"dtype": tf.uint16 if depth == 16 else tf.uint8}
                add("DecodePng", {"contents": one(contents)}, dtype, name=f"DecodePng {color} {depth} interlaced {height} {width}")
    gammas = {"sRGB": chunk(b"sRGB", b"\0"), "linear": chunk(b"gAMA", struct.pack(">I", 100000)), "2.2": chunk(b"gAMA", struct.pack(">I", 45455)),
              "0.7": chunk(b"gAMA", struct.pack(">I", 142857)), "none": chunk(b"gAMA", bytes(4))}
    for color, depth in [(2, 8), (2, 16), (6, 8), (3, 4)]:
        image = samples(7, 6, color, depth)
        palette = chunk(b"PLTE", entries[:48]) if color == 3 else b""
        for kind, gamma in gammas.items():
            for dtype in [tf.uint8, tf.uint16]:
                contents = png(image, color, depth, chunks=gamma + palette)
                name = f"DecodePng {color} {depth} {dtype.name} grey of gamma {kind}"
                add("DecodePng", {"contents": one(contents)}, {"channels": 1, "dtype": dtype}, name=name)
        add("DecodePng", {"contents": one(contents)}, name=f"DecodePng {color} {depth} of gamma")
    for level in [0, 1, 9]:
        for strategy in [zlib.Z_FIXED, zlib.Z_DEFAULT_STRATEGY]:
            contents = png(samples(20, 30, 2, 8) // 32 * 32, 2, 8, level=level, strategy=strategy)
            add("DecodePng", {"contents": one(contents)}, name=f"DecodePng level {level} strategy {strategy}")


def photo(height, width, channels=3):
    y, x = np.mgrid[0:height, 0:width]
    waves = [128 + 100 * np.sin(x / 7 + i) * np.cos(y / 5 + i * 2) for i in range(channels)]
    return np.clip(np.stack(waves, -1) + random.normal(0, 20, (height, width, channels)), 0, 255).astype(np.uint8)


def saved(pixels, kind="JPEG", mode=None, **options):
    image = pixels if isinstance(pixels, Image.Image) else Image.fromarray(pixels, mode)
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


# Samplings that Pillow writes.
KNOWN = ["4:4:4", "4:2:2", "4:2:0"]


def with_factors(contents, factors, height, width):
    """The same units under other sampling factors, which Pillow does not write: as many blocks, elsewhere."""
    marker = next(m for m in (b"\xff\xc0\x00\x11", b"\xff\xc2\x00\x11") if m in contents)
    at = contents.index(marker) + 5
    size = struct.pack(">HH", height, width)
    return contents[:at] + size + contents[at + 4 : at + 6] + bytes([factors]) + contents[at + 7 :]


def sampled(pixels, sampling, **options):
    height, width = pixels.shape[:2]
    if sampling == "4:4:0":
        return with_factors(saved(pixels, subsampling="4:2:2", **options), 0x12, width, height)
    if sampling == "4:1:1":
        return with_factors(saved(pixels, subsampling="4:2:0", **options), 0x41, -(-height // 2), 2 * width)
    return saved(pixels, subsampling=sampling, **options)


def jpegs():
    for height, width in [(1, 1), (3, 2), (16, 16), (17, 9), (24, 19)]:
        pixels = photo(height, width)
        for sampling in ["4:4:4", "4:2:2", "4:2:0", "4:4:0", "4:1:1"]:
            for progressive in [False, True] if sampling in KNOWN else [False]:
                contents = sampled(pixels, sampling, quality=85, progressive=progressive)
                name = f"DecodeJpeg {height} {width} {sampling} {progressive}"
                add("DecodeJpeg", {"contents": one(contents)}, name=name)
            attributes = [{"fancy_upscaling": False}, {"channels": 1}, {"ratio": 2}, {"ratio": 4}, {"ratio": 8},
                          {"dct_method": "INTEGER_FAST"}, {"dct_method": "INTEGER_ACCURATE"}]
            for each in attributes if (height, width) in [(17, 9), (3, 2)] else []:
                add("DecodeJpeg", {"contents": one(contents)}, each, name=f"DecodeJpeg {height} {width} {sampling} {each}")
    pixels = photo(20, 23)
    files = {
        "grey": saved(pixels[..., 0]),
        "restarts": saved(pixels, restart_marker_blocks=1),
        "restarts of rows": saved(pixels, restart_marker_rows=1, progressive=True),
        "quality 10": saved(pixels, quality=10),
        "quality 100": saved(pixels, quality=100),
        "rgb": saved(pixels, keep_rgb=True),
        "noise": saved(random.integers(0, 256, (20, 23, 3)).astype(np.uint8), quality=30),
        "own tables": saved(pixels, optimize=True),
    }
    for kind, contents in files.items():
        for channels in [0, 1, 3]:
            add("DecodeJpeg", {"contents": one(contents)}, {"channels": channels}, name=f"DecodeJpeg {kind} {channels}")
        add("ExtractJpegShape", {"contents": one(contents)}, {"output_type": tf.int64}, name=f"ExtractJpegShape {kind}")
    ink = saved(photo(12, 15, 4), mode="CMYK")
    # Pillow writes Adobe's marker, behind which all is inverted; 2 there makes of it what Photoshop writes.
    marker = ink.index(b"Adobe")
    for kind, contents in {"Adobe": ink, "YCCK": ink[: marker + 11] + b"\2" + ink[marker + 12 :], "plain": ink[: marker] + b"other" + ink[marker + 5 :]}.items():
        add("DecodeJpeg", {"contents": one(contents)}, {"channels": 3}, name=f"DecodeJpeg CMYK {kind}")
    end = b"\xff\xd9"
    half = saved(pixels, subsampling=0)
    add("DecodeJpeg", {"contents": one(half[: len(half) * 3 // 4] + end)}, name="DecodeJpeg without its last blocks")
    add("DecodeJpeg", {"contents": one(half + b"more")}, name="DecodeJpeg with more behind it")
    add("DecodeJpeg", {"contents": one(half[:-2])}, {"try_recover_truncated": True}, name="DecodeJpeg recovered")
    for sampling in ["4:4:4", "4:2:0"]:
        contents = saved(photo(33, 40), subsampling=sampling)
        for y, x, height, width in [(0, 0, 33, 40), (3, 5, 20, 17), (16, 16, 8, 24), (32, 39, 1, 1)]:
            window = np.array([y, x, height, width], np.int32)
            add("DecodeAndCropJpeg", {"contents": one(contents), "crop_window": window}, name=f"DecodeAndCropJpeg {sampling} {y} {x}")
    window = np.array([2, 3, 5, 7], np.int32)
    add("DecodeAndCropJpeg", {"contents": one(contents), "crop_window": window}, {"ratio": 2}, name="DecodeAndCropJpeg smaller")


def bmps():
    pixels = photo(5, 7, 4)
    for mode, shown in {"L": pixels[..., 0], "RGB": pixels[..., :3], "RGBA": pixels}.items():
        contents = saved(np.ascontiguousarray(shown), "BMP")
        upside_down = contents[:22] + struct.pack("<i", -5) + contents[26:]
        for channels in [0, 3, 4]:
            add("DecodeBmp", {"contents": one(contents)}, {"channels": channels}, name=f"DecodeBmp {mode} {channels}")
        add("DecodeBmp", {"contents": one(upside_down)}, name=f"DecodeBmp {mode} from the top")


def gifs():
    frames = [Image.fromarray(photo(9, 11)).quantize(colors) for colors in (256, 7, 2)]
    for kind, options in {"frames": {}, "disposed": {"disposal": 2}, "interlaced": {"interlace": True}}.items():
        contents = saved(frames[0], "GIF", save_all=True, append_images=frames[1:], **options)
        add("DecodeGif", {"contents": one(contents)}, name=f"DecodeGif {kind}")
    dots = [np.zeros((9, 11), np.uint8) + 1 for _ in range(3)]
    dots[1][3:5, 4:8] = 2
    dots[2][5, 5] = 3
    dots = [Image.fromarray(dot, "P") for dot in dots]
    for dot in dots:
        dot.putpalette([9, 8, 7, 20, 30, 40, 200, 100, 50, 1, 2, 3])
    moving = saved(dots[0], "GIF", save_all=True, append_images=dots[1:], transparency=3)
    add("DecodeGif", {"contents": one(moving)}, name="DecodeGif of small frames")
    add("DecodeGif", {"contents": one(saved(photo(3, 4), "PNG"))}, name="DecodeGif of PNG")
    large = saved(Image.fromarray(random.integers(0, 256, (66, 66)).astype(np.uint8), "L"), "GIF")
    add("DecodeGif", {"contents": one(large)}, name="DecodeGif of many codes")


def any_format():
    pixels = photo(4, 5)
    still = Image.fromarray(pixels).quantize(8)
    files = {"BMP": saved(pixels, "BMP"), "GIF": saved(still, "GIF"), "JPEG": saved(pixels), "PNG": saved(pixels, "PNG"),
             "PNG 16": png(samples(4, 5, 2, 16), 2, 16)}
    for kind, contents in files.items():
        for dtype in [tf.uint8, tf.uint16, tf.float32]:
            for expand in [True, False]:
                form = {"dtype": dtype, "expand_animations": expand}
                add("DecodeImage", {"contents": one(contents)}, form, name=f"DecodeImage {kind} {dtype.name} {expand}")
        if kind != "BMP":
            add("DecodeJpeg", {"contents": one(contents)}, name=f"DecodeJpeg of {kind}")
            add("DecodePng", {"contents": one(contents)}, name=f"DecodePng of {kind}")
            add("DecodePng", {"contents": one(contents)}, {"dtype": tf.uint16}, name=f"DecodePng uint16 of {kind}")


if __name__ == "__main__":
    write(HERE / "ops" / "decoded.json", [pngs, jpegs, bmps, gifs, any_format])
