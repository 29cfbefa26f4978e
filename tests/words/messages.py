"""The translatable messages of the code."""

from __future__ import annotations

import ast
from collections.abc import Iterator

CALLS = {"_", "gettext", "gettext_lazy", "ngettext", "ngettext_lazy", "pgettext", "pgettext_lazy"}


def messages(tree: ast.Module) -> Iterator[str]:
    """Yield the literal arguments of every call of gettext."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in CALLS:
            # Catalogues name a message with a plural by its singular.
            arguments = node.args[:1] if node.func.id.startswith("ngettext") else node.args
            for argument in arguments:
                if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                    yield argument.value
