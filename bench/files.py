"""Looking after files: reading metadata (S11), and rating, importing and rebuilding, each beside the plain tools."""

from __future__ import annotations

import json
import os
import shutil
from itertools import cycle
from pathlib import Path

from inputs import jpeg_copies
from measure import Cost, median, ratio, rounds, run, separate_cores, spread
from peer_install import Peers
from section import Section, Table, Verdict, seconds, three, times


def link_tree(sources: list[Path], target: Path, count: int) -> None:
    """`count` names for the files of `sources`, five hundred to a folder."""
    stamp = target / ".made"
    recipe = f"{count} {sorted(path.name for path in sources)}"
    if stamp.exists() and stamp.read_text() == recipe:
        return
    shutil.rmtree(target, ignore_errors=True)
    for i, source in zip(range(count), cycle(sources)):
        folder = target / f"{i // 500:03}"
        folder.mkdir(parents=True, exist_ok=True)
        os.link(source, folder / f"{i:06}{source.suffix}")
    stamp.write_text(recipe)


def s11(tintype: Path, peers: Peers, source: Path, photos: int, count: int, work: Path, say) -> Section:
    """What files say about their pictures, and nothing else."""
    copies = jpeg_copies(source, work / "photos", photos)
    few, many = work / "metadata" / "few", work / "metadata" / "many"
    link_tree(copies, few, 500)
    link_tree(copies, many, 20_000)
    for file in copies:
        file.read_bytes()
    one = separate_cores(1)

    def ours(folder: Path, cpus) -> Cost:
        return run([tintype, "metadata", folder, "--json", "--threads", len(cpus)], cpus=cpus, keep_output=False)

    # The fast one gets enough files to be measured, the slow one as many as it takes seconds for.
    sizes = {"Tintype, one core": 20_000, "Tintype, two cores": 20_000, "exiftool -json": 500, "exiftool -json -fast2": 500}
    contenders = {
        "Tintype, one core": lambda: ours(many, one),
        "Tintype, two cores": lambda: ours(many, separate_cores(2)),
    }
    if peers.exiftool:
        for name, flags in (("exiftool -json", []), ("exiftool -json -fast2", ["-fast2"])):
            contenders[name] = lambda flags=flags: run([peers.exiftool, "-json", *flags, "-r", few], cpus=one, keep_output=False)
    costs = rounds(contenders, count, say)
    table = Table(["program", "files/s", "files per second of CPU", "peak memory", "spread"])
    per_cpu = {}
    for name, found in costs.items():
        per_cpu[name] = [sizes[name] / cost.cpu for cost in found]
        table.rows.append([name, three(sizes[name] / median(cost.wall for cost in found)), three(median(per_cpu[name])),
                           f"{median(cost.peak_rss for cost in found) / 2**20:.0f} MB",
                           f"± {100 * spread(cost.wall for cost in found):.0f} %"])
    section = Section("S11", "Read metadata", [table], repeat="python3 bench/run.py --only S11")
    section.notes.append(
        f"Names for {len(copies)} JPEGs of {sum(file.stat().st_size for file in copies) / len(copies) / 1e6:.1f} MB on average, in the "
        "page cache: 20,000 for Tintype, 500 for exiftool. Both print everything they know as JSON; exiftool knows more tags, Tintype also "
        "looks for side files. exiftool runs one process for all files.")
    if "exiftool -json" in per_cpu:
        faster = ratio(per_cpu["Tintype, one core"], per_cpu["exiftool -json"])
        section.verdicts.append(Verdict("≥ 50 × exiftool's files per second of CPU", times(faster), faster >= 50))
    return section


def keeping(tintype: Path, source: Path, photos: int, count: int, work: Path, say) -> Section:
    """Rating beside copying, importing beside copying and hashing, rebuilding beside the first index."""
    copies = jpeg_copies(source, work / "photos", photos)
    total = sum(file.stat().st_size for file in copies)
    scratch = work / "keeping"
    shutil.rmtree(scratch, ignore_errors=True)
    library, data = scratch / "library", scratch / "data"
    shutil.copytree(work / "photos", library)
    command = [tintype, "--data", data, "--json"]
    first = run([*command, "index", library])
    run([*command, "roots", "mode", library, "file"])
    stars = cycle("12345")

    def copied(to: Path, hashed: bool) -> Cost:
        shutil.rmtree(to, ignore_errors=True)
        os.sync()
        script = 'cp -r "$1" "$2" && sync' + (' && sha256sum "$1"/* "$2"/* > /dev/null' if hashed else "")
        return run(["sh", "-c", script, "sh", work / "photos", to])

    def imported() -> Cost:
        for old in ("import", "import-data"):
            shutil.rmtree(scratch / old, ignore_errors=True)
        (scratch / "import").mkdir()
        os.sync()
        return run([tintype, "--data", scratch / "import-data", "--json", "import", work / "photos", "--into", scratch / "import"])

    def rebuilt() -> Cost:
        return run([*command, "rebuild"])

    def indexed() -> Cost:
        shutil.rmtree(scratch / "first", ignore_errors=True)
        return run([tintype, "--data", scratch / "first", "--json", "index", library])

    costs = rounds({
        "rate": lambda: run([*command, "rate", "--stars", next(stars), library]),
        "cp -r, sync": lambda: copied(scratch / "copy", hashed=False),
        "import": imported,
        "cp -r, sync, sha256sum of both": lambda: copied(scratch / "copy", hashed=True),
        "rebuild": rebuilt,
        "first index": indexed,
    }, count, say)

    def against(ours: str, theirs: str) -> float:
        return ratio([cost.wall for cost in costs[ours]], [cost.wall for cost in costs[theirs]])

    section = Section("FILES", "Look after files", [Table(["work", "time", "MB/s", "CPU", "spread"])],
                      repeat="python3 bench/run.py --only FILES")
    for name, found in costs.items():
        walls = [cost.wall for cost in found]
        section.tables[0].rows.append([name, seconds(median(walls)), three(total / median(walls) / 1e6),
                                       seconds(median(cost.cpu for cost in found)), f"± {100 * spread(walls):.0f} %"])
    section.notes.append(
        f"{len(copies)} different JPEGs, {total / 1e6:.0f} MB, in the page cache. Rating writes every file anew: temporary file, fsync, rename, pixel "
        "hash compared before and after. Import reads, copies, fsyncs, reads the copy back, compares hashes "
        f"and then analyses what came, as a first index does. The first index of all took {seconds(first.wall)}.")
    rate, brought, again = against("rate", "cp -r, sync"), against("import", "cp -r, sync, sha256sum of both"), against("first index", "rebuild")
    alone = ratio([whole.wall - index.wall for whole, index in zip(costs["import"], costs["first index"], strict=True)],
                  [cost.wall for cost in costs["cp -r, sync, sha256sum of both"]])
    section.verdicts += [
        Verdict("rating ≤ 2 × copying the files", times(rate), rate <= 2),
        Verdict("import ≤ 1.3 × cp and sha256sum, analysing what came apart", f"{times(alone)} ({times(brought)} with it)", alone <= 1.3),
        Verdict("rebuild ≥ 10 × faster than the first index", times(again), again >= 10),
    ]
    return section
