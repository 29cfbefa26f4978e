"""What forbids the publication of a version, and what it gives at worst, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from common.money import percent
from incentives.cash import whole_sentence
from incentives.checks import errors_of
from incentives.compliance import Objection, objections
from incentives.models import Reward, Version
from incentives.worst_case import worst_case

REWARDS = "rewards"
REWARD_FIELDS = {
    "threshold": "threshold_text", "amount": "value", "rate": "value", "coupon_id": "coupon",
    "gift_id": "gift", "level_id": "level",
}  # fmt: skip
"""Fields of the form that show errors of a reward's fields of other names."""


@dataclass(frozen=True)
class Review:
    """A version as a reviewer needs it.

    :ivar errors: texts by field of the version; those of rewards stand in ``rows``
    :ivar rows: by number of the reward and field of its form
    :ivar worst: what an order gives at worst; empty while fields are wrong
    """

    rewards: Sequence[Reward]
    sentence: str
    objections: Sequence[Objection] = ()
    errors: Mapping[str, Sequence[str]] = field(default_factory=dict)
    rows: Mapping[int, Mapping[str, Sequence[str]]] = field(default_factory=dict)
    worst: str = ""
    is_above_limit: bool = False

    @property
    def findings(self) -> list[str]:
        """Return all that forbids the publication, as sentences."""
        return [*(row.text for row in self.objections), *self.field_findings]

    @property
    def field_findings(self) -> list[str]:
        """Return the errors of fields as sentences that name the field."""
        texts = [
            f"{field_title(name)}: {text}" for name, found in self.errors.items() for text in found
        ]
        for place, fields in sorted(self.rows.items()):
            title = capfirst(_("reward %(number)s") % {"number": place + 1})
            texts += [f"{title}: {text}" for found in fields.values() for text in found]
        return list(dict.fromkeys(texts))


def review_of(version: Version, rewards: Sequence[Reward], *, at: datetime) -> Review:
    """Review a version with these rewards, saved or not."""
    errors, rows = sorted_errors(errors_of(version, rewards, at=at))
    review = Review(
        rewards, _sentence(version, rewards), objections(version, rewards), errors, rows
    )
    if errors or rows or not rewards:
        return review
    case = worst_case(version, rewards, at=at)
    data = {"share": percent(case.total), "limit": percent(case.limit), "product": case.product}
    if case.is_above_limit:
        text = _(
            "At worst commissions and awards come to %(share)s of an order of “%(product)s”, more"
            " than the %(limit)s of the settings."
        )
    else:
        text = _("At worst commissions and awards come to %(share)s of an order (most: %(limit)s).")
    return Review(
        rewards, review.sentence, review.objections, errors, rows, text % data,
        case.is_above_limit,
    )  # fmt: skip


def _sentence(version: Version, rewards: Sequence[Reward]) -> str:
    return whole_sentence(version, rewards) if version.metric and rewards else ""


def sorted_errors(
    errors: Mapping[str, Sequence[str]],
) -> tuple[dict[str, list[str]], dict[int, dict[str, list[str]]]]:
    """Divide errors into those of the version's fields and those of each reward's."""
    fields: dict[str, list[str]] = {}
    rows: dict[int, dict[str, list[str]]] = {}
    for key, texts in errors.items():
        first, _dot, rest = key.partition(".")
        place, _dot, name = rest.partition(".")
        if first == REWARDS and place.isdecimal():
            row = rows.setdefault(int(place), {})
            row.setdefault(REWARD_FIELDS.get(name, name), []).extend(map(str, texts))
        else:
            fields.setdefault(key, []).extend(map(str, texts))
    return fields, rows


def field_title(name: str) -> str:
    """Return what a page calls a field of a version."""
    if name == REWARDS:
        return capfirst(str(Reward._meta.verbose_name_plural))
    names = {field.name for field in Version._meta.concrete_fields}
    if name not in names:
        return ""
    return capfirst(str(Version._meta.get_field(name).verbose_name))  # type: ignore[union-attr]
