from __future__ import annotations

from pathlib import Path

import pytest

from tests.integration.files import FILES, Write

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """An import replays many facts in one transaction, which it repeats after a deadlock."""
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker("one_transaction")


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
