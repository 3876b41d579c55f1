"""The peers of S5: top-10 by inner product among the unit vectors that the Rust example `search_times` wrote.

Prints one JSON line a peer, and one for how fast this core reads memory. A peer that is not installed is left out. Times are
processor time, of one thread.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from pathlib import Path

import numpy as np

DIM, K = 512, 10


def unit(path: Path) -> np.ndarray:
    vectors = np.fromfile(path, dtype=np.float32).reshape(-1, DIM)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def main() -> None:
    folder = Path(sys.argv[1])
    vectors, queries = unit(folder / "vectors.f32"), unit(folder / "queries.f32")
    truth = []

    def top(query):
        scores = vectors @ query
        best = np.argpartition(-scores, K)[:K]
        return best[np.argsort(-scores[best])]

    truth.extend(set(top(query).tolist()) for query in queries)
    report("NumPy", queries, top, truth)
    buffer = np.ones(2**26, dtype=np.int64)
    elapsed = min(timed(buffer.sum) for _ in range(5))
    print(json.dumps({"name": "memory", "bytes_per_s": buffer.nbytes / elapsed}), flush=True)
    del buffer
    for peer in (faiss_peers, usearch_peer):
        try:
            peer(vectors, queries, truth)
        except ImportError as error:
            print(f"left out: {error}", file=sys.stderr)


def faiss_peers(vectors, queries, truth) -> None:
    import faiss

    faiss.omp_set_num_threads(1)
    flat = faiss.IndexFlatIP(DIM)
    flat.add(vectors)
    report("FAISS flat", queries, lambda query: flat.search(query[None], K)[1][0], truth)
    del flat
    quantised = faiss.IndexScalarQuantizer(DIM, faiss.ScalarQuantizer.QT_8bit, faiss.METRIC_INNER_PRODUCT)
    quantised.train(vectors[:50_000])
    quantised.add(vectors)
    report("FAISS SQ8", queries, lambda query: quantised.search(query[None], K)[1][0], truth)


def usearch_peer(vectors, queries, truth) -> None:
    from usearch.index import MetricKind, search

    report("usearch exact", queries,
           lambda query: search(vectors, query, K, MetricKind.IP, exact=True, threads=1).keys, truth)


def report(name: str, queries, search, truth) -> None:
    search(queries[0])
    spent, right = [], 0
    for query, expected in zip(queries, truth, strict=True):
        started = time.process_time()
        found = search(query)
        spent.append(time.process_time() - started)
        right += len(expected & {int(key) for key in found})
    print(json.dumps({"name": name, "median_ms": statistics.median(spent) * 1e3, "recall": right / (K * len(queries))}), flush=True)


def timed(work) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started


if __name__ == "__main__":
    main()
