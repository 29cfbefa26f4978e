"""A floor imports only floors below it, and so do foreign keys."""

from __future__ import annotations

import ast
import re
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
# The one list of rooms; every other list is compared with it.
LAYERS: list[str] = next(
    contract["layers"] for contract in CONTRACTS if contract["type"] == "layers"
)
FLOORS = [room for layer in LAYERS for room in layer.split(" | ")]
ROOMS = [floor for floor in FLOORS if floor != "config"]
APPS = [room for room in FLOORS if (ROOT / room / "apps.py").exists()]
WITH_TABLES = {room for room in APPS if (ROOT / room / "migrations").is_dir()}


def test_imports_point_downwards(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)

    assert lint_imports(config_filename="pyproject.toml") == EXIT_STATUS_SUCCESS


def test_every_room_has_a_floor() -> None:
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")}

    assert packages - {"benchmarks", "tests", "tools"} == set(FLOORS)


def test_the_tools_know_every_room() -> None:
    tools = PROJECT["tool"]

    assert sorted(tools["importlinter"]["root_packages"]) == sorted(FLOORS)
    assert sorted(tools["django_migration_linter"]["include_apps"]) == sorted(WITH_TABLES)


def test_every_lint_exception_matches_a_file() -> None:
    patterns = PROJECT["tool"]["ruff"]["lint"]["per-file-ignores"]

    assert [pattern for pattern in patterns if not any(ROOT.glob(pattern))] == []


def test_the_settings_install_the_rooms_from_the_top_down() -> None:
    installed = [name for name in settings.INSTALLED_APPS if name in FLOORS]

    assert set(APPS) <= set(installed)
    assert installed == [room for room in FLOORS if room in installed]


@pytest.mark.parametrize("page", ["README.md", "README.zh-CN.md"])
def test_both_readmes_list_the_rooms_from_the_top_down(page: str) -> None:
    (table,) = re.findall(r"```text\n(demo .*?)```", (ROOT / page).read_text(), re.DOTALL)

    assert [row.split()[0] for row in table.splitlines()] == FLOORS


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
        # The office knows its staff by Django's swappable model, as Django's own admin does.
        and not (model._meta.app_label in ("alarms", "backoffice") and field.swappable_setting)
    ]

    assert upwards == []


@pytest.mark.parametrize("room", ROOMS)
def test_services_neither_read_the_clock_nor_know_tasks_or_http(room: str) -> None:
    forbidden = {"common.clock.now", "django.utils.timezone", "celery", "django.http"}
    offenders = []
    for path in [*(ROOT / room).glob("services*.py"), *(ROOT / room).glob("services/**/*.py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [f"{node.module}.{alias.name}" for alias in node.names] + [str(node.module)]
                # The module itself would bring the clock along; its business days are fine.
                names += ["common.clock.now"] if "common.clock" in names[:-1] else []
            offenders += [
                f"{path}: {name}"
                for name in names
                if any(name == module or name.startswith(f"{module}.") for module in forbidden)
                or name.endswith(".tasks")
            ]

    assert offenders == []


def test_no_room_listens_to_signals_of_another() -> None:
    offenders = [
        str(path)
        for room in ROOMS
        for path in (ROOT / room).rglob("*.py")
        if "django.db.models.signals" in path.read_text(encoding="utf-8")
        or "django.dispatch" in path.read_text(encoding="utf-8")
    ]

    assert offenders == []


def test_status_diagrams_use_the_choices_of_their_model() -> None:
    diagrams = [model for model in apps.get_models() if hasattr(model, "COMES_FROM")]

    assert diagrams
    for model in diagrams:
        choices = set(dict(model._meta.get_field("status").flatchoices))
        sources = {source for states in model.COMES_FROM.values() for source in states}
        assert set(model.COMES_FROM) <= choices
        assert sources <= choices
