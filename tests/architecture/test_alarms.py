"""The declared kinds of alarms, the code that raises them, and their page agree."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from django.conf import settings

from alarms import kinds
from alarms.kinds import REGISTRY, AlarmKind
from config import alarm_docs
from tests.architecture.test_floors import FLOORS

ROOT = Path(settings.BASE_DIR)
CONSTANTS = {name: kind for name, kind in vars(kinds).items() if isinstance(kind, AlarmKind)}


def test_the_page_of_alarms_is_current() -> None:
    page = alarm_docs.PATH.read_text(encoding="utf-8")

    assert page == alarm_docs.render(), "run ./manage.py alarm_docs"


def test_every_kind_has_a_constant_of_its_own_name() -> None:
    assert {name.lower(): kind.code for name, kind in CONSTANTS.items()} == {
        code: code for code in REGISTRY
    }


def test_every_kind_is_raised_somewhere() -> None:
    used = {
        node.id
        for room in FLOORS
        for path in (ROOT / room).rglob("*.py")
        if path != ROOT / "alarms" / "kinds.py"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Name)
    }

    assert CONSTANTS.keys() - used == set()


def test_a_second_kind_with_the_same_code_is_refused() -> None:
    first = kinds.JOB_LATE

    with pytest.raises(ValueError, match="job_late"):
        AlarmKind(first.code, first.severity, "x", "x", "x", "x")

    assert REGISTRY["job_late"] is first
