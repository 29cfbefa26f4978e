"""Clean the numbers and ids that other systems give, and recognise what a spreadsheet damaged."""

from __future__ import annotations

import re
import unicodedata

MANGLED = re.compile(r"""\d(?:[.,]\d+)?E\+\d+|=".*|'.*""", re.ASCII | re.DOTALL | re.IGNORECASE)
MAX_DIGITS = 18  # of a bigint, of which there is every number


def clean_key(text: str) -> str:
    """Return the text without blanks, control and invisible characters at either end.

    Such characters between others stay, because they may separate two keys in one cell.
    """
    start, end = 0, len(text)
    while start < end and _is_invisible(text[start]):
        start += 1
    while start < end and _is_invisible(text[end - 1]):
        end -= 1
    return text[start:end]


def is_row_key(text: str) -> bool:
    """Return whether the text can be the primary key of a row: digits that a bigint holds.

    Python refuses to read longer numbers, and PostgreSQL to compare them.
    """
    return text.isascii() and text.isdigit() and len(text) <= MAX_DIGITS


def mangled_key(text: str) -> bool:
    """Return whether a spreadsheet damaged the key, so that the original cannot be known.

    These are a number in scientific notation (``2.50105E+17``), a formula (``="0123"``) and a
    leading apostrophe. ``34e921803662``, without the plus sign, is an id.
    """
    return MANGLED.fullmatch(clean_key(text)) is not None


def _is_invisible(character: str) -> bool:
    # Zs, Zl and Zp are blanks; Cc are control characters; Cf has the byte order mark and the
    # zero-width characters that come along when a number is copied from a web page.
    return character.isspace() or unicodedata.category(character) in {"Cc", "Cf", "Zs", "Zl", "Zp"}
