"""The columns of a journal file: what a shop writes in its format, and the cells of a row.

A format is a list of lines ``title = field``. A field is one of ``FIELDS`` or a constant text in
quotation marks. Numbers in, texts out: nothing here reads the database.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext_lazy as _

from common.errors import TwotierError
from common.money import plain_yuan

MAX_COLUMNS = 60
MAX_TITLE_LENGTH = 60
QUOTE = '"'


class InvalidJournalColumns(TwotierError):
    code = "invalid_journal_columns"
    message = _("Line %(line)s: %(fault)s")
    status = 400


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a voucher; either ``debit`` or ``credit`` is above 0, in fen."""

    day: date
    number: int
    line: int
    word: str
    summary: str
    account: str
    account_name: str
    debit: int
    credit: int
    preparer: str
    count: int
    """Of the transfers behind it."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the file: its title, and a field or a constant text in quotation marks."""

    title: str
    field: str


def _yuan(fen: int) -> str:
    return plain_yuan(fen) if fen else ""


FIELDS: dict[str, tuple[object, Callable[[Entry, str], str]]] = {
    "date": (_("date"), lambda entry, pattern: entry.day.strftime(pattern)),
    "year": (_("accounting year"), lambda entry, _pattern: str(entry.day.year)),
    "period": (_("accounting period"), lambda entry, _pattern: str(entry.day.month)),
    "word": (_("word of the voucher"), lambda entry, _pattern: entry.word),
    "number": (_("number of the voucher"), lambda entry, _pattern: str(entry.number)),
    "line": (_("line in the voucher, from 1"), lambda entry, _pattern: str(entry.line)),
    "line0": (_("line in the voucher, from 0"), lambda entry, _pattern: str(entry.line - 1)),
    "summary": (_("summary"), lambda entry, _pattern: entry.summary),
    "account": (_("code of the account"), lambda entry, _pattern: entry.account),
    "account_name": (_("name of the account"), lambda entry, _pattern: entry.account_name),
    "debit": (_("debit in yuan, or empty"), lambda entry, _pattern: _yuan(entry.debit)),
    "credit": (_("credit in yuan, or empty"), lambda entry, _pattern: _yuan(entry.credit)),
    "amount": (_("amount in yuan"), lambda entry, _pattern: _yuan(entry.debit or entry.credit)),
    "side": (
        _("1 for debit, 0 for credit"), lambda entry, _pattern: "1" if entry.debit else "0"
    ),
    "preparer": (_("who exports it"), lambda entry, _pattern: entry.preparer),
    "count": (_("number of transfers behind it"), lambda entry, _pattern: str(entry.count)),
}  # fmt: skip


def parse_columns(text: str) -> list[Column]:
    """Return the columns of a format.

    :raises InvalidJournalColumns: a line is not ``title = field``, or there are no amounts
    """
    columns: list[Column] = []
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    for number, line in enumerate(lines, start=1):
        title, equals, field = (part.strip() for part in line.rpartition("="))
        if not equals or not title or not field:
            raise InvalidJournalColumns(line=number, fault=_("write it as “title = field”."))
        if len(title) > MAX_TITLE_LENGTH or not title.isprintable():
            raise InvalidJournalColumns(line=number, fault=_("the title is too long."))
        if field not in FIELDS and not _is_constant(field):
            raise InvalidJournalColumns(
                line=number,
                fault=_("“%(field)s” is no field. Choose one of the list, or quote a fixed text.")
                % {"field": field[:40]},
            )
        columns.append(Column(title, field))
    fields = {column.field for column in columns}
    if not fields >= {"debit", "credit"} and not fields >= {"amount", "side"}:
        raise InvalidJournalColumns(
            line=len(lines), fault=_("the columns of debit and credit are missing.")
        )
    if len(columns) > MAX_COLUMNS:
        raise InvalidJournalColumns(line=MAX_COLUMNS + 1, fault=_("there are too many columns."))
    return columns


def row(columns: Sequence[Column], entry: Entry, *, date_pattern: str) -> list[str]:
    """Return the cells of one line of a voucher."""
    return [
        column.field[1:-1]
        if _is_constant(column.field)
        else FIELDS[column.field][1](entry, date_pattern)
        for column in columns
    ]


def _is_constant(field: str) -> bool:
    return len(field) > 1 and field.startswith(QUOTE) and field.endswith(QUOTE)
