"""The life of a plan: edited as a draft, published by another person, immutable afterwards."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from commissions.events import (
    COMMISSIONS_PLAN_DISCARDED,
    COMMISSIONS_PLAN_DRAFTED,
    COMMISSIONS_PLAN_EDITED,
    COMMISSIONS_PLAN_PUBLISHED,
)
from commissions.models import Plan, Rule
from commissions.models.plan import Layer
from commissions.plan_cache import terms_of
from commissions.plan_checks import findings_of
from common import errors, status
from common.errors import TwotierError
from common.locks import advisory_lock
from common.money import percent
from events.services import record
from ledger.chart import Asset
from members.models import User
from members.reviews import require_may_review


class SelfApprovalForbidden(errors.SelfApprovalForbidden):
    message = _("You have edited this plan, so another person must review and publish it.")
    status = 403


class PlanNotCompliant(TwotierError):
    code = "plan_not_compliant"
    message = _("%(reason)s Nothing was published.")
    status = 422


class RewardNotForGoods(TwotierError):
    code = "reward_not_for_goods"
    message = _("%(reason)s Nothing was saved.")
    status = 422


class PlanChanged(TwotierError):
    code = "plan_changed"
    message = _(
        "The plan has changed since you opened this page. Nothing was published: read it again."
    )


class PlanStartInvalid(TwotierError):
    code = "plan_start_invalid"
    message = _(
        "A plan starts at once, or at a moment between now and a year from now. Nothing was"
        " published or handed over."
    )
    status = 422


PLAN_LOCK = "commissions.plan"
"""Held by whoever publishes a plan, or what is published beside it."""
MAX_LEAD = timedelta(days=366)
HEADCOUNT_REWARD = _(
    "“%(what)s” cannot be rewarded. A commission is paid for paid goods only: for a product, a"
    " category or the whole store, as a percentage, per unit or per order. A reward for recruiting"
    " people, or from their entry fees, is pyramid selling (禁止传销条例, article 7)."
)


@transaction.atomic
def draft(
    *,
    name: str,
    by: User,
    at: datetime,
    rules: Iterable[Rule] = (),
    based_on: Plan | None = None,
    **terms: Any,
) -> Plan:
    """Create a draft.

    :param rules: unsaved; their plan is set here
    :param terms: ``layers``, ``combine``, ``cap`` (basis points), ``content_hash``
    :raises RewardNotForGoods: a layer or a rule rewards something else than goods
    """
    rows = list(rules)
    if reasons := _headcount_rewards(terms.get("layers", ()), rows):
        raise RewardNotForGoods(reason=reasons[0])
    plan = Plan.objects.create(name=name, editors=[by.pk], based_on=based_on, **terms)
    for rule in rows:
        rule.pk, rule.plan = None, plan
    Rule.objects.bulk_create(rows)
    record(COMMISSIONS_PLAN_DRAFTED, plan, at=at, by=by, rules=len(rows))
    return plan


@transaction.atomic
def roll_back_to(*, plan: Plan, by: User, at: datetime) -> Plan:
    """Create a draft with the terms of an older plan; it is published as a new version."""
    return draft(
        name=plan.name,
        by=by,
        at=at,
        rules=plan.rules.order_by("pk"),
        based_on=plan,
        layers=plan.layers,
        combine=plan.combine,
        cap=plan.cap,
    )


@transaction.atomic
def record_edit(*, plan: Plan, by: User, at: datetime, **changes: Any) -> None:
    """Record that ``by`` has edited a draft, and therefore may not publish it.

    :raises WrongStatus: it is published or handed over
    """
    add_editor(lock_draft(plan), by)
    plan.refresh_from_db(fields=["editors"])
    record(COMMISSIONS_PLAN_EDITED, plan, at=at, by=by, **changes)


@transaction.atomic
def discard(*, plan: Plan, by: User, at: datetime) -> None:
    """Delete a draft.

    :raises WrongStatus: it is published or handed over
    """
    lock_draft(plan)
    record(COMMISSIONS_PLAN_DISCARDED, plan, at=at, by=by, discarded=plan.name)
    plan.delete()


@transaction.atomic
def publish(
    *,
    plan: Plan,
    by: User,
    at: datetime,
    starts_at: datetime | None = None,
    from_the_beginning: bool = False,
    seal: str = "",
) -> None:
    """Publish a draft, or one that was handed over, as the next version.

    It is in force for orders placed from ``starts_at`` on, else from ``at`` on.

    :param from_the_beginning: in force for all earlier orders too, for a mall with a history
    :param seal: what ``plan_seal`` returned for what ``by`` has read; empty: not compared
    :raises SelfApprovalForbidden: ``by`` has edited it
    :raises PlanChanged: its terms are not those with the seal
    :raises ReviewTooEarly: the account of ``by`` or of an editor has just changed
    :raises PlanNotCompliant: a rule breaks a law of distribution or can never be paid, or with
        the incentives that run an order could give more than the settings allow
    :raises PlanStartInvalid: the start is in the past, or more than a year ahead
    :raises WrongStatus: it is published already
    """
    require_valid_start(starts_at, at=at)
    advisory_lock(PLAN_LOCK)  # two plans published at once would get one number
    locked = Plan.objects.select_for_update(no_key=True).get(pk=plan.pk)
    status.require_move(locked, to=Plan.Status.PUBLISHED)
    if by.pk in locked.editors:
        raise SelfApprovalForbidden(plan=str(plan))
    require_may_review(by.pk, *locked.editors)
    if seal and seal != plan_seal(locked):
        raise PlanChanged
    if reasons := publish_errors(locked, at=starts_at or at):
        raise PlanNotCompliant(reason=" ".join(map(str, reasons)))
    last = Plan.objects.aggregate(last=Max("number"))["last"] or 0
    start = None if from_the_beginning else starts_at or at
    status.move(
        plan, to=Plan.Status.PUBLISHED, number=last + 1, published_by=by, published_at=at,
        starts_at=start,
    )  # fmt: skip
    record(COMMISSIONS_PLAN_PUBLISHED, plan, at=at, by=by, number=last + 1, starts_at=start)


def plan_seal(plan: Plan) -> str:
    """Return a hash of the terms and rules of a plan."""
    terms = terms_of(plan, ((rule.pk, rule) for rule in plan.rules.order_by("pk")))
    return sha256(json.dumps(terms.as_json(), sort_keys=True).encode()).hexdigest()


def require_valid_start(start: datetime | None, *, at: datetime) -> None:
    """:raises PlanStartInvalid: the start is in the past, or more than a year ahead"""
    if start is not None and not at <= start <= at + MAX_LEAD:
        raise PlanStartInvalid


def lock_draft(plan: Plan) -> Plan:
    """Lock and return a draft.

    :raises WrongStatus: it is published or handed over
    """
    locked = Plan.objects.select_for_update(no_key=True).get(pk=plan.pk)
    status.expect(locked, Plan.Status.DRAFT, to=Plan.Status.DRAFT)
    return locked


def add_editor(draft_plan: Plan, by: User) -> None:
    """Add to the people who may not publish a draft; the caller holds its lock."""
    if by.pk not in draft_plan.editors:
        draft_plan.editors.append(by.pk)
        draft_plan.save(update_fields=["editors"])


def publish_errors(plan: Plan, *, at: datetime) -> list[Any]:
    """Return the reasons why a draft may not be published to start at ``at``; empty if it may."""
    named = plan.rules.select_related("product", "category", "level", "segment")
    rules = list(named.order_by("pk"))
    errors = plan_errors(plan, rules) + [text for rule in rules for text in rule_errors(plan, rule)]
    return errors or [row.text for row in findings_of(plan, rules, at=at) if row.forbids]


def plan_errors(plan: Plan, rules: Sequence[Rule]) -> list[Any]:
    """Return the reasons that are not about one rule; neither plan nor rules need to be saved."""
    errors: list[Any] = []
    if not plan.layers or len(set(plan.layers)) < len(plan.layers):
        errors.append(_("The plan needs at least one layer, and each layer only once."))
    errors += _headcount_rewards(plan.layers, rules)
    if not rules:
        errors.append(_("The plan has no rules, so it would pay nobody: add a rule."))
    if plan.combine != Plan.Combine.FIRST and len({rule.asset for rule in rules}) > 1:
        errors.append(_("All rules must pay the same asset when layers are compared or added up."))
    return errors


def _headcount_rewards(layers: Iterable[str], rules: Sequence[Rule]) -> list[str]:
    """Refuse layers and kinds outside the closed lists, which reward goods only."""
    unknown = {*layers, *(rule.layer for rule in rules)} - set(Layer.values)
    unknown |= {rule.kind for rule in rules} - set(Rule.Kind.values)
    return [HEADCOUNT_REWARD % {"what": name} for name in sorted(unknown)]


def rule_errors(plan: Plan, rule: Rule) -> list[Any]:
    """Return the reasons why a plan with this rule may not be published; empty if it may."""
    data = {"rule": rule_name(rule), "cap": percent(plan.cap)}
    errors: list[Any] = []
    if rule.layer not in plan.layers:
        errors.append(_("The layer of the rule “%(rule)s” is not among the plan's layers.") % data)
    rate = max(rule.tier1 or 0, rule.tier2 or 0)
    if rule.kind == Rule.Kind.PERCENT and rule.asset != Asset.POINTS and rate > plan.cap:
        errors.append(
            _(
                "The rule “%(rule)s” pays %(rate)s, more than the plan's cap of %(cap)s of the"
                " amount paid: lower the rate or raise the cap."
            )
            % {**data, "rate": percent(rate)}
        )
    return errors


def rule_name(rule: Rule) -> str:
    """Return what people call a rule: its goods, and its audience unless that is everyone."""
    goods = rule.product or rule.category or rule.get_layer_display()
    audience = rule.level or rule.segment
    return f"{goods} · {audience}" if audience else str(goods)
