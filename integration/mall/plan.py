"""Import ``rules.csv`` as a plan in force for all orders; once for each content."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from catalog.models import Category, Product
from commissions.models import Plan, Rule
from commissions.models.plan import Layer
from commissions.services import draft, publish
from commissions.services.plans import rule_errors
from common.errors import TwotierError
from integration.mall.cells import Rate
from integration.mall.files import Files
from integration.mall.problems import RULE, Problem
from integration.mall.sheets import Row, Sheet
from members.models import User


class RulesSuperseded(TwotierError):
    code = "rules_superseded"
    message = _(
        "These rules were imported as plan #%(number)s and replaced by plan #%(newer)s, which stays"
        " in force. To restore them, publish a new version of plan #%(number)s."
    )


def compute_content_hash(sheet: Sheet) -> str:
    """Hash the rules independently of the order of their lines."""
    lines = sorted(repr([row.cells[name] for name in sorted(row.cells)]) for row in sheet.rows)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


@transaction.atomic
def publish_rules(
    sheet: Sheet, *, name: str, edited_by: User, published_by: User, at: datetime
) -> None:
    """Publish the rules as a plan, which is in force from the beginning."""
    rules = [_rule(row, **_target(row)) for row in sheet.rows]
    content_hash = compute_content_hash(sheet)
    plan = draft(name=name, by=edited_by, at=at, rules=rules, content_hash=content_hash)
    publish(plan=plan, by=published_by, at=at, from_the_beginning=True)


def _rule(row: Row, **target: Any) -> Rule:
    rates: list[Rate | None] = [row["tier1"], row["tier2"]]
    fixed = any(rate and not rate.percent for rate in rates)
    return Rule(
        layer=row["scope"],
        kind=Rule.Kind.PER_UNIT if fixed else Rule.Kind.PERCENT,
        tier1=rates[0].value if rates[0] else None,
        tier2=rates[1].value if rates[1] else None,
        base=row["base"] or Rule.Base.PAID,
        asset=row["asset"],
        **target,
    )


def _target(row: Row) -> dict[str, Any]:
    if row["scope"] == Layer.CATEGORY:
        return {"category": Category.objects.get(code=row["target"])}
    if row["scope"] == Layer.PRODUCT:
        return {"product": Product.objects.get(skus__code=row["target"])}
    return {}


def find_problems(files: Files) -> Iterator[Problem]:
    """Find the reasons why the rules could not be published, by line and column; write nothing."""
    sheet = files.rules
    try:
        if is_imported(sheet):
            return
    except RulesSuperseded as refusal:
        yield Problem(sheet.file, 1, "", str(refusal), RULE)
    targets: dict[str, dict[str, Any]] = {
        Layer.CATEGORY: {row["code"]: Category(name=row["name"]) for row in files.categories.rows},
        Layer.PRODUCT: {row["sku"]: Product(name=row["name"]) for row in files.products.rows},
    }
    plan = Plan(name=sheet.file)
    for row in sheet.rows:
        named = targets.get(row["scope"], {}).get(row["target"])
        target = {row["scope"]: named} if named else {}
        for tier, other in (("tier1", "tier2"), ("tier2", "tier1")):
            rule = _rule(row, plan=plan, **target)
            setattr(rule, other, None)  # so that an error belongs to this cell
            for reason in rule_errors(plan, rule):
                yield row.problem(tier, str(reason), RULE)


def is_imported(sheet: Sheet) -> bool:
    """Return whether an earlier import published these rules.

    :raises RulesSuperseded: other rules were imported since
    """
    imported = Plan.objects.filter(content_hash=compute_content_hash(sheet)).first()
    if imported is None:
        return False
    newer = Plan.objects.filter(content_hash__isnull=False, number__gt=imported.number)
    if newest := newer.order_by("-number").first():
        raise RulesSuperseded(number=imported.number, newer=newest.number)
    return True
