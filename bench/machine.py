"""What the numbers were measured on."""

from __future__ import annotations

import datetime
import os
import platform
import re
from pathlib import Path

from measure import available_cpus


def describe() -> dict[str, str]:
    return {
        "date": datetime.date.today().isoformat(),
        "processor": _processor(),
        "memory": _memory(),
        "system": _system(),
        "load": f"{os.getloadavg()[0]:.2f} runnable tasks on average in the minute before the start",
    }


def _processor() -> str:
    try:
        text = Path("/proc/cpuinfo").read_text()
    except OSError:
        return platform.processor() or platform.machine()
    model = re.search(r"^model name\s*:\s*(.+)$", text, re.M)
    flags = re.search(r"^flags\s*:\s*(.+)$", text, re.M)
    known = set(flags.group(1).split()) if flags else set()
    sets = [name for flag, name in (("avx2", "AVX2"), ("avx512bw", "AVX-512"), ("avx512_vpopcntdq", "VPOPCNTDQ"), ("sha_ni", "SHA"))
            if flag in known]
    cores = len(available_cpus())
    return f"{model.group(1) if model else platform.machine()}, {cores} CPUs" + (f" ({', '.join(sets)})" if sets else "")


def _memory() -> str:
    try:
        kilobytes = int(re.search(r"^MemTotal:\s*(\d+)", Path("/proc/meminfo").read_text(), re.M).group(1))
    except (OSError, AttributeError):
        return "unknown"
    return f"{kilobytes / 2**20:.0f} GiB"


def _system() -> str:
    try:
        name = re.search(r'^PRETTY_NAME="?([^"\n]+)', Path("/etc/os-release").read_text(), re.M).group(1)
    except (OSError, AttributeError):
        name = platform.system()
    return f"{name}, {platform.system()} {platform.release().split('-')[0]}"
