"""What a work directory remembers of each model, so that `compile` need not be told again."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from heron_ms.cli.arguments import inputs
from heron_ms.cli.arguments.kept import SETTINGS
from heron_ms.database.files import replace_file
from heron_ms.errors import TargetError, WorkDirError
from heron_ms.hardware import Machine, resolve
from heron_ms.measure.devices import device_of


@dataclass(frozen=True)
class Settings:
    """What a model was tuned with: shapes, machine, by the name the user gave it, allowances."""

    shapes: dict[str, tuple[int, ...]]
    target: str = "host"
    cores: int | None = None
    allow: tuple[str, ...] = ()

    def machine(self) -> Machine:
        """The machine, of which something must measure; raises `TargetError` and `UsageError`."""
        return inputs.runnable(self.target, self.cores)

    def compiled_for(self) -> Machine:
        """The machine, which may be another one; raises `TargetError` and `UsageError`."""
        described = resolve(self.target)
        if described.here() is None:
            return self._running()
        return described if self.cores is None else described.with_cores(self.cores)

    def _running(self) -> Machine:
        """The machine, on which a library runs here; raises `TargetError`."""
        described = self.machine()
        device = device_of(described)
        if device.offloads:
            is_one, does = (
                ("is simulated", "simulates a model")
                if device.estimates
                else ("takes no more than the products of a model", "computes these on it")
            )
            raise TargetError(
                f"target {self.target} {is_one}, and no library is written for it: "
                f"`heron-ms tune-model MODEL --target {self.target}` tunes and {does}"
            )
        return described

    def write(self, work_dir: Path, model: str) -> None:
        """Keep them in a work directory as those of the model of that name."""
        work_dir.mkdir(parents=True, exist_ok=True)
        file = work_dir / SETTINGS
        others = {name: asdict(kept) for name, kept in _read(file).items()}
        text = json.dumps({**others, model: asdict(self)}, indent=2)
        replace_file(file, f"{text}\n".encode())


def settings_of(args: argparse.Namespace, work_dir: Path | None = None) -> Settings:
    """What is asked for; the rest as a work directory remembers it. Raises `WorkDirError`."""
    known = {} if work_dir is None else _read(work_dir / SETTINGS)
    kept = known.get(Path(args.model).name, Settings({}))
    return Settings(
        {**kept.shapes, **args.shape},
        args.target or kept.target,
        kept.cores if args.cores is None else args.cores,
        tuple(args.allow) or kept.allow,
    )


def _read(file: Path) -> dict[str, Settings]:
    if not file.is_file():
        return {}
    try:
        models = json.loads(file.read_text(encoding="utf-8"))
        return {name: _settings(fields) for name, fields in models.items()}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise WorkDirError(f"{file} is damaged: remove it and name --shape and --target") from error


def _settings(fields: dict[str, Any]) -> Settings:
    shapes = {name: tuple(map(int, sizes)) for name, sizes in fields["shapes"].items()}
    allow = tuple(map(str, fields.get("allow", ())))
    return Settings(shapes, str(fields["target"]), fields["cores"], allow)
