"""The peers of S6 to S9: one JSON line per kernel with the median time of a call, one thread.

Names are `<kernel>/<peer>`; the kernels carry the names that the Rust example `kernel_times` prints.
"""

from __future__ import annotations

import json
import statistics
import time

import cv2
import imagehash
import numpy as np
from PIL import Image
from scipy import fft as scipy_fft

SECONDS_PER_KERNEL = 0.5


def natural_looking(height: int, width: int, seed: int) -> np.ndarray:
    """Smooth structure with fine noise over it, the same for every run."""
    noise = np.random.default_rng(seed)
    coarse = noise.integers(0, 255, (height // 32 + 2, width // 32 + 2), dtype=np.uint8)
    smooth = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC).astype(np.float32)
    return np.clip(smooth + noise.normal(0, 6, (height, width)), 0, 255).astype(np.uint8)


def report(name: str, call) -> None:
    for _ in range(3):
        call()
    times = []
    until = time.perf_counter() + SECONDS_PER_KERNEL
    while time.perf_counter() < until or len(times) < 5:
        started = time.perf_counter_ns()
        call()
        times.append(time.perf_counter_ns() - started)
    print(json.dumps({"name": name, "median_ns": statistics.median(times)}), flush=True)


def main() -> None:
    cv2.setNumThreads(1)
    small, full = natural_looking(256, 256, 1), natural_looking(1080, 1920, 2)

    for name, image in (("laplacian_256", small), ("laplacian_1080p", full)):
        report(f"{name}/OpenCV 64-bit, then NumPy", lambda image=image: cv2.Laplacian(image, cv2.CV_64F).var())
        # Not what people write, but the fastest way that OpenCV offers to the same number: it is the one that counts.
        out = np.empty(image.shape, np.int16)
        report(f"{name}/OpenCV",
               lambda image=image, out=out: cv2.meanStdDev(cv2.Laplacian(image, cv2.CV_16S, dst=out))[1][0, 0] ** 2)

    radius = np.hypot(np.fft.fftfreq(256)[:, None], np.fft.rfftfreq(256)[None, :])
    high = (radius > 0.125).astype(np.float32)
    as_float = small.astype(np.float32)

    def ratio_scipy():
        energy = scipy_fft.rfft2(small.astype(np.float32))
        energy = energy.real**2 + energy.imag**2
        return (energy * high).sum() / energy.sum()

    def ratio_numpy():
        energy = np.abs(np.fft.fftshift(np.fft.fft2(small))) ** 2
        return energy[:, 160:].sum() / energy.sum()

    report("fft_hf_256/SciPy, transform alone", lambda: scipy_fft.rfft2(as_float))
    report("fft_hf_256/SciPy", ratio_scipy)
    report("fft_hf_256/NumPy", ratio_numpy)

    picture = Image.fromarray(small)
    report("phash_256/imagehash", lambda: imagehash.phash(picture))

    batch = [natural_looking(128, 128, 10 + i) for i in range(100)]
    report("batch_blur_100x128/OpenCV 64-bit, then NumPy", lambda: [cv2.Laplacian(image, cv2.CV_64F).var() for image in batch])
    report("batch_blur_100x128/OpenCV",
           lambda: [cv2.meanStdDev(cv2.Laplacian(image, cv2.CV_16S))[1][0, 0] ** 2 for image in batch])
    stack = np.stack(batch)

    def numpy_batch():
        padded = np.pad(stack, ((0, 0), (1, 1), (1, 1)), mode="reflect").astype(np.float32)
        centre = padded[:, 1:-1, 1:-1]
        edges = padded[:, :-2, 1:-1] + padded[:, 2:, 1:-1] + padded[:, 1:-1, :-2] + padded[:, 1:-1, 2:] - 4 * centre
        return edges.var(axis=(1, 2))

    report("batch_blur_100x128/NumPy", numpy_batch)


if __name__ == "__main__":
    main()
