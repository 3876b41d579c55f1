"""Looking after files: reading metadata (S11), and rating, importing and rebuilding, each beside the plain tools."""

from __future__ import annotations

import json
import os
import shutil
from itertools import cycle
from pathlib import Path

from inputs import jpeg_copies, quantisation_table, vary
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


# What a first index does to one photo. Grouping is left out: hundreds of variants of one picture, all of them alike, are
# no library that anybody has, and a rebuild takes groups over as they are.
PHOTO_STEPS = "thumbnail,perceptual_hash,extract_keypoints,detect_blur,score_iqa,extract_scene_embedding"


def small_jpegs(tintype: Path, pictures: Path, target: Path, count: int, scratch: Path) -> int:
    """`count` different JPEGs of at most 256 pixels a side, five hundred to a folder; of how many pictures they are.

    They are previews that Tintype made of the photos in `pictures`, each with coded bytes of its own (see `vary`).
    """
    stamp = target / ".made"
    if stamp.exists() and stamp.read_text().startswith(f"{count} of "):
        return int(stamp.read_text().split()[-1])
    shutil.rmtree(target, ignore_errors=True)
    data = scratch / "previews-of"
    run([tintype, "--data", data, "--json", "index", pictures, "--steps", "thumbnail"])
    bodies = dict.fromkeys(path.read_bytes() for path in sorted((data / "previews").rglob("*-256.jpg")))
    bases = [body for body in bodies if quantisation_table(body)]
    for i in range(count):
        folder = target / f"{i // 500:03}"
        if i % 500 == 0:
            folder.mkdir(parents=True)
        (folder / f"IMG_{i:06}.jpg").write_bytes(vary(bases[i % len(bases)], i // len(bases)))
    stamp.write_text(f"{count} of {len(bases)}")
    return len(bases)


def keeping(tintype: Path, source: Path, pictures: Path, photos: int, rated: int, known: int, count: int, work: Path, say) -> Section:
    """Rating beside copying, importing beside copying and hashing, rebuilding beside the first index."""
    copies = jpeg_copies(source, work / "photos", photos)
    more = jpeg_copies(source, work / "rated", rated)
    scratch = work / "keeping"
    shutil.rmtree(scratch, ignore_errors=True)
    library, data = scratch / "library", scratch / "data"
    shutil.copytree(work / "rated", library)
    rating = [tintype, "--data", data, "--json"]
    say(f"index of the {rated} photos to rate")
    run([*rating, "index", library])
    run([*rating, "roots", "mode", library, "file"])
    stars = cycle("12345")

    say(f"making {known} small photos")
    small, known_data = work / "known", scratch / "known-data"
    bases = small_jpegs(tintype, pictures, small, known, scratch)
    rebuilding = [tintype, "--data", known_data, "--json"]
    say("their first index")
    first = run([*rebuilding, "index", small, "--steps", PHOTO_STEPS])

    def copied(what: Path, hashed: bool) -> Cost:
        shutil.rmtree(scratch / "copy", ignore_errors=True)
        os.sync()
        script = 'cp -r "$1" "$2" && sync' + (' && sha256sum "$1"/* "$2"/* > /dev/null' if hashed else "")
        return run(["sh", "-c", script, "sh", what, scratch / "copy"])

    def imported() -> Cost:
        for old in ("import", "import-data"):
            shutil.rmtree(scratch / old, ignore_errors=True)
        (scratch / "import").mkdir()
        os.sync()
        return run([tintype, "--data", scratch / "import-data", "--json", "import", work / "photos", "--into", scratch / "import"])

    def indexed() -> Cost:
        shutil.rmtree(scratch / "first", ignore_errors=True)
        return run([tintype, "--data", scratch / "first", "--json", "index", work / "photos"])

    def rebuilt() -> Cost:
        # Each leaves a backup of the whole database.
        shutil.rmtree(known_data / "backups", ignore_errors=True)
        os.sync()
        return run([*rebuilding, "rebuild"])

    # Nothing is to be on its way to the disk when the first round begins.
    os.sync()
    rate, cp, hashed_cp = f"rate {rated:,} photos", f"cp -r, sync of {rated:,} photos", f"cp -r, sync, sha256sum of both, {photos:,} photos"
    bring, index, rebuild = f"import {photos:,} photos", f"first index of {photos:,} photos", f"rebuild of {known:,} known photos"
    costs = rounds({
        rate: lambda: run([*rating, "rate", "--stars", next(stars), library]),
        cp: lambda: copied(work / "rated", hashed=False),
        bring: imported,
        hashed_cp: lambda: copied(work / "photos", hashed=True),
        index: indexed,
        rebuild: rebuilt,
    }, count, say)
    costs[f"first index of {known:,} photos"] = [first]
    last = json.loads(costs[rebuild][-1].stdout.strip().splitlines()[-1])["result"]

    def against(ours: str, theirs: str) -> float:
        return ratio([cost.wall for cost in costs[ours]], [cost.wall for cost in costs[theirs]])

    def size(files: list[Path]) -> int:
        return sum(file.stat().st_size for file in files)

    bytes_of = {rate: size(more), cp: size(more), bring: size(copies), hashed_cp: size(copies), index: size(copies)}
    section = Section("FILES", "Look after files", [Table(["work", "time", "MB/s", "CPU", "spread"])],
                      repeat="python3 bench/run.py --only FILES")
    for name, found in costs.items():
        walls = [cost.wall for cost in found]
        section.tables[0].rows.append([
            name, seconds(median(walls)), three(bytes_of[name] / median(walls) / 1e6) if name in bytes_of else "",
            seconds(median(cost.cpu for cost in found)), f"± {100 * spread(walls):.0f} %" if len(walls) > 1 else "one run"])
    section.notes += [
        f"{rated:,} different JPEGs of {size(more) / rated / 1e6:.1f} MB on average to rate, {photos:,} to import, in the page cache. Rating writes every "
        "file anew: temporary file, flush, rename, the coded picture compared before and after. Import reads, copies, fsyncs, reads the copy back, compares "
        "hashes and then analyses what came, as a first index does.",
        f"The rebuild is of {known:,} different JPEGs of at most 256 pixels a side ({bases} previews, each in {known // bases} to "
        f"{-(-known // bases)} variants), whose database is {(known_data / 'tintype.db').stat().st_size / 1e6:.0f} MB. Small pictures are the hard "
        f"case: a first index of them is short ({1e3 * first.cpu / known:.1f} ms of CPU each, grouping of duplicates left out), and a rebuild costs what it "
        f"costs with large ones. It opened {last['read']['opened']} photos and computed {last['computed']} features.",
    ]
    written, brought = against(rate, cp), against(bring, hashed_cp)
    rebuilds = median(cost.wall for cost in costs[rebuild])
    again, large = first.wall / rebuilds, median(cost.wall for cost in costs[index]) * known / photos / rebuilds
    alone = ratio([whole.wall - part.wall for whole, part in zip(costs[bring], costs[index], strict=True)],
                  [cost.wall for cost in costs[hashed_cp]])
    section.verdicts += [
        Verdict("rating ≤ 2 × copying the files", times(written), written <= 2),
        Verdict("import ≤ 1.3 × cp and sha256sum, analysing what came apart", f"{times(alone)} ({times(brought)} with it)", alone <= 1.3),
        Verdict("rebuild ≥ 10 × faster than the first index, of these photos",
                f"{times(large)} (their first index extrapolated from {photos:,} to {known:,})", large >= 10),
        Verdict("the same of pictures of 256 pixels", times(again), again >= 10),
    ]
    return section
