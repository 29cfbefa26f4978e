"""Parse the cells of the files. What has two meanings is refused and asked about."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from commissions.models.plan import MAX_FIXED_AMOUNT, Layer
from common import clock, money
from common.clock import EARLIEST_TIME, LATEST_TIME
from common.keys import clean_key, mangled_key
from integration.mall.problems import AMOUNT, CHOICE, DAMAGED, NUMBER, RATE, TEXT, TIME, Kind
from orders.intake.validate import MAX_LINE_AMOUNT

PERCENT = re.compile(r"(\d{1,3})(?:\.(\d{1,2}))?\s*%", re.ASCII)
PLAIN_NUMBER = re.compile(r"\d{1,3}(?:\.\d)?", re.ASCII)
THOUSANDS = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?", re.ASCII)
CURRENCY = re.compile(r"^(?:¥|CNY|RMB)\s*|\s*(?:元|¥|CNY|RMB)$", re.IGNORECASE)
LOCAL_TIME = re.compile(
    r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?"
    r"(?:(?:T|\s+|(?<=日))(\d{1,2})[:时](\d{1,2})(?:[:分](\d{1,2})(?:\.0+)?)?[分秒]?)?",
    re.ASCII,
)
DAY_FIRST = re.compile(r"\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}(?:\s.*)?", re.ASCII)
SHORT_YEAR = re.compile(r"\d\d年.*", re.ASCII)
SERIAL_NUMBER = re.compile(r"\d{4,5}(?:\.\d+)?", re.ASCII)
SPREADSHEET_ERROR = re.compile(r"#(?:N/A|REF!|VALUE!|DIV/0!|NAME\?|NUM!|NULL!|ERROR)")


class InvalidCell(Exception):
    """A cell that cannot be parsed; the text is the reason."""

    def __init__(self, kind: Kind, message: str) -> None:
        super().__init__(message)
        self.kind = kind


Parser = Callable[[str], Any]


class Rate(NamedTuple):
    """A rule's value for a tier: basis points, or minor units per unit sold."""

    percent: bool
    value: int


def plain(cell: str) -> str:
    """Write full-width digits and punctuation as ASCII, without blanks at either end."""
    return clean_key(unicodedata.normalize("NFKC", cell))


def text(max_length: int, *, blank: bool = False) -> Parser:
    def parse(cell: str) -> str:
        cell = clean_key(cell)
        if not cell and not blank:
            raise InvalidCell(TEXT, _("is empty"))
        if len(cell) > max_length:
            message = _("has more than %(max)s characters") % {"max": max_length}
            raise InvalidCell(TEXT, message)
        if SPREADSHEET_ERROR.fullmatch(cell):
            raise InvalidCell(TEXT, _("the formula in this cell has an error"))
        if any(unicodedata.category(character) in {"Cc", "Cs"} for character in cell):
            raise InvalidCell(TEXT, _("contains a line break, a tab or a control character"))
        return cell

    return parse


def key(max_length: int, *, blank: bool = False) -> Parser:
    """Parse a number or id, which a spreadsheet must not have changed."""
    parse_text = text(max_length, blank=blank)

    def parse(cell: str) -> Any:
        if mangled_key(cell):
            raise InvalidCell(DAMAGED, _damage(clean_key(cell)))
        return parse_text(cell)

    return parse


def _damage(cell: str) -> str:
    if cell.startswith("="):
        return _("“%(cell)s” is a formula, not an id") % {"cell": cell[:40]}
    if cell.startswith("'"):
        return _("“%(cell)s” starts with an apostrophe") % {"cell": cell[:40]}
    return _("“%(cell)s” was a longer number: the spreadsheet has dropped its last digits") % {
        "cell": cell[:40]
    }


def integer(low: int, high: int) -> Parser:
    def parse(cell: str) -> int:
        digits = plain(cell)
        if THOUSANDS.fullmatch(digits):
            digits = digits.replace(",", "")
        digits = re.sub(r"\.0+$", "", digits)
        if not re.fullmatch(r"\d{1,12}", digits, re.ASCII) or not low <= int(digits) <= high:
            raise InvalidCell(
                NUMBER,
                _("“%(cell)s” is not a whole number from %(min)s to %(max)s")
                % {"cell": cell[:40], "min": low, "max": high},
            )
        return int(digits)

    return parse


def yuan(cell: str) -> int:
    try:
        fen = money.parse_yuan(_amount(cell))
    except money.InvalidAmount:
        message = _("“%(cell)s” is not an amount in yuan")
        if cell.startswith("?"):
            message = _("“%(cell)s”: saving the file has lost the sign before the number")
        raise InvalidCell(AMOUNT, message % {"cell": cell[:40]}) from None
    if fen < 0:
        raise InvalidCell(AMOUNT, _("is below 0"))
    if fen > MAX_LINE_AMOUNT:
        raise InvalidCell(AMOUNT, _("is too large"))
    return fen


def _amount(cell: str) -> str:
    """Remove the currency and the separators of thousands."""
    amount = CURRENCY.sub("", plain(cell))
    return amount.replace(",", "") if THOUSANDS.fullmatch(amount) else amount


def rate(cell: str) -> Rate:
    """Parse ``10%``, ``8.25%``, or ``3.00`` per unit; ``0.1`` and ``10`` may mean either."""
    given = plain(cell)
    if match := PERCENT.fullmatch(given):
        whole_part, hundredths = match.groups()
        points = int(whole_part) * 100 + int((hundredths or "").ljust(2, "0"))
        if points > money.BASIS_POINTS:
            raise InvalidCell(RATE, _("is more than 100%"))
        return Rate(True, points)
    amount = _amount(cell)
    if PLAIN_NUMBER.fullmatch(amount):
        raise InvalidCell(RATE, _question(cell, amount))
    if not re.fullmatch(r"\d{1,13}\.\d\d", amount, re.ASCII):
        raise InvalidCell(
            RATE,
            _("“%(cell)s” is neither a percentage such as 8.5%% nor an amount such as 3.00")
            % {"cell": cell[:40]},
        )
    if (fen := money.parse_yuan(amount)) > MAX_FIXED_AMOUNT:
        raise InvalidCell(RATE, _("is too large"))
    return Rate(False, fen)


def _question(cell: str, amount: str) -> str:
    fen = money.parse_yuan(amount)
    # 0.1 is how a spreadsheet stores 10 %; 10 is how people write it.
    percent = fen if fen < money.FEN else fen / money.FEN
    return _("“%(cell)s”: is it %(percent)s %% or %(yuan)s yuan a unit?") % {
        "cell": clean_key(cell), "percent": f"{percent:g}", "yuan": money.format_yuan(fen),
    }  # fmt: skip


def moment(zone: ZoneInfo, *, day: bool = False) -> Parser:
    """Parse a time, in ``zone`` if it has no offset.

    :param day: accept a date alone, as the start of that day
    """

    def parse(cell: str) -> datetime:
        given = plain(cell)
        at = clock.parse(given)
        if at is None:
            at = _local_time(given, zone, day=day)
        if not EARLIEST_TIME <= at < LATEST_TIME:
            raise InvalidCell(TIME, _("“%(cell)s” is impossible") % {"cell": cell[:40]})
        return at

    return parse


def _local_time(cell: str, zone: ZoneInfo, *, day: bool) -> datetime:
    match = LOCAL_TIME.fullmatch(cell)
    if match is None:
        raise InvalidCell(TIME, _not_a_time(cell))
    if match[4] is None and not day:
        message = _("“%(cell)s” has no time of day, such as 9:03") % {"cell": cell[:40]}
        raise InvalidCell(TIME, message)
    try:
        at = datetime(*(int(part or 0) for part in match.groups()), tzinfo=zone)  # type: ignore[misc,arg-type]
    except ValueError:
        message = _("“%(cell)s” does not exist in the calendar") % {"cell": cell[:40]}
        raise InvalidCell(TIME, message) from None
    if at.utcoffset() != at.replace(fold=1).utcoffset():
        message = _("“%(cell)s” is in the hour of a clock change: write its offset, such as +08:00")
        raise InvalidCell(TIME, message % {"cell": cell[:40]})
    return at


def _not_a_time(cell: str) -> str:
    if DAY_FIRST.fullmatch(cell):
        message = _("“%(cell)s”: which is the day, and which the month? Write the year first")
    elif SHORT_YEAR.fullmatch(cell):
        message = _("“%(cell)s” has a year of two digits: write all four")
    elif SERIAL_NUMBER.fullmatch(cell):
        message = _("“%(cell)s” is a number: format the cell as date and time")
    else:
        message = _("“%(cell)s” is not a time")
    return message % {"cell": cell[:40]}


def optional(parse: Parser) -> Parser:
    """Parse an empty cell as ``None``."""
    return lambda cell: parse(cell) if clean_key(cell) else None


def one_of(*allowed: str, words: Mapping[str, str] | None = None) -> Parser:
    """Parse one of ``allowed``.

    :param words: what operations write instead, and its value
    """

    def parse(cell: str) -> str:
        value = plain(cell)
        value = (words or {}).get(value, value)
        if value not in allowed:
            raise InvalidCell(
                CHOICE,
                _("“%(cell)s” is not one of %(allowed)s")
                % {"cell": cell[:40], "allowed": ", ".join(filter(None, allowed))},
            )
        return value

    return parse


def scope(words: Mapping[str, str]) -> Parser:
    """Parse the scope of a rule: only goods can be rewarded."""

    def parse(cell: str) -> str:
        value = plain(cell)
        value = words.get(value, value)
        if value not in Layer.values:
            raise InvalidCell(
                CHOICE,
                _(
                    "“%(cell)s” is not store, category or product: a commission is paid for goods"
                    " that were bought, never for recruiting people (禁止传销条例, article 7)"
                )
                % {"cell": cell[:40]},
            )
        return value

    return parse
