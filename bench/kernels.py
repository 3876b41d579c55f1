"""S6 to S10: single kernels beside the calls that Python programs make for the same numbers."""

from __future__ import annotations

import json
from pathlib import Path

from analyse import PEERS_FOLDER
from measure import Failed, median, run, separate_cores
from peer_install import Peers
from section import Section, Table, Verdict, seconds, times

# Section, title, our kernel, the peer that the target names, what is wanted of (peer time / our time), in words.
KERNELS = [
    ("S6", "Laplacian variance", [
        ("laplacian_256", "256 × 256", "OpenCV", 8.0, "≥ 8 × OpenCV, 256 × 256"),
        ("laplacian_1080p", "1920 × 1080", "OpenCV", 8.0, "≥ 8 × OpenCV, 1080p"),
    ]),
    ("S7", "FFT high-frequency ratio", [
        ("fft_hf_256", "256 × 256", "SciPy, transform alone", 1.0, "no slower than SciPy's real transform alone"),
    ]),
    ("S8", "Perceptual hash", [("phash_256", "256 × 256", "imagehash", 10.0, "≥ 10 × imagehash")]),
    ("S9", "Blur of a batch", [("batch_blur_100x128", "100 of 128 × 128", None, 2e-3, "≤ 2 ms")]),
]


# Large arrays from the heap, not from fresh zeroed pages each time: the peers are not to be measured by page faults.
PYTHON_AT_ITS_BEST = {"MALLOC_MMAP_THRESHOLD_": 2**30, "MALLOC_TRIM_THRESHOLD_": 2**30}


def json_lines(text: str) -> list[dict]:
    return [json.loads(line) for line in text.splitlines() if line.startswith("{")]


def kernel_sections(kernel_times: Path, peers: Peers, count: int, wanted: set[str], say) -> list[Section]:
    ours: dict[str, list[float]] = {}
    theirs: dict[str, list[float]] = {}
    one = separate_cores(1)
    for number in range(1, count + 1):
        say(f"round {number} of {count}: kernels")
        for row in json_lines(run([kernel_times], cpus=one).stdout):
            if "median_ns" in row:
                ours.setdefault(row["name"], []).append(row["median_ns"] / 1e9)
        if peers.python:
            for row in json_lines(run([peers.python, PEERS_FOLDER / "kernels.py"], cpus=one, env=PYTHON_AT_ITS_BEST).stdout):
                theirs.setdefault(row["name"], []).append(row["median_ns"] / 1e9)
    sections = []
    for id_, title, kernels in KERNELS:
        if id_ not in wanted:
            continue
        section = Section(id_, title, [Table(["work", "program", "time", "Tintype is faster by"])],
                          notes=["One thread pinned to one core; the median over rounds of each round's median."],
                          repeat=f"python3 bench/run.py --only {id_}")
        for kernel, size, judge, limit, words in kernels:
            mine = ours.get(kernel)
            if not mine:
                section.verdicts.append(Verdict(words, "not measured", None))
                continue
            section.tables[0].rows.append([size, "Tintype", seconds(median(mine)), ""])
            for name, values in theirs.items():
                if name.startswith(f"{kernel}/"):
                    faster = median(t / m for t, m in zip(values, mine, strict=True))
                    section.tables[0].rows.append([size, name.split("/", 1)[1], seconds(median(values)), times(faster)])
            section.verdicts.append(_judge(kernel, mine, theirs, judge, limit, words))
        sections.append(section)
    return sections


def _judge(kernel, mine, theirs, judge, limit, words) -> Verdict:
    if judge is None:
        return Verdict(words, seconds(median(mine)), median(mine) <= limit)
    peer = theirs.get(f"{kernel}/{judge}")
    if not peer:
        return Verdict(words, f"{seconds(median(mine))}, peer absent", None)
    faster = median(t / m for t, m in zip(peer, mine, strict=True))
    return Verdict(words, times(faster), faster >= limit)


def s10(kernel_times: Path, peers: Peers, hashes: int, count: int, say) -> Section:
    say(f"grouping {hashes} hashes")
    two = separate_cores(2)
    rows = []
    for _ in range(count):
        cost = run([kernel_times, "--hashes", str(hashes)], cpus=two)
        rows += [row | {"process_peak": cost.peak_rss} for row in json_lines(cost.stdout) if row["name"] == "groups_1m"]
    section = Section("S10", f"Near-duplicate groups of {hashes:,} hashes", repeat="python3 bench/run.py --only S10")
    if not rows:
        section.verdicts.append(Verdict("≤ 10 s on two cores", "not measured", None))
        return section
    took = median(row["secs"] for row in rows)
    peak = median(row["peak_rss_mb"] * 2**20 or row["process_peak"] for row in rows)
    table = Table(["program", "hashes", "time", "peak memory"], [
        ["Tintype, two cores", f"{hashes:,}", seconds(took), f"{peak / 2**20:.0f} MB"]])
    section.tables.append(table)
    section.verdicts += [
        Verdict("≤ 10 s on two cores", seconds(took), took <= 10),
        Verdict("memory ≤ 200 MB", f"{peak / 2**20:.0f} MB", peak <= 200 * 2**20),
    ]
    section.notes.append("That the groups equal those of brute force is a property test of the vision crate.")
    if peers.python:
        sample = min(30_000, hashes)
        say(f"NumPy on {sample} hashes")
        try:
            cost = run([peers.python, PEERS_FOLDER / "hash_pairs.py", sample, 8], cpus=separate_cores(1))
            sampled = json_lines(cost.stdout)[0]["secs"]
            table.rows.append(["NumPy, one against all", f"{sample:,}", seconds(sampled), f"{cost.peak_rss / 2**20:.0f} MB"])
            section.notes.append(
                f"NumPy compares every pair: {hashes:,} hashes would take about {seconds(sampled * (hashes / sample) ** 2)} "
                "(the measured time × the square of the ratio, not measured).")
        except Failed as error:
            section.notes.append(f"NumPy peer failed: {error}")
    section.notes.append("czkawka takes no hashes from outside, so its grouping alone cannot be timed; imagededup needs PyTorch.")
    return section
