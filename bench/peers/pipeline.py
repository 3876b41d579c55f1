"""The S1 peer: the same steps as `tintype index` the way a careful Python program does them.

For every photo: read it once, SHA-256, EXIF, decode at a reduced scale (Pillow's draft mode, asked for the size that is
needed of this photo's shape, since asking for a square gets no reduction on 4:3), previews of 1440 and 256 pixels written as
JPEG, perceptual hash, Laplacian variance and FFT ratio at 256 pixels; results into SQLite, one transaction per 100 photos.

It does less than Tintype does: no pixel hash, tile sharpness, quality measures, local features or scene descriptor.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import multiprocessing
import sqlite3
import time
from pathlib import Path

import cv2
import imagehash
import numpy as np
from PIL import Image, ImageOps
from scipy import fft as scipy_fft

PREVIEW, THUMBNAIL = 1440, 256
RADIUS = np.hypot(np.fft.fftfreq(256)[:, None], np.fft.rfftfreq(256)[None, :])
HIGH = RADIUS > 0.125


def fitted(width: int, height: int, long_side: int) -> tuple[int, int]:
    scale = min(1.0, long_side / max(width, height))
    return max(1, round(width * scale)), max(1, round(height * scale))


def analyse(job: tuple[str, str]) -> tuple:
    path, previews = job
    body = Path(path).read_bytes()
    digest = hashlib.sha256(body).hexdigest()
    with Image.open(io.BytesIO(body)) as image:
        exif = image.getexif()
        details = exif.get_ifd(0x8769)
        taken = str(details.get(0x9003) or exif.get(0x0132) or "")
        camera = f"{exif.get(0x010F, '')} {exif.get(0x0110, '')}".strip()
        width, height = image.size
        image.draft("RGB", fitted(width, height, PREVIEW))
        preview = image.convert("RGB").resize(fitted(width, height, PREVIEW), Image.Resampling.BILINEAR, reducing_gap=2.0)
    preview = ImageOps.exif_transpose(preview)
    thumbnail = preview.resize(fitted(*preview.size, THUMBNAIL), Image.Resampling.BILINEAR, reducing_gap=2.0)
    preview.save(f"{previews}/{digest}_{PREVIEW}.jpg", quality=80)
    thumbnail.save(f"{previews}/{digest}_{THUMBNAIL}.jpg", quality=80)

    phash = str(imagehash.phash(thumbnail))
    grey = cv2.cvtColor(np.asarray(thumbnail), cv2.COLOR_RGB2GRAY)
    laplacian = float(cv2.Laplacian(grey, cv2.CV_64F).var())
    square = cv2.resize(grey, (256, 256), interpolation=cv2.INTER_AREA).astype(np.float32)
    energy = np.abs(scipy_fft.rfft2(square)) ** 2
    high_ratio = float(energy[HIGH].sum() / energy.sum())
    return path, digest, width, height, taken, camera, phash, laplacian, high_ratio


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--work", required=True)
    parser.add_argument("folder")
    args = parser.parse_args()
    cv2.setNumThreads(1)
    started = time.perf_counter()
    work = Path(args.work)
    previews = work / "previews"
    previews.mkdir(parents=True)
    database = sqlite3.connect(work / "photos.db")
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("PRAGMA synchronous=NORMAL")
    database.execute("CREATE TABLE photos(path TEXT PRIMARY KEY, sha256 TEXT, width INT, height INT, taken TEXT, camera TEXT, "
                     "phash TEXT, laplacian REAL, fft REAL)")
    jobs = [(str(path), str(previews)) for path in sorted(Path(args.folder).glob("*.jpg"))]
    batch: list[tuple] = []

    def store() -> None:
        with database:
            database.executemany("INSERT INTO photos VALUES(?,?,?,?,?,?,?,?,?)", batch)
        batch.clear()

    if args.processes == 1:
        results = map(analyse, jobs)
        pool = None
    else:
        pool = multiprocessing.Pool(args.processes)
        results = pool.imap_unordered(analyse, jobs, chunksize=4)
    for row in results:
        batch.append(row)
        if len(batch) == 100:
            store()
    store()
    if pool is not None:
        pool.close()
        pool.join()
    print(json.dumps({"photos": len(jobs), "secs": time.perf_counter() - started}))


if __name__ == "__main__":
    main()
