"""The Python code of the documents runs."""

from __future__ import annotations

import ast
from importlib import import_module
from pathlib import Path

import pytest

from tests.docs import pages
from tests.docs.pages import PAGES

EXAMPLES = [
    pytest.param(code, printed, id=pages.name(page))
    for page in PAGES
    for code, printed in pages.examples(page)
]


def test_every_section_to_try_has_code_and_what_it_prints() -> None:
    assert EXAMPLES
    assert len(EXAMPLES) == sum(pages.text(page).count("# Try it\n") for page in PAGES)


@pytest.mark.django_db
@pytest.mark.parametrize(("code", "printed"), EXAMPLES)
def test_code_to_try_prints_what_the_page_says_also_the_second_time(
    code: str, printed: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for _time in range(2):
        exec(code, {})

        assert capsys.readouterr().out == printed


@pytest.mark.parametrize("page", PAGES, ids=pages.name)
def test_names_that_the_code_imports_exist(page: Path) -> None:
    code = [content for language, content in pages.blocks(page) if language == "python"]
    imports = [
        node for block in code for node in ast.parse(block).body if isinstance(node, ast.ImportFrom)
    ]
    missing = [
        f"{node.module}.{name.name}"
        for node in imports
        for name in node.names
        if not hasattr(import_module(str(node.module)), name.name)
    ]

    assert missing == []
