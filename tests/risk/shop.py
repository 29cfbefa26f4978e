"""Suspicious people, made by our own verbs: their rules, orders and withdrawals."""

from __future__ import annotations

from typing import Any

from events.models import Event, Reference
from members.models import Member
from orders.models import Order
from risk.models import Rule, RuleName, Stage
from risk.services import Verdict, assess_withdrawal, change_rule
from tests.cast import NOON
from tests.shop import DAY, PLACED, WEEK, editor, ingest, order

LATER = PLACED + 20 * DAY
RELEASED = PLACED + 3 * DAY + WEEK
WITHDRAWAL = Reference("withdrawals.withdrawal", "w1")
PHONE = {"phone_hash": "p1", "device": "d1", "address_hash": "a1", "ip": "10.0.0.1"}


def rule(name: RuleName, stage: Stage = Stage.WITHDRAWAL, **changes: Any) -> Rule:
    """The settings of a rule, changed by the editor."""
    found = Rule.objects.get(stage=stage, name=name)
    change_rule(rule=found, by=editor(), at=NOON, **changes)
    return found


def screened_for(*names: RuleName, **changes: Any) -> None:
    for name in names:
        rule(name, Stage.ORDER, **{"enabled": True, **changes})


def assess(member: Member, *, amount: int = 10_000, **given: Any) -> Verdict:
    return assess_withdrawal(
        **{"subject": WITHDRAWAL, "member": member, "amount": amount, "at": LATER, **given}
    )


def said(verdict: Verdict) -> dict[str, str]:
    return {one.rule: one.outcome for one in verdict.assessments}


def evidence(verdict: Verdict, name: RuleName) -> dict[str, Any]:
    found: dict[str, Any] = next(one.evidence for one in verdict.assessments if one.rule == name)
    return found


def bought(buyer: Member, number: str, **facts: Any) -> Order:
    ingest(order(buyer, number=number, **facts))
    return Order.objects.get(number=number)


def recorded(name: str) -> int:
    return Event.objects.filter(name=name).count()
