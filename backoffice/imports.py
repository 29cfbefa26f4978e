"""Imports of files: what a room declares, and the verbs of an import's life.

A person uploads a CSV or XLSX file. A worker checks each row and writes nothing; the person sees
what would change, cell by cell, and confirms; a worker applies it. A room declares an
``ImportKind`` and opens its pages with ``import_pages.open_import``::

    PRODUCTS = ImportKind(
        name="products", title=_("Import products"), of="catalog.product",
        permission="catalog.import_product",
        columns=(Column("sku", _("SKU code"), example="N-1", required=True), …),
        check=check_products, apply=apply_products, rule=_("All rows are applied, or none."),
    )
    open_import(PRODUCTS)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from backoffice.models import ImportRow
from backoffice.tables import MAX_CELL_LENGTH
from common.errors import TwotierError

StrOrPromise = str | Promise
Outcome = ImportRow.Outcome
ROW = ""
"""The column of a problem that belongs to the row as a whole."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """A text with values; translated when it is read, so that each reader gets their language."""

    text: StrOrPromise
    values: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return str(self.text) % self.values if self.values else str(self.text)


Text = StrOrPromise | Sentence | TwotierError
"""What ``str`` turns into a sentence in the present language; also an error of a service."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the file.

    :param name: stable, in ASCII; a file may also have it as title
    :param title: the title in the template; titles in every language are recognised
    :param help: what is to be written there
    :param required: whether the file must have the column, and a value in each row
    :param example: a value as people write it
    :param max_length: of a cell
    :param other_titles: what other programs call the column
    """

    name: str
    title: StrOrPromise
    help: StrOrPromise = ""
    required: bool = False
    example: StrOrPromise = ""
    max_length: int = MAX_CELL_LENGTH
    other_titles: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the file. Cells are texts without blanks at either end, by the name of the column;
    a column that the file does not have is missing, an empty cell is an empty text."""

    line: int
    cells: Mapping[str, str]

    def get(self, column: str) -> str:
        """Return a cell, or an empty text if the file does not have the column."""
        return self.cells.get(column, "")


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found about a row.

    :param problems: a sentence for each wrong cell, by column; ``ROW`` for the row as a whole.
        With any, the outcome is ``WRONG``
    :param old: what is stored now, of each cell that would change; the outcome is ``CHANGED``
    """

    outcome: ImportRow.Outcome
    problems: Mapping[str, Text] = field(default_factory=dict)
    old: Mapping[str, Text] = field(default_factory=dict)


def new() -> Finding:
    return Finding(Outcome.NEW)


def unchanged() -> Finding:
    return Finding(Outcome.UNCHANGED)


def changed(old: Mapping[str, Text]) -> Finding:
    """Return ``CHANGED`` with what is stored now, or ``UNCHANGED`` if ``old`` is empty."""
    return Finding(Outcome.CHANGED, old=old) if old else unchanged()


def wrong(problems: Mapping[str, Text]) -> Finding:
    return Finding(Outcome.WRONG, problems)


class Check(Protocol):
    """Returns a finding for each row, in their order; writes nothing.

    The rows are those without a problem that every file may have: a missing value, a formula, a
    text that is too long or has control characters. Called again in the transaction that applies
    all rows at once, so it must depend on nothing but the rows and what is stored.

    :param at: the present moment
    :param progress: to be called with the number of rows so far, from time to time
    """

    def __call__(
        self, rows: Sequence[Row], *, at: datetime, progress: Callable[[int], object]
    ) -> Sequence[Finding]: ...


class Apply(Protocol):
    """Applies rows by the room's services; in a transaction that the caller has opened.

    :param rows: in the order of the file. All at once: every row that is not wrong, also those
        that change nothing; in steps: those that are new or changed
    :param by: the person who confirmed
    :raises TwotierError: a row is refused; raise ``RowRefused`` to say which one
    """

    def __call__(self, rows: Sequence[Row], *, by: Any, at: datetime) -> object: ...


class RowRefused(TwotierError):
    """Raised by ``apply``: ``line`` is the line of the file, ``reason`` a sentence."""

    code = "import_row_refused"
    message = _("Line %(line)s: %(reason)s")

    def __init__(self, *, line: int, reason: Text) -> None:
        super().__init__(line=line, reason=reason)


@dataclass(frozen=True)
class ImportKind:
    """What can be imported.

    :param name: stable, in ASCII, part of the address
    :param title: of its page, such as “Import products”
    :param of: the list to which it belongs in the menu, such as ``catalog.product``
    :param permission: who may upload, look at and confirm imports of this kind
    :param rule: a sentence that says what is applied if a row is refused
    :param lock: locks what ``check`` reads about these rows until the transaction ends; for
        ``step=None``
    :param step: how many rows a transaction applies. ``None``: all rows in one, after they were
        checked again; if anything differs from what the person confirmed, nothing is applied.
        With steps, rows are not checked again: ``apply`` must refuse what has become wrong, and
        a row that was applied already must change nothing. A refused step stops the import; the
        person can continue it, or correct the file and upload it again
    :param export: the label of the ``export_tables.TableSource`` with these columns, if any
    """

    name: str
    title: StrOrPromise
    of: str
    permission: str
    columns: Sequence[Column]
    check: Check
    apply: Apply
    rule: StrOrPromise
    intro: StrOrPromise = ""
    icon: str = "upload_file"
    lock: Callable[[Sequence[Row]], object] | None = None
    step: int | None = None
    export: str = ""

    def columns_of(self, names: Sequence[str]) -> list[Column]:
        """Return columns by name, without those that this kind has no longer."""
        known = {column.name: column for column in self.columns}
        return [known[name] for name in names if name in known]


_kinds: dict[str, ImportKind] = {}


def register(kind: ImportKind) -> ImportKind:
    """Let workers and pages know a kind; ``import_pages.open_import`` does it.

    :raises ValueError: another one has this name
    """
    if kind.name in _kinds:
        raise ValueError(f"two kinds of imports are named {kind.name}")
    _kinds[kind.name] = kind
    return kind


def find(name: str) -> ImportKind | None:
    return _kinds.get(name)


def kinds() -> list[ImportKind]:
    return list(_kinds.values())
