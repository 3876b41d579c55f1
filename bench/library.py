"""S12: searching a large library over HTTP, the first question after a start and all later ones."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import time
from pathlib import Path

from listening import Listening
from measure import Failed, median, run
from section import Section, Table, Verdict, seconds

# Times that each question is asked once the server is warm.
TIMES = 20


def s12(tintype: Path, library_times: Path, photos: int, count: int, work: Path, say) -> Section:
    data = work / f"library-{photos}"
    if not (data / ".filled").exists():
        shutil.rmtree(data, ignore_errors=True)
        say(f"making up {photos:,} photos")
    lines = [json.loads(line) for line in run([library_times, data, photos]).stdout.splitlines() if line.startswith("{")]
    (data / ".filled").touch()
    questions = [line["text"] for line in lines if line["name"] == "question"]
    library = next(line for line in lines if line["name"] == "library")

    firsts: dict[bool, list[float]] = {True: [], False: []}
    warm: dict[str, list[float]] = {question: [] for question in questions}
    found: dict[str, int] = {}
    resident = 0
    for round_ in range(1, count + 1):
        for is_cold in (True, False):
            say(f"round {round_} of {count}: {'files not in memory' if is_cold else 'files in memory'}")
            if is_cold and not _forget(data):
                continue
            with Server(tintype, data) as server:
                # Another first question each round: none is the cheapest by chance.
                firsts[is_cold].append(server.ask(questions[round_ * 5 % len(questions)])[0])
                if is_cold:
                    continue
                for question in questions:
                    server.ask(question)
                for _ in range(TIMES):
                    for question in questions:
                        took, found[question] = server.ask(question)
                        warm[question].append(took)
                resident = max(resident, server.resident_bytes())

    def p99(values) -> float:
        return sorted(values)[len(values) * 99 // 100]

    table = Table(["question", "found", "median", "99th percentile"])
    for question in questions:
        table.rows.append([f"`{question}`", f"{found[question]:,}", seconds(median(warm[question])), seconds(p99(warm[question]))])
    everything = [took for times in warm.values() for took in times]
    table.rows.append(["all", "", seconds(median(everything)), seconds(p99(everything))])
    section = Section("S12", f"Search {library['photos']:,} photos by words over HTTP", [table],
                      repeat=f"python3 bench/run.py --only S12 --library {photos}")
    first = Table(["first question after a start", "median", "slowest"])
    for is_cold, words in ((True, "files not in memory"), (False, "files in memory")):
        if firsts[is_cold]:
            first.rows.append([words, seconds(median(firsts[is_cold])), seconds(max(firsts[is_cold]))])
    section.tables.append(first)
    asked = f"{library['photos']:,} photos"
    section.verdicts.append(Verdict(f"p99 ≤ 100 ms warm, {asked}", seconds(p99(everything)), p99(everything) <= 0.1))
    for is_cold, words in ((True, "files not in memory"), (False, "files in memory")):
        if firsts[is_cold]:
            worst = max(firsts[is_cold])
            section.verdicts.append(Verdict(f"first question ≤ 1 s after a start, {words}, {asked}", seconds(worst), worst <= 1))
    filled = next((line["secs"] for line in lines if line["name"] == "fill"), None)
    section.notes.append(
        f"SQLite, {library['database_bytes'] / 1e9:.2f} GB ({library['database_bytes'] / library['photos']:.0f} bytes a photo)"
        + (f", filled in {seconds(filled)}" if filled else "") + "; names, tags, text and dates whose words are as unequally common as real "
        f"ones. One connection, a page of 100 hits, whole answers as JSON. The server held {resident / 2**20:.0f} MB.")
    return section


class Server(Listening):
    """`tintype serve`, with one connection to it."""

    def __init__(self, tintype: Path, data: Path):
        super().__init__([tintype, "serve", "--data", data, "--listen", "127.0.0.1:{port}", "--no-open"])
        self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)

    def __exit__(self, *ended) -> None:
        self.connection.close()
        super().__exit__(*ended)

    def ask(self, question: str) -> tuple[float, int]:
        """Seconds to the last byte of the answer, and how many photos were found."""
        body = json.dumps({"text": question, "limit": 100})
        started = time.perf_counter()
        self.connection.request("POST", "/api/v1/search", body, {"Content-Type": "application/json"})
        answer = self.connection.getresponse()
        text = answer.read()
        took = time.perf_counter() - started
        if answer.status != 200:
            raise Failed(f"{question}: status {answer.status}")
        return took, json.loads(text)["total"]

    def resident_bytes(self) -> int:
        try:
            status = Path(f"/proc/{self.process.pid}/status").read_text()
        except OSError:
            return 0
        return next((int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmRSS:")), 0)


def _forget(folder: Path) -> bool:
    """Asks the system to drop its copy of the folder's files; Linux does."""
    if not hasattr(os, "posix_fadvise"):
        return False
    for path in folder.rglob("*"):
        if path.is_file():
            with path.open("rb") as file:
                os.fsync(file.fileno())
                os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
    return True
