"""The GPU of this computer, of which a stand-in for the driver tells."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from heron_ms.cli.doctor import facts
from heron_ms.errors import TargetError
from heron_ms.hardware import add, catalogue, driver, known_machines, machine, resolve
from heron_ms.hardware.driver import Gpu

NAMES = {
    "NVIDIA A100-SXM4-40GB": ("a100", 80),
    "NVIDIA A100 80GB PCIe": ("a100", 80),
    "NVIDIA H100 80GB HBM3": ("h100", 90),
    "NVIDIA H200": ("h200", 90),
    "NVIDIA GeForce RTX 3090": ("rtx3090", 86),
    "NVIDIA GeForce RTX 4090": ("rtx4090", 89),
    "Tesla T4": ("t4", 75),
    "Tesla V100-SXM2-16GB": ("v100", 70),
}
OTHERS = {
    "NVIDIA A100-SXM4-40GB MIG 1g.5gb": 80,
    "NVIDIA A10": 86,
    "NVIDIA H100 PCIe": 90,
    "NVIDIA GeForce RTX 3090 Ti": 86,
    "NVIDIA GeForce RTX 4090 Laptop GPU": 89,
    "NVIDIA T400": 75,
}
Here = Callable[[Gpu | None], None]


class Driver:
    """A driver with one GPU, or one whose call of a name fails."""

    def __init__(self, name: str, capability: int, fails: str = "") -> None:
        self._name, self._numbers, self._fails = name, divmod(capability, 10), fails

    def cuInit(self, flags: int) -> int:
        return int(self._fails == "cuInit")

    def cuDeviceGet(self, device: Any, ordinal: int) -> int:
        return int(self._fails == "cuDeviceGet")

    def cuDeviceGetName(self, name: Any, length: int, device: Any) -> int:
        name.value = self._name.encode()
        return 0

    def cuDeviceGetAttribute(self, value: Any, attribute: int, device: Any) -> int:
        value._obj.value = self._numbers[attribute - 75]
        return 0


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> Here:
    """Puts a GPU into this computer, or none."""
    return lambda there: monkeypatch.setattr(driver, "gpu", lambda: there)


def test_the_driver_is_asked_for_its_first_gpu() -> None:
    assert driver.asked(Driver("Tesla T4", 75)) == Gpu("Tesla T4", 75)


@pytest.mark.parametrize("fails", ["cuInit", "cuDeviceGet"])
def test_a_driver_that_shows_no_gpu(fails: str) -> None:
    assert driver.asked(Driver("Tesla T4", 75, fails)) is None


def test_no_driver(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(name: str) -> None:
        raise OSError(name)

    monkeypatch.setattr(ctypes, "CDLL", absent)
    assert driver.gpu.__wrapped__() is None


@pytest.mark.parametrize("text", ["tensorcore", "tensorcore:"])
@pytest.mark.parametrize(("name", "described"), NAMES.items())
def test_it_is_described(here: Here, text: str, name: str, described: tuple[str, int]) -> None:
    model, capability = described
    here(Gpu(name, capability))
    found = resolve(text)
    assert found is machine(model)
    assert found.summary.endswith("here")
    fact, _ = facts.gpu()
    assert fact.status is facts.Status.OK and name in fact.detail


def test_every_description_has_a_name_of_a_gpu() -> None:
    assert {model for model, _ in NAMES.values()} == set(known_machines("tensorcore"))


@pytest.mark.parametrize(("name", "capability"), OTHERS.items())
def test_another_one_is_told_in_a_line(here: Here, name: str, capability: int) -> None:
    here(Gpu(name, capability))
    with pytest.raises(TargetError, match=f"{name}.*of a100, h100, h200, rtx3090, .*") as error:
        resolve("tensorcore")
    assert "\n" not in str(error.value)
    fact, _ = facts.gpu()
    assert fact.status is facts.Status.MISSING and name in fact.detail


def test_a_name_with_another_capability_is_another_gpu(here: Here) -> None:
    here(Gpu("NVIDIA H200", 80))
    with pytest.raises(TargetError, match="nothing describes"):
        resolve("tensorcore")


def test_none_is_told_in_a_line(here: Here) -> None:
    here(None)
    with pytest.raises(TargetError, match="no GPU of NVIDIA's.*of a100, .*v100") as error:
        resolve("tensorcore")
    assert "\n" not in str(error.value)
    assert machine("a100").summary.endswith("estimated")
    assert {fact.status for fact in facts.gpu()} == {facts.Status.MISSING}


def test_a_file_that_describes_it_is_found(
    here: Here, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catalogue, "_added", {})
    text = Path(driver.__file__).with_name("data").joinpath("tensorcore/a100.toml").read_text()
    file = tmp_path / "mig.toml"
    name = "NVIDIA A100-SXM4-40GB MIG 1g.5gb"
    lines = [f"called = '{name}'" if line.startswith("called") else line
             for line in text.replace('"a100"', '"mig"').splitlines()]  # fmt: skip
    file.write_text("\n".join(lines))
    here(Gpu(name, 80))
    assert add(file) is resolve("tensorcore")
