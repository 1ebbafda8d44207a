"""The file of the records: what is in it, and what is said of one that is broken."""

from __future__ import annotations

from pathlib import Path

import pytest

from heron_ms.errors import WorkDirError
from heron_ms.measure.record_file import RecordFile


def test_a_line_that_a_full_disk_cut_short_is_told(tmp_path: Path) -> None:
    file = RecordFile(tmp_path)
    file.path.write_text('[0,[[],[1.0],{},[]]]\n[0,[["cut sh\n')
    with pytest.raises(WorkDirError, match="is no record.*is the disk full"):
        file.lines()
