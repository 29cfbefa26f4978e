"""Documents, docstrings and messages avoid the words that readers stumble over."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.words.messages import messages

ROOT = Path(__file__).resolve().parents[2]
WORDS = (
    "anew", "whoever", "whomever", "of which", "for good", "is told", "are told", "was told",
    "were told", "as told", "what is sealed", "who owes",
    "events.happened", "purse", "purses", "lineage",
    "lineages", "spell", "spells", "catch up", "catch_up", "call off", "called off", "calls off",
    "told plainly", "by and by", "in the way", "stands in", "come of", "came of", "is said",
    "be said", "mend", "mends", "mended", "is sealed", "are sealed", "doorbell",
    "elsewhere answered", "for ever", "no more of", "as it came", "comes to owe", "come to owe",
)  # fmt: skip
PATTERN = re.compile(r"\b(" + "|".join(re.escape(word) for word in WORDS) + r")\b", re.IGNORECASE)
# Pages that quote the words on purpose, or that record the past under the names of their time.
EXEMPT_FILES = {"tests/words/test_prose.py", "docs/decisions/0020-names-changed-once.md"}
EXEMPT_FOLDERS = {"tools", "migrations", "node_modules", "staticfiles", "locale"}
# Uses that are right: {file: {word}}.
ALLOWED: dict[str, set[str]] = {}


def sources() -> Iterator[Path]:
    """Yield every document and Python file of the repository, and the script ``run``."""
    yield ROOT / "run"
    for path in sorted(ROOT.rglob("*")):
        parts = path.relative_to(ROOT).parts
        hidden = any(part.startswith(".") for part in parts)
        if path.suffix in (".md", ".py") and not hidden and not EXEMPT_FOLDERS & set(parts):
            yield path


def prose(path: Path) -> str:
    """Return the text of a document, or the docstrings and messages of a module."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".md":
        return text
    tree = ast.parse(text)
    kinds = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    docstrings = [ast.get_docstring(node) for node in ast.walk(tree) if isinstance(node, kinds)]
    return "\n".join([*filter(None, docstrings), *messages(tree)])


def room(path: Path) -> str:
    parts = path.relative_to(ROOT).parts
    return "/".join(parts[:2]) if parts[0] == "tests" else parts[0]


FILES: dict[str, list[Path]] = {}
for source in sources():
    if str(source.relative_to(ROOT)) not in EXEMPT_FILES:
        FILES.setdefault(room(source), []).append(source)


@pytest.mark.parametrize("name", sorted(FILES))
def test_prose_uses_plain_words(name: str) -> None:
    offenders = []
    for path in FILES[name]:
        file = str(path.relative_to(ROOT))
        words = {match[0].lower() for match in PATTERN.finditer(prose(path))}
        words -= ALLOWED.get(file, set())
        offenders += [f"{file}: {', '.join(sorted(words))}"] if words else []

    assert not offenders, "use plain words in:\n" + "\n".join(offenders)


def test_the_pattern_matches_whole_words_only() -> None:
    assert PATTERN.search("It is posted anew.")
    assert PATTERN.search("Purses, and more") is not None
    assert not PATTERN.search("renewal, spelling and amendments")
