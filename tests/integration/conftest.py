from __future__ import annotations

from pathlib import Path

import pytest

from tests.integration.files import FILES, Write


@pytest.fixture
def mall(tmp_path: Path) -> Write:
    """Write the files, one of them changed: ``old`` becomes ``new``."""

    def write(file: str = "", old: str = "", new: str = "") -> Path:
        for name, text in FILES.items():
            assert name != file or old in text
            changed = text.replace(old, new) if name == file else text
            (tmp_path / name).write_text(changed, encoding="utf-8")
        return tmp_path

    return write
