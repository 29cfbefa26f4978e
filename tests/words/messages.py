"""The translatable messages of the code."""

from __future__ import annotations

import ast
from collections.abc import Iterator

CALLS = {"_", "gettext", "gettext_lazy", "ngettext", "ngettext_lazy", "pgettext", "pgettext_lazy"}
CONTEXT_END = "\4"
"""Between the context of a message and its text, as catalogues write them."""


def messages(tree: ast.Module) -> Iterator[str]:
    """Yield the literal messages of every call of gettext, as the catalogue names them."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in CALLS:
            texts = [
                argument.value
                for argument in node.args
                if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
            ]
            yield from _named(node.func.id, texts)


def _named(call: str, texts: list[str]) -> list[str]:
    if call.startswith("ngettext"):
        return texts[:1]  # a message with a plural is named by its singular
    if call.startswith("pgettext"):
        return [CONTEXT_END.join(texts)]
    return texts
