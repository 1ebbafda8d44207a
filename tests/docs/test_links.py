"""Links of README and docs lead somewhere, on GitHub and in the site."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts.site.links import ROOT_PAGES, in_site
from tests.docs.pages import PAGES, REPOSITORY, anchors, links, name_of


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_lead_to_files_and_anchors(page: Path) -> None:
    for target, anchor in links(page):
        assert target.exists(), f"{name_of(page)} has a link to {target}"
        if anchor:
            assert anchor in anchors(target), f"{name_of(page)}: no #{anchor} in {target.name}"


@pytest.mark.parametrize(
    ("source", "link", "page"),
    [
        ("README.md", "docs/csp.md", "csp.md"),
        ("README.md", "docs/pictures/idea.svg", "pictures/idea.svg"),
        ("README.md", "CONTRIBUTING.md#style", "contributing.md#style"),
        ("docs/csp.md", "../CONTRIBUTING.md", "contributing.md"),
        ("docs/csp.md", "search.md#presets", "search.md#presets"),
        ("docs/machines/vta.md", "../../README.md", "../index.md"),
        ("docs/machines/vta.md", "../csp.md", "../csp.md"),
        ("README.md", "LICENSE", "LICENSE"),
        ("README.md", "https://tvm.apache.org", "https://tvm.apache.org"),
        ("README.md", "#measured", "#measured"),
    ],
)
def test_a_link_in_the_site(source: str, link: str, page: str) -> None:
    assert in_site(f"see [it]({link}).", source) == f"see [it]({page})."


def test_pages_of_the_site_are_files() -> None:
    assert all((REPOSITORY / name).is_file() for name in ROOT_PAGES)


def test_a_picture_alone_on_its_line_is_a_link() -> None:
    readme = REPOSITORY / "README.md"
    assert (REPOSITORY / "docs/pictures/idea.svg", None) in list(links(readme))
