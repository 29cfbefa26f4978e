"""Rows are ordered by the key of a foreign key, never by the ordering of what it points to.

``order_by("member")`` joins the members and sorts by their ``Meta.ordering``, newest first. With
``select_for_update()`` it locks the members, too, and all of it against the order of ``lock_rows``.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.db.models import ForeignKey

NOT_OURS = {".venv", "tests", "migrations"}


def test_no_rows_are_ordered_by_a_foreign_key() -> None:
    fields = [field for model in apps.get_models() for field in model._meta.fields]
    foreign_keys = {field.name for field in fields if isinstance(field, ForeignKey)}
    # A name that is a plain column elsewhere, such as the line of a file, says nothing.
    foreign_keys -= {field.name for field in fields if not isinstance(field, ForeignKey)}

    assert not [
        f"{path}:{line}: write {term}_id"
        for path, line, term in _order_by_terms(Path(settings.BASE_DIR))
        if term.lstrip("-").rpartition("__")[2] in foreign_keys
    ]


def _order_by_terms(root: Path) -> Iterator[tuple[Path, int, str]]:
    for path in sorted(root.rglob("*.py")):
        if NOT_OURS.intersection(path.relative_to(root).parts):
            continue
        code = path.read_text(encoding="utf-8")
        for node in ast.walk(ast.parse(code)) if ".order_by(" in code else ():
            if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "order_by":
                for term in node.args:
                    if isinstance(term, ast.Constant) and isinstance(term.value, str):
                        yield path, node.lineno, term.value
