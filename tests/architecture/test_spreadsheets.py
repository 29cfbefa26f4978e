"""One module writes spreadsheets, so that no text in one is ever run as a formula."""

from __future__ import annotations

import ast
import csv
import io
from decimal import Decimal

import pytest
from django.conf import settings
from django.utils.translation import gettext_lazy

from backoffice.sheets import write_csv

WRITERS = {"csv.writer", "csv.DictWriter", "xlsxwriter", "openpyxl", "pandas"}
ALLOWED = {
    "backoffice/sheets.py": {"csv.writer", "xlsxwriter"},
    "ledger/services/transfers.py": {"csv.writer"},  # PostgreSQL's COPY reads it, nobody else
}


def used(source: str) -> set[str]:
    """Return the writers of spreadsheets that the source imports or names."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names |= {node.module or "", *(f"{node.module}.{each.name}" for each in node.names)}
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            names.add(f"{node.value.id}.{node.attr}")
    return names & WRITERS


def test_nobody_else_writes_spreadsheets() -> None:
    found = {}
    for path in settings.BASE_DIR.glob("*/**/*.py"):
        name = path.relative_to(settings.BASE_DIR).as_posix()
        if not name.startswith((".", "tests/")) and (writers := used(path.read_text("utf-8"))):
            found[name] = writers

    assert found == ALLOWED


@pytest.mark.parametrize(
    "source", ["import csv\ncsv.DictWriter(f, [])", "from csv import writer", "import openpyxl"]
)
def test_the_check_sees_other_ways(source: str) -> None:
    assert used(source)


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+cmd", "-2+3", "@SUM(A1)", "\tx", "\r=1", "\n=1", " =1", "=1", "＠x", "-inf", "+1_0",
     "=HYPERLINK(\"http://x\")"],
)  # fmt: skip
def test_a_text_that_would_be_calculated_gets_an_apostrophe(text: str) -> None:
    for cell in (text, gettext_lazy(text)):
        [[title], [row]] = written(text, cell)
        assert title == row == f"'{text}".replace("\r", "\n")


@pytest.mark.parametrize(
    "cell", [-5, Decimal("-1.50"), "-5", "+5.25", "10.99", "Lan", "a=b", "1-2", "美-妆", "", "0012"]
)
def test_numbers_and_other_texts_stay(cell: object) -> None:
    assert written("title", cell) == [["title"], [str(cell)]]


def written(title: str, cell: object) -> list[list[str]]:
    file = io.StringIO(newline="")
    assert write_csv(file, [title], [[cell]]) == 1
    return list(csv.reader(io.StringIO(file.getvalue(), newline="")))
