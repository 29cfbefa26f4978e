"""``rules.csv`` becomes a plan in force from the beginning of time: once for each content."""

from __future__ import annotations

import hashlib
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from catalog.models import Category, Sku
from commissions.models import Plan, Rule
from commissions.services import draft, publish
from common.errors import TwotierError
from integration.mall.files import Rate
from integration.mall.sheets import Row, Sheet
from members.models import User


class Superseded(TwotierError):
    code = "superseded"
    message = _(
        "These rules were imported as plan #%(number)s, and others since as plan #%(newer)s, which"
        " stays in force. To go back, publish a new version of plan #%(number)s."
    )


def content_of(sheet: Sheet) -> str:
    """The same rules in another order of lines are the same."""
    lines = sorted(repr([row.cells[name] for name in sorted(row.cells)]) for row in sheet.rows)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


@transaction.atomic
def publish_once(
    sheet: Sheet, *, name: str, edited_by: User, published_by: User, at: datetime
) -> Plan:
    """The plan of the file: an earlier import's, or a new one that two people answer for."""
    content = content_of(sheet)
    known = Plan.objects.filter(content=content).first()
    if known:
        return known
    plan = draft(
        name=name, by=edited_by, at=at, rules=[_rule(row) for row in sheet.rows], content=content
    )
    publish(plan=plan, by=published_by, at=at, from_the_beginning=True)
    return plan


def _rule(row: Row) -> Rule:
    rates: list[Rate | None] = [row["tier1"], row["tier2"]]
    fixed = any(rate and not rate.percent for rate in rates)
    target = row["target"]
    return Rule(
        layer=row["scope"],
        category=Category.objects.get(code=target) if row["scope"] == "category" else None,
        product_id=(
            Sku.objects.values_list("product", flat=True).get(code=target)
            if row["scope"] == "product"
            else None
        ),
        kind=Rule.Kind.PER_UNIT if fixed else Rule.Kind.PERCENT,
        tier1=rates[0].value if rates[0] else None,
        tier2=rates[1].value if rates[1] else None,
        base=row["base"] or Rule.Base.PAID,
        asset=row["asset"],
    )


def is_known(sheet: Sheet) -> bool:
    """Whether an earlier import has published these rules.

    :raises Superseded: and other rules have been imported since
    """
    known = Plan.objects.filter(content=content_of(sheet)).first()
    if known is None:
        return False
    newer = Plan.objects.filter(content__isnull=False, number__gt=known.number)
    if newest := newer.order_by("-number").first():
        raise Superseded(number=known.number, newer=newest.number)
    return True
