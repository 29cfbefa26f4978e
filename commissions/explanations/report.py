"""Format an explanation as lines of text, for a terminal or a page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from django.utils.translation import gettext as _

from commissions.explanations.amounts import amount
from commissions.explanations.order import EXPECTED, LineExplanation, TierExplanation
from commissions.models import Commission

INDENT = "  "


def report_lines(lines: Iterable[LineExplanation]) -> Iterator[str]:
    for line in lines:
        yield heading(line)
        for tier in line.tiers:
            yield f"{INDENT}{tier_summary(tier)}"
            yield from (f"{INDENT * 2}{sentence}" for sentence in tier.sentences)


def heading(line: LineExplanation) -> str:
    text = _("Line %(number)s: %(quantity)s × %(product)s (%(sku)s), paid %(paid)s")
    if (line.remaining_quantity, line.remaining_paid) != (line.quantity, line.paid):
        text = _(
            "Line %(number)s: %(quantity)s × %(product)s (%(sku)s), paid %(paid)s,"
            " after refunds %(left)s and %(units)s units"
        )
    return text % {
        "number": line.number,
        "quantity": line.quantity,
        "product": line.product,
        "sku": line.sku,
        "paid": amount(line.paid, ""),
        "left": amount(line.remaining_paid, ""),
        "units": line.remaining_quantity,
    }


def tier_summary(tier: TierExplanation) -> str:
    """Format who gets how much, and the commission's state."""
    if not tier.state:
        return _("Tier %(tier)s: nothing") % {"tier": tier.tier}
    return _("Tier %(tier)s: %(who)s, %(amount)s (%(state)s)") % {
        "tier": tier.tier,
        "who": tier.distributor,
        "amount": amount(tier.current, tier.asset),
        "state": state(tier.state),
    }


def state(name: str) -> str:
    if name == EXPECTED:
        return _("expected")
    return _("void") if name == Commission.VOID else str(Commission.Status(name).label)
