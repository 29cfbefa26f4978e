"""A floor imports only floors below it, and so do foreign keys."""

from __future__ import annotations

import ast
import tomllib
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.db import models
from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports

ROOT = Path(settings.BASE_DIR)
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
CONTRACTS = PROJECT["tool"]["importlinter"]["contracts"]
LAYERS: list[str] = next(each["layers"] for each in CONTRACTS if each["type"] == "layers")
FLOORS = [room for layer in LAYERS for room in layer.split(" | ")]
ROOMS = [floor for floor in FLOORS if floor != "config"]


def test_imports_point_downwards(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)

    assert lint_imports(config_filename="pyproject.toml") == EXIT_STATUS_SUCCESS


def test_every_room_has_a_floor() -> None:
    ours = {app.name for app in apps.get_app_configs() if (ROOT / app.name).is_dir()}

    assert ours <= set(FLOORS)


def test_foreign_keys_point_downwards() -> None:
    order = {room: height for height, room in enumerate(reversed(FLOORS))}
    upwards = [
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models()
        if model._meta.app_label in order
        for field in model._meta.get_fields()
        if isinstance(field, models.ForeignKey | models.ManyToManyField)
        and (other := field.remote_field.model._meta.app_label) in order
        and order[other] > order[model._meta.app_label]
    ]

    assert upwards == []


@pytest.mark.parametrize("room", ROOMS)
def test_services_neither_read_the_clock_nor_know_tasks_or_http(room: str) -> None:
    forbidden = {"common.clock", "django.utils.timezone", "celery", "django.http"}
    found = []
    for path in [*(ROOT / room).glob("services*.py"), *(ROOT / room).glob("services/**/*.py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [f"{node.module}.{alias.name}" for alias in node.names] + [str(node.module)]
            found += [
                f"{path}: {name}"
                for name in names
                if any(name == one or name.startswith(f"{one}.") for one in forbidden)
                or name.endswith(".tasks")
            ]

    assert found == []


def test_no_room_listens_to_signals_of_another() -> None:
    found = [
        str(path)
        for room in ROOMS
        for path in (ROOT / room).rglob("*.py")
        if "django.db.models.signals" in path.read_text(encoding="utf-8")
        or "django.dispatch" in path.read_text(encoding="utf-8")
    ]

    assert found == []


def test_lists_that_change_status_keep_their_life_beside_it() -> None:
    lives = [model for model in apps.get_models() if hasattr(model, "COMES_FROM")]

    assert lives
    for model in lives:
        known = set(dict(model._meta.get_field("status").flatchoices))
        assert set(model.COMES_FROM) <= known
        assert {one for sources in model.COMES_FROM.values() for one in sources} <= known
