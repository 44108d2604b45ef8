"""Writes ops/decoded.json: images in their files' formats, and what TensorFlow makes of them."""

import io
import struct
import zlib

from make_ops import HERE, add, np, random, tf, write

ADAM7 = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}


def bytes_of(value):
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


def png(samples, color, depth, interlaced=False, level=9, chunks=b""):
    height, width = samples.shape[:2]
    pixel_bytes = max(1, CHANNELS[color] * depth // 8)
    passes = [samples[y::dy, x::dx] for x, y, dx, dy in ADAM7] if interlaced else [samples]
    raw = b"".join(filtered(packed(part, depth), pixel_bytes) for part in passes if part.size)
    header = struct.pack(">IIBBBBB", width, height, depth, color, 0, 0, int(interlaced))
    data = zlib.compress(raw, level)
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
            palette = chunk(b"PLTE", random.integers(0, 256, 3 * 2**depth).astype(np.uint8).tobytes()) if color == 3 else b""
            transparent = {0: [1], 2: [1, 2, 3], 3: [1]}.get(color)
            if color == 3:
                clear = chunk(b"tRNS", bytes([7, 200]))
            elif transparent:
                clear = chunk(b"tRNS", image[1, 2].astype(">u2").tobytes())
            for channels in [0, 1, 3, 4]:
                for dtype in [tf.uint8, tf.uint16]:
                    form = {"channels": channels, "dtype": dtype}
                    name = f"DecodePng {color} {depth} {channels} {dtype.name}"
                    try:
                        add("DecodePng", {"contents": bytes_of(png(image, color, depth, chunks=palette))}, form, name=name)
                    except Exception as error:
                        print(name, str(error)[-200:])
                    if transparent:
                      try:
                        contents = png(image, color, depth, chunks=palette + clear)
                        add("DecodePng", {"contents": bytes_of(contents)}, form, name=f"{name} transparent")
                      except Exception as error:
                        print(name, str(error)[-200:])
            for height, width in [(9, 11), (1, 1), (3, 2)]:
                contents = png(samples(height, width, color, depth), color, depth, True, chunks=palette)
                add("DecodePng", {"contents": bytes_of(contents)}, {"dtype": tf.uint16 if depth == 16 else tf.uint8}, name=f"DecodePng {color} {depth} interlaced {height} {width}")


if __name__ == "__main__":
    write(HERE / "ops" / "decoded.json", [pngs])
