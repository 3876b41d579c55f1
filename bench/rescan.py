"""S2: index a large tree again in which nothing changed."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from analyse import PEERS_FOLDER, czkawka_images
from inputs import small_file_tree
from measure import median, ratio, rounds, run, separate_cores, spread
from peer_install import Peers
from section import Section, Table, Verdict, seconds, three, times

FLOOR = "find -size: readdir and stat alone"


def s2(tintype: Path, peers: Peers, files: int, count: int, work: Path, say) -> Section:
    tree, scratch = work / "tree", work / "rescan"
    say(f"making a tree of {files} files")
    small_file_tree(tree, files)
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True)
    command = [tintype, "index", tree, "--json", "--data", scratch / "data"]
    say("first index")
    first = run(command)
    run(command)

    one, two = separate_cores(1), separate_cores(2)
    contenders = {
        "Tintype, one core": lambda: run(command, cpus=one),
        "Tintype, two cores": lambda: run(command, cpus=two),
    }
    if peers.find:
        contenders[FLOOR] = lambda: run([peers.find, tree, "-type", "f", "-size", "+1000000G"], cpus=one)
        contenders["find -printf '%s %T@ %p'"] = lambda: run(
            [peers.find, tree, "-type", "f", "-printf", "%s %T@ %p\\n"], cpus=one, keep_output=False)
    if peers.python:
        python = [peers.python, PEERS_FOLDER / "rescan.py"]
        run([*python, "remember", tree, scratch / "seen"])
        contenders["Python: os.scandir and compare"] = lambda: run([*python, "compare", tree, scratch / "seen"], cpus=one)
    notes = []
    if peers.czkawka:
        say("czkawka's first scan")
        cold = czkawka_images(peers.czkawka, tree, scratch / "czkawka")
        contenders["czkawka, second scan"] = lambda: czkawka_images(peers.czkawka, tree, scratch / "czkawka")
        notes.append(f"czkawka's first scan took {seconds(cold.wall)}; its second also compares all hashes again, which cannot be "
                     "turned off.")
    costs = rounds(contenders, count, say)

    table = Table(["program", "time", "CPU", "against Tintype on two cores", "spread"])
    ours = [cost.wall for cost in costs["Tintype, two cores"]]
    for name, runs in costs.items():
        walls = [cost.wall for cost in runs]
        against = "" if name == "Tintype, two cores" else times(ratio(walls, ours))
        table.rows.append([name, seconds(median(walls)), seconds(median(cost.cpu for cost in runs)), against,
                           f"± {100 * spread(walls):.0f} %"])
    last = json.loads(costs["Tintype, two cores"][-1].stdout.strip().splitlines()[-1])
    section = Section("S2", f"Index {files:,} files again, nothing changed", [table], notes=notes,
                      repeat="python3 bench/run.py --only S2 --files 200000")
    section.notes.append(
        f"2,000 pictures of 32 × 32 pixels under {files:,} names, a hundred to a folder, directory entries and inodes "
        f"cached. The first index took {seconds(first.wall)} ({three(files / first.wall)} files/s). A rescan computed {last['computed']} features and opened {last['opened']} photo files"
        + opened_by_trace(peers, command, tree, scratch)
        + f"; it took {median(cost.peak_rss for cost in costs['Tintype, two cores']) / 2**20:.0f} MB of memory.")
    if FLOOR in costs:
        share = ratio([c.wall for c in costs["Tintype, one core"]], [c.wall for c in costs[FLOOR]])
        section.verdicts.append(Verdict("≤ 1.5 × readdir and stat, one core", times(share), share <= 1.5))
    section.verdicts.append(Verdict("no file opened", f"{last['opened']} opened", last["opened"] == 0))
    return section


def opened_by_trace(peers: Peers, command, tree: Path, scratch: Path) -> str:
    """What strace saw of files opened inside the tree, folders apart, as the end of a sentence."""
    if not peers.strace:
        return ""
    log = scratch / "strace.log"
    run([peers.strace, "-f", "-qq", "-e", "trace=open,openat,openat2", "-o", log, *command])
    with open(log, errors="replace") as lines:
        opened = sum(1 for line in lines if "IMG_" in line and "O_DIRECTORY" not in line)
    return f", as `strace` says too ({opened})" if opened == 0 else f"; `strace` saw {opened} opened"

