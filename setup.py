"""The package list: every folder under the three source roots, named as it installs.

Everything else is in pyproject.toml. Found rather than listed, so that a new sub-package cannot be
missing from a wheel while it works in an editable install.
"""

from setuptools import find_packages, setup


def mapped(folder: str) -> list[str]:
    """Names of the packages in a top-level folder that installs as `heron_ms.<folder>`."""
    return [f"heron_ms.{name}" for name in find_packages(include=[folder, f"{folder}.*"])]


setup(
    packages=find_packages(include=["heron_ms", "heron_ms.*"])
    + mapped("space_generators")
    + mapped("mutators")
)
