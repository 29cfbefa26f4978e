"""The pages of imports: upload a file, see what it would change, confirm, look at former ones."""

from __future__ import annotations

from backoffice import imports
from backoffice.imports import ImportKind


def open_import(kind: ImportKind) -> ImportKind:
    """Register a kind of import with its pages, ``office:import_<name>`` and those below it."""
    return imports.register(kind)
