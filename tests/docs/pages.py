"""Parse the documents for these tests."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ENGLISH, CHINESE = ROOT / "README.md", ROOT / "README.zh-CN.md"
DECISIONS = ROOT / "docs" / "decisions"
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])

FENCE = re.compile(r"^ *```(\w*)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"`[^`\n]*`")
TRY_IT = re.compile(
    r"^#+ Try it$.*?^```python\n(.*?)^```$\n+^```text\n(.*?)^```$", re.MULTILINE | re.DOTALL
)
LINK = re.compile(r"\]\(([^()\s]+)\)")
HEADING = re.compile(r"^#{1,6} +(.+)$", re.MULTILINE)
ROW_OF_A_SETTING = re.compile(r"^\| `([A-Z][A-Z0-9_]+)`", re.MULTILINE)


def text(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def name(page: Path) -> str:
    return str(page.relative_to(ROOT))


def blocks(page: Path) -> list[tuple[str, str]]:
    """Return the language and content of every code block."""
    return FENCE.findall(text(page))


def examples(page: Path) -> list[tuple[str, str]]:
    """Return the code and the printed lines of every section "Try it"."""
    return TRY_IT.findall(text(page))


def links(page: Path) -> list[str]:
    """Return the link targets inside the repository, as written."""
    prose = CODE.sub("", FENCE.sub("", text(page)))
    return [to for to in LINK.findall(prose) if not re.match(r"[a-z]+:", to)]


def anchors(page: Path) -> set[str]:
    """Return the anchors of the headings of this page."""
    titles = HEADING.findall(FENCE.sub("", text(page)))
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def settings_in_code() -> set[str]:
    """Return the NAME of every ``env.reader("NAME", …)`` in the settings."""
    tree = ast.parse((ROOT / "config" / "settings.py").read_text(encoding="utf-8"))
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and node.args]
    return {
        str(call.args[0].value)
        for call in calls
        if isinstance(call.func, ast.Attribute)
        and isinstance(call.func.value, ast.Name)
        and call.func.value.id == "env"
        and isinstance(call.args[0], ast.Constant)
    }


def commands_of_run() -> set[str]:
    """Return the commands listed in the usage of ``run``."""
    tree = ast.parse((ROOT / "run").read_text(encoding="utf-8"))
    usage = next(
        node.value.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        and isinstance(node.value, ast.Constant)
        and [getattr(target, "id", "") for target in node.targets] == ["USAGE"]
    )
    return set(re.findall(r"^  (\w+) ", str(usage), re.MULTILINE))
