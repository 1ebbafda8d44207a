"""The result of `heron-ms tune`: as a table, and as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from rich import box
from rich.table import Table

from heron_ms.cli.tune.disturbance import Disturbance


@dataclass(frozen=True)
class Report:
    """What a search found and what it cost; ``latency`` in seconds, None where nothing worked.

    ``weight`` says who laid out the weight that the latency was measured with, ``limited_by`` which
    memory level takes most of the energy by the analytic model (None where it cannot say),
    ``facts`` what else the device says. The latency may be ``estimated`` by a model of the machine.
    What was ``interrupted`` was not checked, so it has not ``passed``, nor is there a
    ``disturbance``.
    ``untuned`` says what was left as it is and why, ``warnings`` what else tuning warned of.
    """

    case: list[int]
    latency: float | None
    operations: int
    peak: float | None
    tried: int
    resumed: int
    invalid: int
    seconds: dict[str, float]
    passed: bool
    settings: dict[str, Any]
    weight: str | None = None
    limited_by: str | None = None
    facts: Mapping[str, str] = field(default_factory=dict)
    estimated: bool = False
    interrupted: bool = False
    disturbance: Disturbance | None = None
    untuned: Sequence[str] = ()
    warnings: Sequence[str] = ()

    @property
    def gops(self) -> float | None:
        """Billions of nominal operations a second; padding does not count."""
        return None if self.latency is None else self.operations / self.latency / 1e9

    @property
    def peak_share(self) -> float | None:
        """The speed as a share of the measured peak of the instruction."""
        return None if self.gops is None or self.peak is None else self.gops / self.peak

    @property
    def _share(self) -> str | None:
        if self.peak is None or self.peak_share is None:
            return None
        return f"{self.peak_share:.1%} of {self.peak:.1f} GOP/s"

    @property
    def exhausted(self) -> bool:
        """Whether the search ended before its trials, as there was nothing left to try."""
        return not self.interrupted and self.tried < (self.settings.get("trials") or 0)

    def record(self) -> dict[str, Any]:
        """All there is, by name; ready for JSON."""
        return {
            "case": self.case,
            "pass": self.passed,
            "interrupted": self.interrupted,
            "estimated": self.estimated,
            "latency_ms": None if self.latency is None else self.latency * 1e3,
            "gops": self.gops,
            "peak_share": self.peak_share,
            "peak_gops": self.peak,
            "tried": self.tried,
            "resumed": self.resumed,
            "invalid": self.invalid,
            "seconds": self.seconds,
            "untuned": list(self.untuned),
            "warnings": list(self.warnings),
            "weight_used": self.weight,
            "limited_by": self.limited_by,
            **({"facts": dict(self.facts)} if self.facts else {}),
            **({"disturbed": None} if self.disturbance is None else self.disturbance.record()),
            **self.settings,
        }

    def to_json(self) -> str:
        """One object, indented."""
        return json.dumps(self.record(), indent=2) + "\n"

    def table(self) -> Table:
        """Two columns for the terminal."""
        table = Table(box=box.SIMPLE, show_header=False)
        for name, value in self._rows():
            table.add_row(name, value)
        return table

    def _rows(self) -> list[tuple[str, str]]:
        latency = "-" if self.latency is None else f"{self.latency * 1e3:.6f} ms"
        gops = "-" if self.gops is None else f"{self.gops:.1f} GOP/s"
        how = "estimated" if self.estimated else "measured"
        resumed = f" ({self.resumed} of them earlier)" if self.resumed else ""
        all_there_are = ": no more were found" if self.exhausted else ""
        signs = [] if self.disturbance is None else self.disturbance.signs
        return [
            *(("left as it is", why) for why in self.untuned),
            *(("warning", warning) for warning in self.warnings),
            *(("machine was disturbed", sign) for sign in signs),
            ("best latency" if how == "measured" else "best latency (estimated)", latency),
            ("speed", gops),
            *_answered(f"share of the {how} peak", self._share),
            ("weight", self.weight or "-"),
            *_answered("limited by (model)", self.limited_by),
            *self.facts.items(),
            ("candidates tried", f"{self.tried}{resumed}{all_there_are}"),
            ("invalid", str(self.invalid)),
            *((f"seconds {doing}", f"{self.seconds[key]:.1f}") for key, doing in _DOING.items()),
        ]


def _answered(name: str, answer: str | None) -> list[tuple[str, str]]:
    return [] if answer is None else [(name, answer)]


_DOING = {"prepare": "preparing", "search": "searching", "build": "building", "run": "running"}
