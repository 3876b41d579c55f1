"""The photos and file trees that are measured on. Everything generated is deterministic and kept between runs."""

from __future__ import annotations

import random
import shutil
import struct
import zlib
from pathlib import Path


def jpeg_copies(source: Path, target: Path, count: int) -> list[Path]:
    """`count` JPEGs made of those in `source`, each with coded bytes of its own.

    A plain copy would be recognised by its content and analysed once. So each copy gets other values in the last
    two entries of its first quantisation table (the finest diagonal details): the picture looks the same, costs the
    same to decode, and is a different picture to any hash.
    """
    originals = sorted(path for path in source.rglob("*") if path.suffix.lower() in (".jpg", ".jpeg"))
    if not originals:
        raise FileNotFoundError("no JPEG found to measure on")
    bodies = [body for body in ((path.stem, path.read_bytes()) for path in originals) if quantisation_table(body[1])]
    stamp = target / ".made"
    recipe = f"{count} {[(name, len(body)) for name, body in bodies]}"
    names = [target / f"{bodies[i % len(bodies)][0]}_{i:05}.jpg" for i in range(count)]
    if stamp.exists() and stamp.read_text() == recipe:
        return names
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    for i, name in enumerate(names):
        name.write_bytes(vary(bodies[i % len(bodies)][1], i // len(bodies)))
    stamp.write_text(recipe)
    return names


def quantisation_table(jpeg: bytes) -> int | None:
    """Offset of the 64 values of the first 8-bit quantisation table, or None."""
    at = 2
    while at + 4 <= len(jpeg) and jpeg[at] == 0xFF:
        marker, length = jpeg[at + 1], struct.unpack(">H", jpeg[at + 2:at + 4])[0]
        if marker == 0xDB and jpeg[at + 4] >> 4 == 0:
            return at + 5
        if marker == 0xDA:
            return None
        at += 2 + length
    return None


def vary(jpeg: bytes, number: int) -> bytes:
    """The JPEG with the `number`-th variation of its first quantisation table; 0 is the original."""
    at = quantisation_table(jpeg)
    if number == 0 or at is None:
        return jpeg
    table = bytearray(jpeg[at:at + 64])
    # 254 × 254 variations; values stay within the 1 to 255 that the standard allows.
    for entry, step in ((63, number % 254), (62, number // 254)):
        table[entry] = (table[entry] - 1 + step) % 255 + 1
    return jpeg[:at] + bytes(table) + jpeg[at + 64:]


def small_file_tree(target: Path, count: int, pictures: int = 2000) -> None:
    """`count` files of 32 × 32 grey pixels, a hundred to a folder, holding `pictures` different pictures in turn.

    A rescan looks at names, sizes and times only, so that copies cost it what other pictures would; the first index,
    which is not what is measured here, is over sooner.
    """
    stamp = target / ".made"
    recipe = f"{count} of {pictures}"
    if stamp.exists() and stamp.read_text() == recipe:
        return
    shutil.rmtree(target, ignore_errors=True)
    noise = random.Random(20)
    bodies = [small_png(noise) for _ in range(min(pictures, count))]
    for start in range(0, count, 100):
        folder = target / f"{start // 10000:03}" / f"{start // 100 % 100:02}"
        folder.mkdir(parents=True)
        for i in range(start, min(start + 100, count)):
            (folder / f"IMG_{i:06}.png").write_bytes(bodies[i % len(bodies)])
    stamp.write_text(recipe)


def small_png(noise: random.Random) -> bytes:
    """A 32 × 32 grey PNG of 4 × 4 random tiles."""
    tiles = [noise.randbytes(4) for _ in range(4)]
    rows = b"".join(b"\0" + b"".join(bytes([value]) * 8 for value in tiles[y // 8]) for y in range(32))
    header = struct.pack(">IIBBBBB", 32, 32, 8, 0, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows, 1)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks)
