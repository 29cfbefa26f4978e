"""Import ``rules.csv`` as a plan; once for each content."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from catalog.models import Category, Product
from commissions.models import Plan, Rule
from commissions.models.plan import Layer
from commissions.services import draft, publish
from commissions.services.plans import rule_errors
from common.clock import EARLIEST_TIME
from integration.mall.cells import Rate
from integration.mall.files import Files
from integration.mall.local_time import format_time
from integration.mall.problems import PLAN, RULE, Problem
from integration.mall.sheets import Row, Sheet
from members.models import User


def compute_content_hash(sheet: Sheet) -> str:
    """Hash the rules independently of the order of their lines and of time zones."""
    lines = sorted(repr([_hashed(row[name]) for name in sorted(row.cells)]) for row in sheet.rows)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _hashed(value: Any) -> Any:
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value


@transaction.atomic
def publish_rules(
    sheet: Sheet, *, name: str, edited_by: User, published_by: User, at: datetime
) -> None:
    """Publish the rules as a plan.

    The first plan of all is in force from the beginning. A later one supersedes the others from
    the earliest ``from`` of its rules, so that older orders keep their plan.
    """
    periods = rule_periods(sheet)
    rules = [_rule(row, **_target(row), **periods[row.line]) for row in sheet.rows]
    content_hash = compute_content_hash(sheet)
    plan = draft(name=name, by=edited_by, at=at, rules=rules, content_hash=content_hash)
    if not _other_plans(sheet):
        publish(plan=plan, by=published_by, at=at, from_the_beginning=True)
    else:
        # A plan starts at the moment at which it is published.
        publish(plan=plan, by=published_by, at=min(row["from"] for row in sheet.rows))


def rule_periods(sheet: Sheet) -> dict[int, dict[str, Any]]:
    """Return when the rule of each line starts and ends, and its priority.

    The next ``from`` of the same scope and target ends a rule. The priority only keeps apart the
    rules of one target, which are never in force together.
    """
    targets: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in sheet.rows:
        targets[row["scope"], row["target"]].append(row)
    periods: dict[int, dict[str, Any]] = {}
    for rows in targets.values():
        rows.sort(key=lambda row: row["from"] or EARLIEST_TIME)
        ends = [row["from"] for row in rows[1:]] + [None]
        for priority, (row, end) in enumerate(zip(rows, ends, strict=True)):
            periods[row.line] = {
                "starts_at": row["from"], "ends_at": end, "priority": priority,
            }  # fmt: skip
    return periods


def _rule(row: Row, **fields: Any) -> Rule:
    rates: list[Rate | None] = [row["tier1"], row["tier2"]]
    fixed = any(rate and not rate.percent for rate in rates)
    return Rule(
        layer=row["scope"],
        kind=Rule.Kind.PER_UNIT if fixed else Rule.Kind.PERCENT,
        tier1=rates[0].value if rates[0] else None,
        tier2=rates[1].value if rates[1] else None,
        base=row["base"] or Rule.Base.PAID,
        asset=row["asset"],
        **fields,
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
    if is_imported(sheet):
        return
    yield from _without_day(sheet)
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


def _without_day(sheet: Sheet) -> Iterator[Problem]:
    others = _other_plans(sheet)
    if plan := others.order_by("-number").first():
        for row in sheet.rows:
            if row["from"] is None:
                message = _("from which day? The plan %(plan)s is in force already")
                yield row.problem("from", message % {"plan": plan}, RULE)


def is_imported(sheet: Sheet) -> bool:
    """Return whether an earlier import published these rules."""
    return Plan.objects.filter(content_hash=compute_content_hash(sheet)).exists()


def find_other_plans(sheet: Sheet) -> Iterator[Problem]:
    """Find the plans that stay in force beside these rules, or instead of them."""
    imported = Plan.objects.filter(content_hash=compute_content_hash(sheet)).first()
    if imported is None:
        starts = [row["from"] for row in sheet.rows if row["from"]]
        for plan in _other_plans(sheet).filter(starts_at__gt=min(starts)) if starts else ():
            message = _("the plan %(plan)s stays in force for orders from %(start)s on")
            assert plan.starts_at
            shown = {"plan": plan, "start": format_time(plan.starts_at)}
            yield Problem(sheet.file, 1, "from", message % shown, PLAN)
    elif newer := Plan.objects.filter(number__gt=imported.number).order_by("-number").first():
        message = _(
            "these rules are the plan %(plan)s already; the newer plan %(newer)s stays in force."
            " To replace that, write the rules with a later day in the column “from”"
        )
        yield Problem(sheet.file, 1, "", message % {"plan": imported, "newer": newer}, PLAN)


def _other_plans(sheet: Sheet) -> QuerySet[Plan]:
    return Plan.objects.filter(status=Plan.Status.PUBLISHED).exclude(
        content_hash=compute_content_hash(sheet)
    )
