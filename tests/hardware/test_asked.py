"""A CPU that is asked elsewhere is the one that is had by its name here."""

from __future__ import annotations

from typing import Any

import pytest

from heron_ms.errors import TargetError
from heron_ms.hardware import cpu_asked, host, resolve
from heron_ms.measure.servers import device as servers
from heron_ms.measure.servers.tracker import Tracker


def answers(cpu: str, triple: str, threads: int) -> Any:
    known = {
        "target.llvm_get_system_cpu": cpu,
        "target.llvm_get_system_triple": triple,
        "runtime.NumThreads": threads,
    }
    return known.__getitem__


@pytest.mark.parametrize("name", ["cortex-a76", "neoverse-n1"])
def test_a_board_has_the_target_of_its_name(name: str) -> None:
    asked = cpu_asked(answers(name, "aarch64-unknown-linux-gnu", 4))
    assert asked.target() == resolve(name).with_cores(4).target()
    assert asked.target()["mtriple"] == "aarch64-linux-gnu"


def test_a_cpu_like_this_one_is_this_one() -> None:
    asked = cpu_asked(answers(host().mcpu, "x86_64-pc-linux-gnu", 1))
    assert asked == host().with_cores(1)


class _Session:
    """A server whose TVM is its runtime alone."""

    def get_function(self, name: str) -> Any:
        if name != "runtime.NumThreads":
            raise AttributeError(f"no function {name}")
        return lambda: 4


def test_without_llvm_there_it_has_to_be_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Tracker, "require", lambda _: 1)
    monkeypatch.setattr(Tracker, "session", lambda *_: _Session())
    with pytest.raises(TargetError, match="name it with --target"):
        servers.Servers("board:9190", "k")
    named = servers.Servers("board:9190", "k", "cortex-a76")
    assert named.machine.cores == 4
    assert named.target().attrs["mcpu"] == "cortex-a76"
