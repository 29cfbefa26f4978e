"""The life of a plan: drafted by some, published by another, and never changed again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
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
from common import errors
from common.errors import TwotierError
from common.locks import advisory_lock
from common.status import WrongStatus
from events.services import record
from ledger.chart import Asset
from members.models import User


class SelfApprovalForbidden(errors.SelfApprovalForbidden):
    message = _("You have edited this plan: somebody else must look at it and publish it.")
    status = 403


class PlanNotCompliant(TwotierError):
    code = "plan_not_compliant"
    message = _("%(reason)s Nothing was published.")
    status = 422


class RewardNotForGoods(PlanNotCompliant):
    message = _("%(reason)s Nothing was saved.")


HEADCOUNT_REWARD = _(
    "“%(what)s” is nothing that a commission can be for. Every reward hangs on goods that were"
    " paid for: a product, a category or the whole store, in percent, for each unit or for each"
    " order. A reward for bringing people in, or out of what they pay to get in, is pyramid"
    " selling (禁止传销条例, article 7)."
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
    """Begin a new plan.

    :param rules: not saved yet; their plan is set here
    :param terms: ``layers``, ``combine``, ``cap`` (basis points), ``content_hash``
    :raises NotForGoods: a layer or a rule rewards something else than goods
    """
    rows = list(rules)
    for reason in _headcount_rewards(terms.get("layers", ()), rows):
        raise RewardNotForGoods(reason=reason)
    plan = Plan.objects.create(name=name, editors=[by.pk], based_on=based_on, **terms)
    for rule in rows:
        rule.pk, rule.plan = None, plan
    Rule.objects.bulk_create(rows)
    record(COMMISSIONS_PLAN_DRAFTED, plan, at=at, by=by, rules=len(rows))
    return plan


@transaction.atomic
def roll_back_to(*, plan: Plan, by: User, at: datetime) -> Plan:
    """A new draft with the terms of an older plan; published, it is a version of its own."""
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
    """Note that ``by`` has worked on a draft: they are none of those who may publish it.

    :raises WrongStatus: it is published
    """
    kept = _lock_draft(plan)
    if by.pk not in kept.editors:
        kept.editors.append(by.pk)
        kept.save(update_fields=["editors"])
    plan.editors = kept.editors
    record(COMMISSIONS_PLAN_EDITED, plan, at=at, by=by, **changes)


@transaction.atomic
def discard(*, plan: Plan, by: User, at: datetime) -> None:
    """Throw a draft away.

    :raises WrongStatus: it is published
    """
    _lock_draft(plan)
    record(COMMISSIONS_PLAN_DISCARDED, plan, at=at, by=by, discarded=plan.name)
    plan.delete()


@transaction.atomic
def publish(*, plan: Plan, by: User, at: datetime, from_the_beginning: bool = False) -> None:
    """Put a draft in force for the orders placed from now on, as the next version.

    :param from_the_beginning: for the plan of a mall that moves in with its history
    :raises OwnWork: ``by`` has edited it
    :raises AgainstTheLaw: a rule breaks a law of distribution, or can never be paid
    :raises WrongStatus: it is published already
    """
    advisory_lock("commissions.plan")
    kept = _lock_draft(plan)
    if by.pk in kept.editors:
        raise SelfApprovalForbidden(plan=str(plan))
    if reasons := publish_errors(kept):
        raise PlanNotCompliant(reason=" ".join(map(str, reasons)))
    last = Plan.objects.aggregate(last=Max("number"))["last"] or 0
    changes = {
        "status": Plan.Status.PUBLISHED,
        "number": last + 1,
        "starts_at": None if from_the_beginning else at,
        "published_by": by,
        "published_at": at,
    }
    Plan.objects.filter(pk=plan.pk).update(**changes)
    for field, value in changes.items():
        setattr(plan, field, value)
    record(COMMISSIONS_PLAN_PUBLISHED, plan, at=at, by=by, number=last + 1)


def _lock_draft(plan: Plan) -> Plan:
    kept = Plan.objects.select_for_update(no_key=True).get(pk=plan.pk)
    if kept.status != Plan.Status.DRAFT:
        label = kept.get_status_display()
        raise WrongStatus(
            status=kept.status, to="draft", status_label=label, to_label=Plan.Status.DRAFT.label
        )
    return kept


def publish_errors(plan: Plan) -> list[Any]:
    """Why a draft may not be published, in words; empty if it may."""
    rules = list(plan.rules.select_related("plan", "product", "category").order_by("pk"))
    found: list[Any] = []
    if not plan.layers or len(set(plan.layers)) < len(plan.layers):
        found.append(_("Each layer may stand in the order once, and one must."))
    found += _headcount_rewards(plan.layers, rules)
    if not rules:
        found.append(_("A plan without rules pays nobody."))
    if plan.combine != Plan.Combine.FIRST and len({rule.asset for rule in rules}) > 1:
        found.append(
            _("Where layers are compared or added up, all rules must pay one and the same asset.")
        )
    for rule in rules:
        found += rule_errors(plan, rule)
    return found


def _headcount_rewards(layers: Iterable[str], rules: Sequence[Rule]) -> list[str]:
    """What is paid for something else than goods. Layers and kinds are closed lists."""
    named = {*layers, *(rule.layer for rule in rules)} - set(Layer.values)
    named |= {rule.kind for rule in rules} - set(Rule.Kind.values)
    return [HEADCOUNT_REWARD % {"what": what} for what in sorted(named)]


def rule_errors(plan: Plan, rule: Rule) -> list[Any]:
    """Why a plan with this rule may not be published, in words; empty if it may."""
    data = {"rule": str(rule), "cap": f"{plan.cap / 100:g} %"}
    found: list[Any] = []
    if rule.layer not in plan.layers:
        found.append(_("The layer of the rule “%(rule)s” is not in the plan's order.") % data)
    rates = [rate for rate in (rule.tier1, rule.tier2) if rate]
    money = rule.kind == Rule.Kind.PERCENT and rule.asset != Asset.POINTS
    if money and any(rate > plan.cap for rate in rates):
        found.append(
            _(
                "The rule “%(rule)s” promises more than the cap of %(cap)s of what was paid:"
                " commission follows goods, and must leave most of the price to them."
            )
            % data
        )
    return found
