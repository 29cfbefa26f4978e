"""The folders of ``withdrawals`` import in one direction, and read neither events nor the clock."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
LAYERS = ["services", "payouts", "requests", "eligibility", "tax", "lifecycle"]
LOGIC = [*LAYERS, "cash_accounts", "encryption_rotation", "errors", "permissions", "queries"]


def modules(name: str) -> list[Path]:
    """Return the files of a folder or module of ``withdrawals``."""
    path = ROOT / "withdrawals" / name
    return sorted(path.rglob("*.py")) if path.is_dir() else [path.with_suffix(".py")]


def imports(path: Path) -> Iterator[str]:
    """Yield the dotted names that a file imports."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize(("height", "layer"), list(enumerate(LAYERS)))
def test_a_folder_imports_only_folders_below_it(height: int, layer: str) -> None:
    above = [*LAYERS[:height], "admin", "tasks", "web"]
    upwards = [
        f"{path.name}: {name}"
        for path in modules(layer)
        for name in imports(path)
        if any(f"{name}.".startswith(f"withdrawals.{other}.") for other in above)
    ]

    assert modules(layer)
    assert upwards == []


@pytest.mark.parametrize("name", LOGIC)
def test_the_logic_reads_neither_events_nor_the_clock_nor_requests_of_http(name: str) -> None:
    forbidden = (
        "events.models.Event", "common.clock.now", "django.utils.timezone", "celery", "django.http",
    )  # fmt: skip
    found = [
        f"{path.name}: {imported}"
        for path in modules(name)
        for imported in imports(path)
        if any(f"{imported}.".startswith(f"{one}.") for one in forbidden)
    ]

    assert found == []
