"""S1, analysing photos without models, and S3, doing it again."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from inputs import jpeg_copies
from measure import Cost, median, ratio, rounds, run, separate_cores, spread
from peer_install import Peers
from section import Section, Table, Verdict, seconds, three, times

PEERS_FOLDER = Path(__file__).parent / "peers"


class Analyse:
    """The photos, the programs and a place to write, for both sections."""

    def __init__(self, tintype: Path, peers: Peers, source: Path, photos: int, work: Path, say):
        self.tintype, self.peers, self.work, self.say = tintype, peers, work, say
        self.folder = work / "photos"
        self.files = jpeg_copies(source, self.folder, photos)
        self.bytes = sum(file.stat().st_size for file in self.files)
        self.scratch = work / "scratch"
        self.shares: list[dict[str, float]] = []

    def fresh(self) -> Path:
        shutil.rmtree(self.scratch, ignore_errors=True)
        self.scratch.mkdir(parents=True)
        return self.scratch

    def index(self, data: Path, cpus=None) -> Cost:
        return run([self.tintype, "index", self.folder, "--json", "--data", data], cpus=cpus)

    def on_one_core(self) -> Cost:
        """Also notes what share of the work each step was; on one core nothing overlaps."""
        data = self.fresh() / "data"
        cost = self.index(data, separate_cores(1))
        operation = run([self.tintype, "ops", "list", "--limit", "1", "--json", "--data", data]).stdout
        took = json.loads(operation)["step_ms"]
        self.shares.append({step: ms / sum(took.values()) for step, ms in took.items()})
        return cost

    def contenders(self) -> dict:
        python, one, two = self.peers.python, separate_cores(1), separate_cores(2)
        named = {
            "Tintype, one core": self.on_one_core,
            "Tintype, two cores": lambda: self.index(self.fresh() / "data", two),
        }
        if python:
            pipeline = [python, PEERS_FOLDER / "pipeline.py", self.folder, "--work"]
            named |= {
                "Python, one process": lambda: run([*pipeline, self.fresh() / "py"], cpus=two),
                "Python, two processes": lambda: run([*pipeline, self.fresh() / "py", "--processes", "2"], cpus=two),
                "entropy decoding alone (1/8, grey)": lambda: run([python, PEERS_FOLDER / "entropy.py", self.folder], cpus=one),
            }
        if self.peers.vipsthumbnail:
            named["libvips: the two previews alone"] = self.vips
        if self.peers.exiftool:
            named["exiftool: metadata alone"] = lambda: run(
                [self.peers.exiftool, "-json", "-r", self.folder], cpus=two, keep_output=False)
        if self.peers.czkawka:
            named["czkawka: hash and similar pictures alone"] = self.czkawka
        return named

    def vips(self) -> Cost:
        folder, cpus = self.fresh(), separate_cores(2)
        command = [self.peers.vipsthumbnail, *self.files]
        # It ends with 255 when it refuses a photo as damaged, and goes on with the others.
        return run([*command, "--size", "1440x1440>", "-o", f"{folder}/%s_1440.jpg[Q=80]"], cpus=cpus, accept=(0, 255)) \
            + run([*command, "--size", "256x256>", "-o", f"{folder}/%s_256.jpg[Q=80]"], cpus=cpus, accept=(0, 255))

    def czkawka(self) -> Cost:
        return czkawka_images(self.peers.czkawka, self.folder, self.fresh())


def czkawka_images(program: str, folder: Path, home: Path) -> Cost:
    """czkawka's similar pictures with its cache under `home`. It ends with 11 when it found some."""
    environment = {"HOME": home, "XDG_CACHE_HOME": home / "cache", "XDG_CONFIG_HOME": home / "config",
                   "CZKAWKA_CACHE_PATH": home / "cache", "CZKAWKA_CONFIG_PATH": home / "config"}
    for path in (home / "cache", home / "config"):
        path.mkdir(parents=True, exist_ok=True)
    # Files under 16 kB would be passed over by default.
    return run([program, "image", "-d", folder, "-m", "1", "-f", home / "found.txt"], cpus=separate_cores(2), env=environment,
               accept=(0, 11), keep_output=False)


def s1(setting: Analyse, count: int) -> Section:
    setting.fresh()
    warm = [file.read_bytes() for file in setting.files]
    del warm
    setting.shares.clear()
    costs = rounds(setting.contenders(), count, setting.say)
    photos = len(setting.files)
    table = Table(["program", "photos/s", "CPU ms per photo", "peak memory", "Tintype on two cores is faster by", "spread"])
    ours = costs["Tintype, two cores"]
    for name, runs in costs.items():
        walls = [cost.wall for cost in runs]
        faster = "" if name == "Tintype, two cores" else times(ratio(walls, [cost.wall for cost in ours]))
        table.rows.append([
            name, three(photos / median(walls)), three(1000 * median(cost.cpu for cost in runs) / photos),
            f"{median(cost.peak_rss for cost in runs) / 2**20:.0f} MB", faster, f"± {100 * spread(walls):.0f} %",
        ])
    last = json.loads(ours[-1].stdout.strip().splitlines()[-1])
    section = Section("S1", "Analyse photos without models", [table],
                      repeat="make bench, or python3 bench/run.py --only S1 --data DIR")
    section.notes.append(
        f"{photos} JPEGs of {setting.bytes / photos / 1e6:.1f} MB on average, in the page cache, every one of them a different picture; "
        f"an empty index each time. Tintype computed {last['computed']} features.")
    section.notes.append(
        "Tintype does all of SPEC's model-free steps, the others less: the Python pipeline has no pixel hash, tile sharpness, quality "
        "measures, local features or scene descriptor; libvips, exiftool and czkawka do one part each.")

    steps = {step: median(shares[step] for shares in setting.shares) for step in setting.shares[-1]}
    cpu_ms = 1000 * median(cost.cpu for cost in costs["Tintype, one core"]) / photos
    section.tables.append(Table(["Tintype's step, one core", "share", "about ms of CPU per photo"], [
        [step, f"{100 * share:.0f} %", three(cpu_ms * share)] for step, share in sorted(steps.items(), key=lambda item: -item[1])]))

    def cpu_ratio(name: str) -> float:
        return ratio([c.cpu for c in costs["Tintype, one core"]], [c.cpu for c in costs[name]])

    def wall_ratio(slow: str, fast: str) -> float:
        return ratio([c.wall for c in costs[slow]], [c.wall for c in costs[fast]])

    if "Python, one process" in costs:
        share, speed = cpu_ratio("Python, one process"), wall_ratio("Python, one process", "Tintype, two cores")
        section.verdicts += [
            Verdict("≤ 0.4 × the Python pipeline's CPU time per photo", times(share), share <= 0.4),
            Verdict("≥ 5 × one Python process, on two cores", times(speed), speed >= 5),
        ]
        entropy = costs["entropy decoding alone (1/8, grey)"]
        without_previews = [c.cpu * (1 - shares["thumbnail"])
                            for c, shares in zip(costs["Tintype, one core"], setting.shares, strict=True)]
        apart = ratio(without_previews, [c.cpu for c in entropy])
        section.verdicts.append(Verdict(
            "≤ 1.5 × the entropy-decoding limit per core, previews' encoding apart",
            f"{times(apart)} ({times(cpu_ratio('entropy decoding alone (1/8, grey)'))} with it)", apart <= 1.5))
    scaling = wall_ratio("Tintype, one core", "Tintype, two cores")
    section.verdicts.append(Verdict("≥ 1.9 × on two cores", times(scaling), scaling >= 1.9))
    return section


def s3(setting: Analyse, count: int) -> Section:
    first, second, last = [], [], {}
    for number in range(1, count + 1):
        setting.say(f"round {number} of {count}: first and second run")
        data = setting.fresh() / "data"
        first.append(setting.index(data))
        second.append(setting.index(data))
        last = json.loads(second[-1].stdout.strip().splitlines()[-1])
    walls = [[cost.wall for cost in runs] for runs in (first, second)]
    faster = ratio(*walls)
    table = Table(["run", "time", "CPU", "spread"])
    for name, runs in (("first", first), ("second", second)):
        wall = [cost.wall for cost in runs]
        table.rows.append([name, seconds(median(wall)), seconds(median(cost.cpu for cost in runs)), f"± {100 * spread(wall):.0f} %"])
    section = Section("S3", "The same photos again", [table], repeat="python3 bench/run.py --only S3 --data DIR")
    section.verdicts.append(Verdict("≥ 100 × faster", times(faster), faster >= 100))
    section.notes.append(
        f"{len(setting.files)} photos, whole processes from start to exit. The second run computed {last['computed']} features and "
        f"opened {last['opened']} photo files.")
    return section
