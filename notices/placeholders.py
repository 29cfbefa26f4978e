"""What a text can have in braces: a value of the notice that replaces it.

Texts are stored with the names of the values, as ``{gross}``. People see and write the names of
their language: ``{amount}``, ``{金额}``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from notices.models import NoticeKind as Kind

BRACES = re.compile(r"\{([^{}]*)\}")
LABELS = {
    "amounts": _("amounts"),
    "gross": _("amount"),
    "net": _("amount received"),
    "order": _("order number"),
    "level": pgettext_lazy("of a distributor", "level"),
    "until": pgettext_lazy("of a level", "last day"),
    "incentive": _("incentive"),
    "reward": _("reward"),
    "note": _("note"),
    "reason": _("reason"),
}
_WITHDRAWAL = ("gross", "net")
_AWARD = ("incentive", "reward")
NAMES: Mapping[str, tuple[str, ...]] = {
    Kind.ACCRUED: ("amounts",),
    Kind.CREDITED: ("amounts",),
    Kind.CLAWED_BACK: ("amounts",),
    Kind.WITHDRAWAL_APPROVED: _WITHDRAWAL,
    Kind.WITHDRAWAL_REJECTED: _WITHDRAWAL,
    Kind.WITHDRAWAL_READY: _WITHDRAWAL,
    Kind.WITHDRAWAL_PAID: _WITHDRAWAL,
    Kind.WITHDRAWAL_FAILED: _WITHDRAWAL,
    Kind.CLAIM_ANSWERED: ("order",),
    Kind.LEVEL_CHANGED: ("level",),
    Kind.LEVEL_WARNING: ("level", "until"),
    Kind.AWARD_GRANTED: _AWARD,
    Kind.AWARD_HELD: _AWARD,
    Kind.AWARD_REFUSED: _AWARD,
    Kind.AWARD_TAKEN_BACK: _AWARD,
    Kind.FRIEND_ORDERED: ("incentive",),
    Kind.FIRST_ORDER_COUNTS: _AWARD,
    Kind.GIFT_SENT: (*_AWARD, "note"),
    Kind.GIFT_CANCELLED: (*_AWARD, "reason"),
    Kind.PROOF_APPROVED: ("incentive",),
    Kind.PROOF_REJECTED: ("incentive", "reason"),
}


def names_of(kind: str) -> tuple[str, ...]:
    """Return the values that the texts of a kind can show."""
    return NAMES.get(Kind(kind), ())


def labels_of(kind: str) -> list[str]:
    """Return how people write the values of a kind, in their language and with braces."""
    return [f"{{{LABELS[name]}}}" for name in names_of(kind)]


def to_stored(kind: str, text: str) -> str:
    """Return a text with the names of values for what people wrote in any language.

    What is no value of the kind stays as it is; see ``unknown``.
    """
    spellings = _spellings(kind)
    return BRACES.sub(
        lambda match: f"{{{spellings.get(match[1].strip().lower(), match[1])}}}", text
    )


def to_shown(text: str) -> str:
    """Return a stored text with the names of values in the reader's language."""
    return fill(text, lambda name: f"{{{LABELS.get(name, name)}}}")


def unknown(kind: str, text: str) -> str:
    """Return the first part in braces that is no value of the kind, or a brace that stands alone;
    empty if there is none."""
    names = names_of(kind)
    wrong = [match[0] for match in BRACES.finditer(text) if match[1] not in names]
    left = [brace for brace in BRACES.sub("", text) if brace in "{}"]
    return next(iter([*wrong, *left]), "")


def fill(text: str, value_of: Callable[[str], Any]) -> str:
    """Replace each part in braces by its value."""
    return BRACES.sub(lambda match: str(value_of(match[1])), text)


def _spellings(kind: str) -> dict[str, str]:
    found = {name: name for name in names_of(kind)}
    for language, _title in settings.LANGUAGES:
        with translation.override(language):
            found |= {str(LABELS[name]).lower(): name for name in names_of(kind)}
    return found
