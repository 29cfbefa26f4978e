"""The translatable messages of the code."""

from __future__ import annotations

import ast
from collections.abc import Iterator

CALLS = {"_", "gettext", "gettext_lazy", "ngettext", "ngettext_lazy", "pgettext", "pgettext_lazy"}


def messages(tree: ast.Module) -> Iterator[str]:
    """Yield the literal arguments of every call of gettext."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in CALLS:
            for argument in node.args:
                if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                    yield argument.value
