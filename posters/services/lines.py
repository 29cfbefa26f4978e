"""Recommendations on posters: those that are offered, and those that members write."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from catalog.models import Product
from common.errors import TwotierError
from members.decency import is_decent
from members.models import Member
from posters.models import RecommendationLine
from posters.models.lines import MAX_LINE
from posters.queries import industry_of
from sharing.targets import Target
from sharing.wording import check_texts, require_allowed_words

Source = RecommendationLine.Source

MAX_OWN_LINES = 20
"""Remembered for a member; of more, the one that was used longest ago is deleted."""
OFFERED, OFFERED_OWN = 20, 5


class LineTooLong(TwotierError):
    code = "recommendation_too_long"
    message = _("A recommendation has at most %(limit)s characters. Shorten it.")
    status = 400


class LineRefused(TwotierError):
    code = "recommendation_refused"
    message = _("WeChat finds this recommendation objectionable. Write another one.")
    status = 400


@dataclass(frozen=True, slots=True)
class OfferedLine:
    text: str
    source: str
    """One of ``RecommendationLine.Source``."""


def accept_line(text: str, *, target: Target, at: datetime) -> str:
    """Return a recommendation in one line, without invisible characters.

    :raises LineTooLong: it has more than ``MAX_LINE`` characters
    :raises WordsForbidden: it has words that advertising may not use in the target's industry
    """
    text = tidy(text)
    if len(text) > MAX_LINE:
        raise LineTooLong(limit=MAX_LINE)
    if text:
        require_allowed_words(text, industry_of(target, at=at))
    return text


def tidy(text: str) -> str:
    """Return a text in one line, normalized, without control characters."""
    visible = (
        " " if character.isspace() else character
        for character in unicodedata.normalize("NFC", text)
        if character.isspace() or unicodedata.category(character) not in {"Cc", "Co", "Cs"}
    )
    return " ".join("".join(visible).split())


def require_decent_line(*, member: Member, text: str) -> None:
    """Ask WeChat about a member's own line. Call it outside of transactions: it may take seconds.

    Lines that the shop offers, or that the member has used before, are not checked again.

    :raises LineRefused: WeChat finds it objectionable
    :raises WeChatUnavailable: WeChat does not answer
    """
    text = tidy(text)
    mine = Q(member__in=Member.objects.of_person(member.pk))
    if not text or RecommendationLine.objects.filter(mine | Q(member=None), text=text).exists():
        return
    if not is_decent(member, text, kind="recommendation"):
        raise LineRefused


def remember_line(*, member: Member, text: str, at: datetime) -> None:
    """Store a line that a member has used, to offer it again; lines of the shop are skipped."""
    if RecommendationLine.objects.filter(member=None, text=text).exists():
        return
    RecommendationLine.objects.bulk_create(
        [RecommendationLine(source=Source.DISTRIBUTOR, member=member, text=text, last_used_at=at)],
        update_conflicts=True,
        unique_fields=["member", "text"],
        update_fields=["last_used_at"],
    )
    mine = RecommendationLine.objects.filter(member=member).order_by("-last_used_at", "-pk")
    mine.filter(pk__in=list(mine.values_list("pk", flat=True)[MAX_OWN_LINES:])).delete()


def offered_lines(*, member: Member, target: Target, at: datetime) -> list[OfferedLine]:
    """Return the lines to choose from: the product's, the member's own, suggested ones."""
    industry = industry_of(target, at=at)
    lines = {row.text: OfferedLine(row.text, row.source) for row in _rows(member, target, industry)}
    # What is allowed for others may be forbidden in this industry, or since it was written.
    words = check_texts(list(lines), industry)
    allowed = [line for line, found in zip(lines.values(), words, strict=True) if not found]
    return allowed[:OFFERED]


def _rows(member: Member, target: Target, industry: str) -> Iterator[RecommendationLine]:
    active = RecommendationLine.objects.filter(is_active=True)
    if target.kind == "product":
        product = Product.objects.filter(public_id=target.id).values("pk")
        yield from active.filter(source=Source.PRODUCT, product__in=product).order_by("pk")
    persons = Member.objects.of_person(member.pk)
    yield from active.filter(member__in=persons).order_by("-last_used_at", "-pk")[:OFFERED_OWN]
    suggested = active.filter(source=Source.SUGGESTED)
    if industry:
        yield from suggested.filter(industry=industry).order_by("pk")[:OFFERED]
    yield from suggested.filter(industry="").order_by("pk")[:OFFERED]
