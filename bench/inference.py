"""S4: models with all that is around them, beside Python with the same library of ONNX Runtime, on the same pixels and as a service."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from analyse import PEERS_FOLDER
from measure import Failed, median, run, separate_cores
from peer_install import Peers
from section import Section, Table, Verdict, seconds, times
from service import embedding_over_http

# What is measured, with what was found in all photos together.
MODELS = {
    "mobilenet-v2": ("MobileNetV2: labels and vector", "labels"),
    "nima-aesthetic": ("NIMA, aesthetic", "votes"),
    "nima-technical": ("NIMA, technical", "votes"),
    "yolox-nano": ("YOLOX-nano: objects", "objects"),
    "ppocr-v3-tiny": ("PP-OCR: lines found and read", "lines"),
}
PYTHON, ALONE = "Python, ONNX Runtime", "of which the engine alone"


def s4(tintype: Path, inference_times: Path, peers: Peers, models: Path, photos: Path, large: Path, number: int, count: int, work: Path,
       say) -> Section:
    if not models.is_dir():
        raise Failed("no folder of models; name one with --models")
    files = _some(photos, number)
    library = _library(peers)
    took: dict[tuple[str, str], list[float]] = {}
    found: dict[tuple[str, str], int] = {}

    def note(program: str, text: str) -> None:
        for row in (json.loads(line) for line in text.splitlines() if line.startswith("{")):
            if "name" in row:
                took.setdefault((row["name"], program), []).append(median(row["ms"]) / 1e3)
                found[row["name"], program] = row["found"]
                if "engine_ms" in row:
                    took.setdefault((row["name"], ALONE), []).append(median(row["engine_ms"]) / 1e3)

    one = separate_cores(1)
    engines = {"Tintype, RTen": "rten"} | ({"Tintype, ONNX Runtime": "onnx"} if library else {})
    with tempfile.TemporaryDirectory(dir=work) as folder:
        for round_ in range(1, count + 1):
            say(f"round {round_} of {count}: inference")
            for program, engine in engines.items():
                environment = {"TINTYPE__MODELS__ONNXRUNTIME": library} if engine == "onnx" else {}
                note(program, run([inference_times, models, engine, folder, *files], cpus=one, env=environment).stdout)
            if library:
                note(PYTHON, run([peers.python, PEERS_FOLDER / "inference.py", models, folder], cpus=one).stdout)

    section = Section("S4", "Models, one thread, from pixels to result", repeat="python3 bench/run.py --only S4")
    table = Table(["model", "program", "CPU time per photo", "against Python", "found in all photos"])
    for name, (title, kind) in MODELS.items():
        theirs = took.get((name, PYTHON))
        for program in (*engines, PYTHON, ALONE):
            own = took.get((name, program))
            if not own:
                continue
            faster = median(t / o for t, o in zip(theirs, own, strict=True)) if theirs and program != PYTHON else None
            what = f"{found[name, program]} {kind}" if (name, program) in found else ""
            table.rows.append([title, program, seconds(median(own)), times(faster) if faster else "", what])
            if program == "Tintype, ONNX Runtime":
                section.verdicts.append(Verdict(f"≥ 1.0 × Python's throughput with ONNX Runtime, {name}",
                                                times(faster) if faster else "not measured", faster >= 1 if faster else None))
    service, verdicts, notes = embedding_over_http(
        tintype, peers, library, models, {"photos of cameras": _some(large, number), "smaller ones": files}, count, work, say)
    section.tables += [table, service]
    section.verdicts += verdicts
    section.notes += [
        f"{len(files)} photos of up to 1,024 pixels, decoded before the time is taken; one thread pinned to one core. Both sides load the "
        "same library and the same files and do the same work: scaling, normalising, the graph, boxes and words from its output. Python "
        "does it with OpenCV and NumPy. RTen is the engine that is built in, for where no library is installed.",
        "“Against Python” above 1 is faster. What is found differs a little where scaling and growing boxes round differently.",
        *notes,
    ]
    return section


def _some(folder: Path, number: int) -> list[Path]:
    """So many JPEGs of a folder at most, from all over it."""
    files = sorted(path for path in folder.rglob("*") if path.suffix.lower() in (".jpg", ".jpeg"))
    if not files:
        raise Failed("no JPEG found to measure on")
    return [files[at * len(files) // number] for at in range(number)] if len(files) > number else files


def _library(peers: Peers) -> str | None:
    """The library inside the Python package, so that both sides run the same."""
    if not peers.python or "ONNX Runtime" not in peers.versions:
        return None
    found = sorted((peers.python.parent.parent / "lib").glob("python3*/site-packages/onnxruntime/capi/libonnxruntime.so.*"))
    return str(found[0]) if found else None
