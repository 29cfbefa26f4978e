"""The documents agree with the code."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.core.management import get_commands

from demo.seed import PASSWORD, USER
from tests.docs import pages
from tests.docs.pages import CHINESE, DECISIONS, ENGLISH, PAGES, ROOT
from tests.production import compose

every_page = pytest.mark.parametrize("page", PAGES, ids=pages.name)
both_readmes = pytest.mark.parametrize("readme", [ENGLISH, CHINESE], ids=pages.name)


def test_there_are_pages() -> None:
    assert {ENGLISH, CHINESE} < set(PAGES)
    assert len(pages.settings_in_code()) > 5
    assert {"demo", "test"} < pages.commands_of_run()


@every_page
def test_links_lead_somewhere(page: Path) -> None:
    broken = []
    for link in pages.links(page):
        path, _hash, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (anchor and anchor not in pages.anchors(target)):
            broken.append(link)

    assert broken == []


@every_page
def test_commands_exist(page: Path) -> None:
    text = pages.text(page)
    of_run = set(re.findall(r"(?:\.|/opt/twotier)/run ([a-z]+)", text))
    of_make = set(re.findall(r"`make ([a-z]+)", text))
    of_django = set(re.findall(r"manage\.py ([a-z_]+)", text))

    assert of_run | of_make <= pages.commands_of_run()
    assert of_django <= {*get_commands(), "help"}


@every_page
def test_files_that_are_named_exist(page: Path) -> None:
    ours = {path.name for path in ROOT.iterdir() if path.is_dir()} - {".data", "secrets"}
    named = re.findall(r"`([\w.-]+)/([\w./-]+)`", pages.text(page))
    missing = [
        f"{top}/{rest}" for top, rest in named if top in ours and not _is_there(f"{top}/{rest}")
    ]

    assert missing == []


def _is_there(path: str) -> bool:
    return (ROOT / path).exists() or (ROOT / f"{path}.py").exists()


@every_page
def test_settings_that_are_named_exist(page: Path) -> None:
    named = {name.removesuffix("_FILE") for name in re.findall(r"TWOTIER_\w*\w", pages.text(page))}

    assert named - {"TWOTIER_"} <= pages.settings_in_code()


@both_readmes
def test_the_table_of_settings_is_complete(readme: Path) -> None:
    rows = pages.ROW_OF_A_SETTING.findall(pages.text(readme))

    assert sorted(rows) == sorted(pages.settings_in_code())


@both_readmes
def test_the_readme_has_the_sign_in_of_the_demo(readme: Path) -> None:
    assert f"`{USER}`" in pages.text(readme)
    assert f"`{PASSWORD}`" in pages.text(readme)


def test_both_readmes_have_the_same_blocks_of_code() -> None:
    assert pages.blocks(ENGLISH)
    assert pages.blocks(ENGLISH) == pages.blocks(CHINESE)


def test_both_readmes_have_the_same_commands_and_links() -> None:
    def commands_and_links(readme: Path) -> tuple[list[str], set[str]]:
        rows = re.findall(r"^\| `(\./run[^`]*)`", pages.text(readme), re.MULTILINE)
        return rows, set(pages.links(readme)) - {ENGLISH.name, CHINESE.name}

    assert commands_and_links(ENGLISH) == commands_and_links(CHINESE)


def test_every_decision_is_in_the_index_under_its_title_and_number() -> None:
    index = pages.text(DECISIONS / "README.md")
    listed = re.findall(r"^\| (\d+) \| \[(.+)\]\((\S+)\) \|$", index, re.MULTILINE)
    files = sorted(DECISIONS.glob("[0-9]*.md"))

    titles = []
    for number, file in enumerate(files, start=1):
        first_line = pages.text(file).split("\n", 1)[0]
        assert first_line.startswith(f"# {number}. ")
        assert file.name.startswith(f"{number:04}-")
        titles.append((str(number), first_line.partition(". ")[2], file.name))
    assert listed == titles


@pytest.mark.parametrize("file", sorted(DECISIONS.glob("[0-9]*.md")), ids=pages.name)
def test_a_decision_has_its_four_sections(file: Path) -> None:
    titles = re.findall(r"^## (.+)$", pages.text(file), re.MULTILINE)

    assert titles == ["Context", "Decision", "What it costs", "Look again when"]


def test_the_variables_of_compose_are_documented() -> None:
    raw = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    read = set(re.findall(r"(?<!\$)\$\{(\w+)", raw))
    rows = pages.ROW_OF_A_SETTING.findall(pages.text(ROOT / "docs" / "deployment.md"))

    assert sorted(rows) == sorted(read)


def test_documented_services_exist_in_compose() -> None:
    text = pages.text(ROOT / "docs" / "deployment.md")
    named = re.findall(r"docker compose exec (?:-T )?(\w+)", text)
    stopped = re.findall(r"docker compose (?:stop|logs --follow) ([\w ]+)", text)

    assert named
    assert {*named, *" ".join(stopped).split()} <= set(compose.SERVICES)


def test_every_law_that_the_code_cites_is_in_the_glossary() -> None:
    glossary = pages.text(ROOT / "docs" / "glossary.md")
    laws = set(re.findall(r"^(\d+)\. \*\*", glossary, re.MULTILINE))
    rooms = [path.parent for path in ROOT.glob("*/apps.py")]
    code = "\n".join(pages.text(file) for room in rooms for file in room.rglob("*.py"))
    cited = set(re.findall(r"\b[Ll]aw (\d+)", code))

    assert laws == {str(number) for number in range(1, 13)}
    assert cited
    assert cited <= laws
