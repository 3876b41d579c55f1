"""docs/BENCHMARKS.md: the measured part stands between two markers, what people wrote around it stays."""

from __future__ import annotations

from pathlib import Path

from section import Section, Table

START, END = "<!-- measured: start (written by `make bench`) -->", "<!-- measured: end -->"

FRAME = f"""# Benchmarks

Tintype beside the programs that people use for the same work, measured in one run on one machine. Repeat it with
`make bench` (or `make bench DATA=DIR` for your own JPEGs): it installs the peers that install simply into `bench/.work`, leaves out
the others and says so.

How to read it: contenders take turns, round by round, so that a noisy minute hurts all alike; times are medians over the
rounds; a ratio is the median of the rounds' own ratios; *spread* is half the distance between the best and the worst round.
"CPU" counts every thread and child process. Absolute numbers belong to the machine named below; the ratios travel better.

{START}
{END}
"""


def write(path: Path, machine: dict[str, str], versions: dict[str, str], absent: dict[str, str], rounds: int,
          sections: list[Section]) -> None:
    text = path.read_text() if path.exists() else FRAME
    if START not in text or END not in text:
        raise SystemExit(f"{path.name} has lost its markers {START} … {END}; not touching it")
    before, rest = text.split(START, 1)
    _, after = rest.split(END, 1)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(before + START + "\n" + measured(machine, versions, absent, rounds, sections) + END + after)


def measured(machine: dict[str, str], versions: dict[str, str], absent: dict[str, str], rounds: int, sections: list[Section]) -> str:
    lines = ["", "## Measured", ""]
    lines += [f"- **{key}**: {value}" for key, value in machine.items()]
    lines.append("- **versions**: " + ", ".join(f"{name} {version}" for name, version in versions.items()))
    if absent:
        lines.append("- **absent**: " + "; ".join(f"{name} ({why})" for name, why in absent.items()))
    lines.append(f"- **rounds**: {rounds}")
    lines += ["", "### Targets", ""]
    lines += _table(Table(["", "target", "measured", ""], [
        [section.id, verdict.wanted, verdict.measured, {True: "met", False: "**missed**", None: "not judged"}[verdict.met]]
        for section in sections for verdict in section.verdicts]))
    for section in sections:
        lines += ["", f"### {section.id}: {section.title}", ""]
        for table in section.tables:
            lines += [*_table(table), ""]
        lines += [f"- {note}" for note in section.notes]
        lines.append(f"- Again: `{section.repeat}`")
    return "\n".join(lines) + "\n\n"


def _table(table: Table) -> list[str]:
    rows = [table.columns, ["---"] * len(table.columns), *table.rows]
    return ["| " + " | ".join(str(cell).replace("|", "\\|") for cell in row) + " |" for row in rows]
