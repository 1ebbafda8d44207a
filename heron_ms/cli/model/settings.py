"""What the work directory of a model remembers, so that `compile` need not be told again."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict, dataclass
from pathlib import Path

from heron_ms.cli.arguments import inputs
from heron_ms.errors import WorkDirError
from heron_ms.hardware import Machine

_FILE = "model.json"


@dataclass(frozen=True)
class Settings:
    """The shapes that a model was tuned with, and the machine by the name the user gave it."""

    shapes: dict[str, tuple[int, ...]]
    target: str = "host"
    cores: int | None = None

    def machine(self) -> Machine:
        """The machine, which must be here; raises `TargetError` and `UsageError`."""
        return inputs.runnable(self.target, self.cores)

    def write(self, work_dir: Path) -> None:
        """Keep them in a work directory."""
        work_dir.mkdir(parents=True, exist_ok=True)
        text = json.dumps(asdict(self), indent=2)
        (work_dir / _FILE).write_text(text + "\n", encoding="utf-8")


def settings_of(args: argparse.Namespace, work_dir: Path | None = None) -> Settings:
    """What is asked for; the rest as a work directory remembers it. Raises `WorkDirError`."""
    kept = Settings({}) if work_dir is None else _read(work_dir / _FILE)
    return Settings(
        {**kept.shapes, **dict(args.shape)},
        args.target or kept.target,
        kept.cores if args.cores is None else args.cores,
    )


def _read(file: Path) -> Settings:
    if not file.is_file():
        return Settings({})
    try:
        fields = json.loads(file.read_text(encoding="utf-8"))
        shapes = {name: tuple(map(int, sizes)) for name, sizes in fields["shapes"].items()}
        return Settings(shapes, str(fields["target"]), fields["cores"])
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise WorkDirError(f"{file} is damaged: remove it and name --shape and --target") from error
