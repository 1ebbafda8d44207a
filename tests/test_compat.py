"""Which pairs of TVM and tvm-ffi are let through, and what the refusal says."""

from __future__ import annotations

import subprocess
import sys
from importlib import metadata

import pytest

from heron_ms import _compat


def _install(monkeypatch: pytest.MonkeyPatch, **versions: str) -> None:
    def version(name: str) -> str:
        try:
            return versions[name.replace("-", "_")]
        except KeyError:
            raise metadata.PackageNotFoundError(name) from None

    monkeypatch.setattr(metadata, "version", version)


@pytest.mark.parametrize("tvm", ["0.27.0", "0.27.0.post1", "0.27.0.post2+local"])
@pytest.mark.parametrize("ffi", ["0.1.14.post0", "0.1.14.post1", "0.1.14.1", "0.1.14.post0+cu"])
def test_working_pairs_pass(monkeypatch: pytest.MonkeyPatch, tvm: str, ffi: str) -> None:
    _install(monkeypatch, apache_tvm=tvm, apache_tvm_ffi=ffi)
    _compat.check_versions()


@pytest.mark.parametrize(
    ("tvm", "ffi"),
    [
        ("0.27.0.post1", "0.1.15"),
        ("0.27.0.post1", "0.1.15.post1"),
        ("0.27.0.post1", "0.1.14"),
        ("0.27.0.post1", "0.1.14rc1"),
        ("0.27.0.post1", "0.1.13.post5"),
        ("0.27.0.post1", "0.2"),
        ("0.27.0.post1", "nonsense"),
        ("0.27.1", "0.1.14.post0"),
        ("0.26.0", "0.1.14.post0"),
        ("0.28.0", "0.1.14.post0"),
    ],
)
def test_others_are_refused_in_one_line(
    monkeypatch: pytest.MonkeyPatch, tvm: str, ffi: str
) -> None:
    _install(monkeypatch, apache_tvm=tvm, apache_tvm_ffi=ffi)
    with pytest.raises(ImportError) as caught:
        _compat.check_versions()
    message = str(caught.value)
    assert f"found apache-tvm {tvm} with apache-tvm-ffi {ffi}" in message
    assert _compat.FIX in message
    assert "\n" not in message


def test_a_missing_distribution_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    _install(monkeypatch, apache_tvm="0.27.0.post1")
    with pytest.raises(ImportError, match="apache-tvm-ffi not installed"):
        _compat.check_versions()


def test_the_check_does_not_load_tvm() -> None:
    code = (
        "import importlib.util, sys\n"
        f"spec = importlib.util.spec_from_file_location('compat', {_compat.__file__!r})\n"
        "module = importlib.util.module_from_spec(spec)\n"
        "spec.loader.exec_module(module)\n"
        "module.check_versions()\n"
        "sys.exit('tvm' in sys.modules or 'tvm_ffi' in sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
