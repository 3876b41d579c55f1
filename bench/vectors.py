"""S5: exact top-10 by cosine among 512-d vectors, beside what Python programs use for it, on the same vectors."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from analyse import PEERS_FOLDER
from measure import Failed, median, run, separate_cores
from peer_install import Peers
from section import Section, Table, Verdict, seconds, times

# What the target allows for so many vectors, on one core.
LIMITS = {100_000: 1e-3, 1_000_000: 10e-3}
KINDS = {"random": "random directions", "photos": "shaped like photos"}
ONE_THREAD = {"OMP_NUM_THREADS": 1, "OPENBLAS_NUM_THREADS": 1, "MKL_NUM_THREADS": 1}


def s5(search_times: Path, peers: Peers, sizes: list[int], count: int, work: Path, say) -> Section:
    section = Section("S5", "Exact top-10 by cosine, 512 dimensions", repeat="python3 bench/run.py --only S5")
    table = Table(["vectors", "kind", "program", "time", "Tintype is faster by", "recall@10"])
    costs = Table(["vectors", "kind", "file", "built in", "opened in", "first search", "resident after", "a search in a batch"])
    one = separate_cores(1)
    bandwidth = []
    for rows in sizes:
        for kind, words in KINDS.items():
            with tempfile.TemporaryDirectory(dir=work) as folder:
                mine, theirs = [], {}
                for number in range(1, count + 1):
                    say(f"round {number} of {count}: {rows:,} vectors, {words}")
                    command = [search_times, "--rows", rows, "--data", kind, "--queries", 50, "--write", folder]
                    mine += _lines(run(command, cpus=one).stdout)
                    if peers.python:
                        try:
                            found = _lines(run([peers.python, PEERS_FOLDER / "vectors.py", folder], cpus=one, env=ONE_THREAD).stdout)
                        except Failed as error:
                            section.notes.append(f"a peer failed at {rows:,} vectors: {error}")
                            found = []
                        for row in found:
                            theirs.setdefault(row["name"], []).append(row)
            # Processor time: a program that takes its turn in between is not the search's fault.
            ours = [(row["cpu_median_ms"] or row["median_ms"]) / 1e3 for row in mine]
            checked, of = (sum(int(row["equal_to_brute_force"].split("/")[part]) for row in mine) for part in (0, 1))
            table.rows.append([f"{rows:,}", words, "Tintype", seconds(median(ours)), "", "1.000" if checked == of else "LESS"])
            for name, measured in theirs.items():
                if name == "memory":
                    bandwidth += [row["bytes_per_s"] for row in measured]
                    continue
                faster = median(row["median_ms"] / 1e3 / own for row, own in zip(measured, ours, strict=False))
                table.rows.append([f"{rows:,}", words, name, seconds(median(row["median_ms"] / 1e3 for row in measured)),
                                   times(faster), f"{median(row['recall'] for row in measured):.3f}"])
            costs.rows.append([
                f"{rows:,}", words, f"{mine[0]['file_mb']:.0f} MB", seconds(median(row["build_secs"] for row in mine)),
                *(seconds(median(row[name] / 1e3 for row in mine)) for name in ("load_ms", "first_ms")),
                f"{median(row['resident_mb'] for row in mine):.0f} MB", seconds(median(row["batch_ms"] / 1e3 for row in mine))])
            section.verdicts.append(Verdict(f"equal to brute force, {rows:,} {words}", f"{checked} of {of} queries", checked == of))
            if rows in LIMITS:
                limit = LIMITS[rows]
                section.verdicts.append(Verdict(f"≤ {seconds(limit)}, {rows:,} {words}", seconds(median(ours)), median(ours) <= limit))
            if rows == 1_000_000:
                section.verdicts += [
                    Verdict(f"file ≤ 700 MB, {words}", f"{mine[0]['file_mb']:.0f} MB", mine[0]["file_mb"] <= 700),
                    Verdict(f"opened in ≤ 100 ms, {words}", seconds(median(row["load_ms"] for row in mine) / 1e3),
                            median(row["load_ms"] for row in mine) <= 100),
                ]
    section.tables += [table, costs]
    section.notes.append("Processor time of one thread pinned to one core, everything in memory; the median of 50 queries, then of rounds. Recall is "
                         "against comparing in f32 (for Tintype: f64) with every vector; Tintype's has to be 1.")
    if bandwidth:
        section.notes.append(f"This core read memory at {median(bandwidth) / 1e9:.1f} GB/s (summing 512 MB) in the same rounds. A scan of "
                             "random vectors reads 260 bytes each, one of vectors shaped like photos 72 and the rest of few.")
    return section


def _lines(text: str) -> list[dict]:
    return [json.loads(line) for line in text.splitlines() if line.startswith("{")]
