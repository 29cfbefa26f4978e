"""Every word that the code says to people has its Chinese, in the catalogue that is shipped."""

from __future__ import annotations

import ast
import gettext
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROOMS = sorted(path.parent.name for path in ROOT.glob("*/apps.py"))
CALLS = {"_", "gettext", "gettext_lazy", "ngettext", "ngettext_lazy", "pgettext", "pgettext_lazy"}
BLANK = re.compile(r"%\((\w+)\)")


def said(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in CALLS:
            for argument in node.args:
                if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                    yield argument.value


SAID = sorted(
    {words for room in ROOMS for file in (ROOT / room).rglob("*.py") for words in said(file)}
)


@pytest.fixture(scope="module")
def chinese() -> dict[str, str]:
    with (ROOT / "locale/zh_Hans/LC_MESSAGES/django.mo").open("rb") as file:
        catalogue = gettext.GNUTranslations(file)._catalog  # type: ignore[attr-defined]
    # Plurals are kept by (text, form); Chinese has one form.
    return {key if isinstance(key, str) else key[0]: text for key, text in catalogue.items()}


def test_there_is_something_to_say() -> None:
    assert len(SAID) > 100
    assert "wallet" in SAID


def test_everything_is_said_in_chinese(chinese: dict[str, str]) -> None:
    assert [words for words in SAID if not chinese.get(words)] == []


def test_the_blanks_are_the_same(chinese: dict[str, str]) -> None:
    assert [
        words
        for words in SAID
        if words in chinese and set(BLANK.findall(words)) != set(BLANK.findall(chinese[words]))
    ] == []
