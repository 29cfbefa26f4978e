"""Read cells as people write them; what cannot be read is refused with a sentence."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from types import MappingProxyType

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from backoffice.imports import StrOrPromise
from common.errors import TwotierError
from common.keys import mangled_key
from common.money import parse_yuan, yuan_text

MAX_AMOUNT = 10**13  # fen
CURRENCY = re.compile(r"^(?:¥|CNY|RMB)\s*|\s*(?:元|¥|CNY|RMB)$", re.IGNORECASE)
THOUSANDS = re.compile(r"-?\d{1,3}(?:,\d{3})+(?:\.\d+)?", re.ASCII)


class NegativeAmount(TwotierError):
    code = "import_amount_negative"
    message = _("This amount cannot be below 0.")
    status = 400


class AmountTooLarge(TwotierError):
    code = "import_amount_too_large"
    message = _("This is more than %(limit)s.")
    status = 400


class UnknownChoice(TwotierError):
    code = "import_choice_unknown"
    message = _("“%(text)s” is none of: %(choices)s.")
    status = 400


class DamagedNumber(TwotierError):
    code = "import_number_damaged"
    message = _(
        "A spreadsheet has changed this number. Format the column as text and type it again."
    )
    status = 400


def read_amount(text: str) -> int:
    """Return the fen of an amount such as ``¥1,234.50``.

    :raises InvalidAmount: it is no amount
    :raises NegativeAmount: it is below 0
    :raises AmountTooLarge: nothing costs as much
    """
    plain = CURRENCY.sub("", unicodedata.normalize("NFKC", text).strip())
    fen = parse_yuan(plain.replace(",", "") if THOUSANDS.fullmatch(plain) else plain)
    if fen < 0:
        raise NegativeAmount
    if fen > MAX_AMOUNT:
        raise AmountTooLarge(limit=yuan_text(MAX_AMOUNT))
    return fen


def read_choice(
    text: str,
    choices: Iterable[tuple[str, StrOrPromise]],
    *,
    other_words: Mapping[str, str] = MappingProxyType({}),
) -> str:
    """Return the value of a choice, written as value or as label in any language.

    :param other_words: what people write as well, and its value
    :raises UnknownChoice: it is none of the choices
    """
    pairs = list(choices)
    wanted = _plain(text)
    if wanted in other_words:
        return other_words[wanted]
    for value, label in pairs:
        if wanted in {_plain(value), *_in_all_languages(label)}:
            return value
    raise UnknownChoice(text=text[:40], choices=_Labels(pairs))


def read_key(text: str) -> str:
    """Return a number or id.

    :raises DamagedNumber: a spreadsheet has dropped digits, or made it a formula
    """
    if mangled_key(text):
        raise DamagedNumber
    return text


class _Labels:
    """The labels of choices, in the language in which they are read."""

    def __init__(self, pairs: Iterable[tuple[str, StrOrPromise]]) -> None:
        self._pairs = pairs

    def __str__(self) -> str:
        return "、".join(f"“{label}”" for _value, label in self._pairs)


def _in_all_languages(label: StrOrPromise) -> Iterable[str]:
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            yield _plain(str(label))


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip().casefold()
