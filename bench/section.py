"""What a part of the benchmark hands back, and how numbers are written."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field


@dataclass
class Table:
    columns: list[str]
    rows: list[list[str]] = field(default_factory=list)


@dataclass
class Verdict:
    """One target: what was wanted, what was measured, and whether that is enough (None: could not be judged)."""

    wanted: str
    measured: str
    met: bool | None


@dataclass
class Section:
    id: str
    title: str
    tables: list[Table] = field(default_factory=list)
    verdicts: list[Verdict] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    repeat: str = ""

    def as_json(self) -> dict:
        return asdict(self)

    @staticmethod
    def from_json(data: dict) -> Section:
        return Section(data["id"], data["title"], [Table(**t) for t in data["tables"]],
                       [Verdict(**v) for v in data["verdicts"]], data["notes"], data["repeat"])


def seconds(value: float) -> str:
    """A duration with three significant digits and the unit that suits it."""
    for limit, factor, unit in ((1e-6, 1e9, "ns"), (1e-3, 1e6, "µs"), (1.0, 1e3, "ms")):
        if value < limit:
            return f"{three(value * factor)} {unit}"
    return f"{three(value)} s"


def three(value: float) -> str:
    """Three significant digits, without an exponent."""
    if value >= 100:
        return f"{value:.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def times(value: float) -> str:
    return f"{three(value)} ×"
