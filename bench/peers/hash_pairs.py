"""A peer of S10: all pairs of N 64-bit hashes within a radius, compared one against all with NumPy, then grouped.

Half of the hashes are random, half come in clusters of four that differ by a few bits. Prints one JSON line.
"""

from __future__ import annotations

import json
import sys
import time

import numpy as np


def hashes(count: int) -> np.ndarray:
    noise = np.random.default_rng(7)
    values = noise.integers(0, 2**64, count, dtype=np.uint64)
    clustered = values[: count // 2]
    clustered[:] = np.repeat(clustered[: (len(clustered) + 3) // 4], 4)[: len(clustered)]
    for _ in range(3):
        clustered ^= np.uint64(1) << noise.integers(0, 64, len(clustered), dtype=np.uint64)
    return values


def main() -> None:
    count, radius = int(sys.argv[1]), int(sys.argv[2])
    values = hashes(count)
    parent = list(range(count))

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    started = time.perf_counter()
    pairs = 0
    for i in range(count - 1):
        near = np.flatnonzero(np.bitwise_count(values[i + 1:] ^ values[i]) <= radius)
        for j in near:
            pairs += 1
            a, b = root(i), root(i + 1 + int(j))
            if a != b:
                parent[b] = a
    print(json.dumps({"hashes": count, "radius": radius, "pairs": pairs, "secs": time.perf_counter() - started}))


if __name__ == "__main__":
    main()
