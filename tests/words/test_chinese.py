"""Every message of the code has a Chinese translation in the catalogue that is shipped."""

from __future__ import annotations

import ast
import gettext
import re
from pathlib import Path

import pytest

from tests.words.messages import messages

ROOT = Path(__file__).resolve().parents[2]
ROOMS = sorted(path.parent.name for path in ROOT.glob("*/apps.py"))
PLACEHOLDER = re.compile(r"%\((\w+)\)")
CATALOGUE = ROOT / "locale/zh_Hans/LC_MESSAGES/django"

MESSAGES = sorted(
    {
        text
        for room in ROOMS
        for file in (ROOT / room).rglob("*.py")
        for text in messages(ast.parse(file.read_text(encoding="utf-8")))
    }
)


@pytest.fixture(scope="module")
def chinese() -> dict[str, str]:
    with CATALOGUE.with_suffix(".mo").open("rb") as file:
        catalogue = gettext.GNUTranslations(file)._catalog  # type: ignore[attr-defined]
    # Plurals are stored by (text, form); Chinese has one form.
    return {key if isinstance(key, str) else key[0]: text for key, text in catalogue.items()}


def test_the_code_has_messages() -> None:
    assert len(MESSAGES) > 100
    assert "wallet" in MESSAGES


def test_every_message_is_translated(chinese: dict[str, str]) -> None:
    assert [text for text in MESSAGES if not chinese.get(text)] == []


def test_translations_have_the_same_placeholders(chinese: dict[str, str]) -> None:
    assert [
        text
        for text in MESSAGES
        if text in chinese
        and set(PLACEHOLDER.findall(text)) != set(PLACEHOLDER.findall(chinese[text]))
    ] == []


def test_the_catalogue_has_no_fuzzy_or_obsolete_entry() -> None:
    lines = CATALOGUE.with_suffix(".po").read_text(encoding="utf-8").splitlines()

    assert [line for line in lines if line.startswith(("#~", "#, fuzzy"))] == []
