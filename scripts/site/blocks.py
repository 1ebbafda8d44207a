"""All that programs write into README and docs, by the word that a mark begins with."""

from __future__ import annotations

from collections.abc import Mapping

from scripts.site.golden import golden
from scripts.site.helps import shown_help
from scripts.site.marks import Writer
from scripts.site.measured import measured
from scripts.site.stated import stated

KINDS: Mapping[str, Writer] = {
    "help": shown_help,
    "golden": golden,
    "stated": stated,
    "measured": measured,
}
