#!/usr/bin/env python3
"""Measures Tintype beside its peers and writes docs/BENCHMARKS.md. `make bench` builds the program and runs this.

Needs Python 3.11 or later and nothing else: peers are found or installed into bench/.work, and left out where they
cannot be. `--only` measures some sections and keeps the others' last results.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path

import machine
import report
from analyse import Analyse, s1, s3
from files import keeping, s11
from inference import s4
from kernels import kernel_sections, s10
from library import s12
from measure import Failed
from peer_install import prepare
from rescan import s2
from section import Section
from vectors import s5

ROOT = Path(__file__).resolve().parent.parent
WORK = ROOT / "bench" / ".work"
SECTIONS = ["S1", "S2", "S3", "S4", "S5", "S6", "S7", "S8", "S9", "S10", "S11", "S12", "FILES"]
# Which of our programs a section runs; one that it does not run need not be built.
PROGRAMS = {"S4": "inference_times", "S5": "search_times", "S12": "library_times"} | dict.fromkeys(["S6", "S7", "S8", "S9", "S10"], "kernel_times")


def say(text: str) -> None:
    print(f"bench: {text}", file=sys.stderr, flush=True)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tintype", type=Path, default=ROOT / "target/release/tintype")
    parser.add_argument("--examples", type=Path, default=ROOT / "target/release/examples",
                        help="where the programs are that measure parts: " + ", ".join(sorted(set(PROGRAMS.values()))))
    parser.add_argument("--data", type=Path, help="folder of JPEGs, or one laid out like the test photos (its big/ is used)")
    parser.add_argument("--photos", type=int, default=154, help="how many photos S1 and S3 analyse")
    parser.add_argument("--files", type=int, default=200_000, help="how many files S2 walks")
    parser.add_argument("--vectors", type=lambda text: [int(part) for part in text.split(",")], default=[100_000, 1_000_000],
                        help="how many vectors S5 searches, for example 100000,1000000")
    parser.add_argument("--library", type=int, default=1_000_000, help="how many photos S12 searches")
    parser.add_argument("--models", type=Path, default=ROOT.parent / "shared/models", help="folder of models, for S4")
    parser.add_argument("--hashes", type=int, default=1_000_000, help="how many hashes S10 groups")
    parser.add_argument("--rated", type=int, default=1000, help="how many photos FILES rates")
    parser.add_argument("--known", type=int, default=100_000, help="how many small photos FILES rebuilds a library of")
    parser.add_argument("--runs", type=int, default=5, help="rounds")
    parser.add_argument("--only", type=lambda text: text.upper().split(","), default=SECTIONS, help="for example S1,S6")
    parser.add_argument("--no-install", action="store_true", help="use only the peers that are there")
    parser.add_argument("--out", type=Path, default=ROOT / "docs/BENCHMARKS.md")
    args = parser.parse_args()
    unknown = set(args.only) - set(SECTIONS)
    if unknown:
        parser.error(f"no such section: {', '.join(sorted(unknown))}; there are {', '.join(SECTIONS)}")
    args.tintype, args.examples = args.tintype.resolve(), args.examples.resolve()
    for needed in (args.tintype, *(args.examples / PROGRAMS[id_] for id_ in args.only if id_ in PROGRAMS)):
        if not needed.exists():
            parser.error(f"{needed.name} is not built; run make bench")
    return args


def photos_to_measure(args: argparse.Namespace) -> Path:
    """--data, its big/ if it has one; else the test photos beside the checkout; else the demo library, drawn here."""
    for folder in (args.data, *([] if args.data else [ROOT.parent / "shared/photos"])):
        if folder and (folder / "big").is_dir():
            return folder / "big"
        if folder and folder.is_dir():
            return folder
    if args.data:
        raise SystemExit(f"no folder {args.data}")
    demo = WORK / "demo"
    if not demo.exists():
        say("drawing the demo library to measure on")
        subprocess.run([args.tintype, "demo", "--into", demo], check=True, stdout=subprocess.DEVNULL)
    return demo


def everyday_photos(args: argparse.Namespace) -> Path:
    """Photos with things and text in them for models: --data, else the runners of the test photos, else as for S1."""
    runners = ROOT.parent / "shared/photos/bibs"
    return runners if not args.data and runners.is_dir() else photos_to_measure(args)


def pictures_to_vary(args: argparse.Namespace) -> Path:
    """Where to look for as many different pictures as there are: all of the test photos, not the big ones alone."""
    folder = photos_to_measure(args)
    return folder.parent if folder.name == "big" else folder


def main() -> None:
    args = arguments()
    WORK.mkdir(parents=True, exist_ok=True)
    described = machine.describe()
    peers = prepare(WORK, say, install=not args.no_install)
    for name, why in peers.absent.items():
        say(f"{name} left out: {why}")
    version = subprocess.run([args.tintype, "--version"], check=True, capture_output=True, text=True).stdout.split()[-1]

    results = WORK / "results.json"
    kept = {data["id"]: Section.from_json(data) for data in json.loads(results.read_text())} if results.exists() else {}

    def keep(section: Section) -> None:
        kept[section.id] = section
        results.write_text(json.dumps([kept[id_].as_json() for id_ in SECTIONS if id_ in kept], indent=1))
        for verdict in section.verdicts:
            mark = {True: "met", False: "MISSED", None: "not judged"}[verdict.met]
            print(f"{section.id:<4}{verdict.wanted}: {verdict.measured} ({mark})", flush=True)

    failures = []

    def example(id_: str) -> Path:
        return args.examples / PROGRAMS[id_]

    def attempt(names: set[str], measure) -> None:
        if not names & set(args.only):
            return
        try:
            for section in measure():
                keep(section)
        except Failed as error:
            failures.append(f"{', '.join(sorted(names))}: {error}")
            say(failures[-1])

    if {"S1", "S3"} & set(args.only):
        setting = Analyse(args.tintype, peers, photos_to_measure(args), args.photos, WORK, say)
        attempt({"S1"}, lambda: [s1(setting, args.runs)])
        attempt({"S3"}, lambda: [s3(setting, args.runs)])
    attempt({"S2"}, lambda: [s2(args.tintype, peers, args.files, args.runs, WORK, say)])
    attempt({"S4"}, lambda: [s4(args.tintype, example("S4"), peers, args.models, everyday_photos(args), photos_to_measure(args), 16,
                                args.runs, WORK, say)])
    attempt({"S5"}, lambda: [s5(example("S5"), peers, args.vectors, min(args.runs, 3), WORK, say)])
    attempt({"S6", "S7", "S8", "S9"}, lambda: kernel_sections(example("S6"), peers, args.runs, set(args.only), say))
    attempt({"S10"}, lambda: [s10(example("S10"), peers, args.hashes, min(args.runs, 3), say)])

    attempt({"S11"}, lambda: [s11(args.tintype, peers, photos_to_measure(args), args.photos, args.runs, WORK, say)])
    attempt({"S12"}, lambda: [s12(args.tintype, example("S12"), args.library, args.runs, WORK, say)])
    attempt({"FILES"}, lambda: [keeping(args.tintype, photos_to_measure(args), pictures_to_vary(args), args.photos, args.rated,
                                        args.known, args.runs, WORK, say)])

    report.write(args.out, described, {"Tintype": version} | peers.versions, peers.absent, args.runs,
                 [kept[id_] for id_ in SECTIONS if id_ in kept])
    say(f"wrote {args.out.name}")
    if failures:
        raise SystemExit("some sections could not be measured:\n" + "\n".join(failures))


if __name__ == "__main__":
    main()
