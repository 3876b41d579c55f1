"""Finding the programs that we compare with, and installing those that install simply. Each one may be absent."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

# The version that `scripts/onnxruntime.sh` brings for Tintype.
ONNXRUNTIME = "1.31.1"
PYTHON_PACKAGES = ["numpy", "opencv-python-headless", "pillow", "imagehash", "scipy", "faiss-cpu", "usearch", f"onnxruntime=={ONNXRUNTIME}",
                   "fastapi", "uvicorn", "python-multipart"]


@dataclass
class Peers:
    """Paths of the peers that are there, and why the others are not."""

    python: Path | None = None
    czkawka: str | None = None
    vipsthumbnail: str | None = None
    exiftool: str | None = None
    find: str | None = None
    strace: str | None = None
    versions: dict[str, str] = field(default_factory=dict)
    absent: dict[str, str] = field(default_factory=dict)


def prepare(work: Path, say, *, install: bool) -> Peers:
    peers = Peers()
    peers.python = _python(work, peers, say, install)
    peers.czkawka = _czkawka(work, peers, say, install)
    peers.vipsthumbnail = _system_program("vipsthumbnail", "libvips-tools", ["--vips-version"], "libvips", peers, say, install)
    peers.exiftool = _system_program("exiftool", "libimage-exiftool-perl", ["-ver"], "exiftool", peers, say, install)
    peers.find = _system_program("find", "findutils", ["--version"], "find", peers, say, install)
    peers.strace = shutil.which("strace")
    peers.absent["imagededup"] = "needs PyTorch (gigabytes) for its import; its perceptual hash is that of imagehash"
    return peers


def _python(work: Path, peers: Peers, say, install: bool) -> Path | None:
    venv = work / "venv"
    python = venv / "bin" / "python"
    probe = "import cv2, faiss, fastapi, imagehash, multipart, numpy, onnxruntime, PIL, scipy, sys, usearch, uvicorn; print(sys.version.split()[0], cv2.__version__, " \
            "imagehash.__version__, numpy.__version__, PIL.__version__, scipy.__version__, faiss.__version__, usearch.__version__, onnxruntime.__version__, fastapi.__version__)"
    found = _output([python, "-c", probe])
    if found is None and install:
        say("installing the Python peers (NumPy, OpenCV, Pillow, imagehash, SciPy, FAISS, usearch, ONNX Runtime, FastAPI)")
        try:
            subprocess.run([sys.executable, "-m", "venv", venv], check=True, capture_output=True)
            subprocess.run([python, "-m", "pip", "install", "--quiet", *PYTHON_PACKAGES], check=True, capture_output=True)
        except (subprocess.CalledProcessError, OSError) as error:
            peers.absent["Python"] = f"its packages could not be installed ({_reason(error)})"
            return None
        found = _output([python, "-c", probe])
    if found is None:
        peers.absent.setdefault("Python", "its packages are not installed")
        return None
    names = ["Python", "OpenCV", "imagehash", "NumPy", "Pillow", "SciPy", "FAISS", "usearch", "ONNX Runtime", "FastAPI"]
    peers.versions |= dict(zip(names, found.split(), strict=True))
    return python


def _czkawka(work: Path, peers: Peers, say, install: bool) -> str | None:
    own = work / "cargo" / "bin" / "czkawka_cli"
    program = shutil.which("czkawka_cli") or (str(own) if own.exists() else None)
    if program is None and install and shutil.which("cargo"):
        say("building czkawka_cli from crates.io (once; about 20 minutes of one core)")
        environment = {**os.environ, "CARGO_TARGET_DIR": str(work / "cargo-target")}
        try:
            subprocess.run(["cargo", "install", "--quiet", "--locked", "--root", str(work / "cargo"), "czkawka_cli"],
                           check=True, capture_output=True, env=environment, timeout=1800)
        except (subprocess.SubprocessError, OSError) as error:
            peers.absent["czkawka"] = f"could not be built ({_reason(error)})"
            return None
        finally:
            shutil.rmtree(work / "cargo-target", ignore_errors=True)
        program = str(own) if own.exists() else None
    if program is None:
        peers.absent.setdefault("czkawka", "not installed")
        return None
    peers.versions["czkawka"] = (_output([program, "--version"]) or "unknown").splitlines()[0].split()[-1]
    return program


def _system_program(name: str, package: str, version: list[str], label: str, peers: Peers, say, install: bool) -> str | None:
    program = shutil.which(name)
    if program is None and install and shutil.which("apt-get") and os.geteuid() == 0:
        say(f"installing {package}")
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        try:
            subprocess.run(["apt-get", "update", "-qq"], check=True, capture_output=True, env=environment)
            subprocess.run(["apt-get", "install", "-qq", "-y", "--no-install-recommends", package], check=True,
                           capture_output=True, env=environment)
        except (subprocess.CalledProcessError, OSError) as error:
            peers.absent[label] = f"{package} could not be installed ({_reason(error)})"
        program = shutil.which(name)
    if program is None:
        peers.absent.setdefault(label, f"{package} is not installed")
        return None
    text = (_output([program, *version]) or "unknown").splitlines()[0]
    peers.versions[label] = next((word for word in text.replace("-", " ").split() if word[:1].isdigit()), text)
    return program


def _output(command) -> str | None:
    try:
        return subprocess.run([str(part) for part in command], check=True, capture_output=True, text=True, timeout=120).stdout.strip()
    except (subprocess.SubprocessError, OSError):
        return None


def _reason(error: Exception) -> str:
    stderr = getattr(error, "stderr", None)
    if not stderr:
        return type(error).__name__
    lines = (stderr.decode(errors="replace") if isinstance(stderr, bytes) else stderr).strip().splitlines()
    return lines[-1][:160] if lines else type(error).__name__
