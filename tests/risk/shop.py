"""Rules, orders and withdrawals of suspicious members."""

from __future__ import annotations

from typing import Any

from events.models import Event, Reference
from members.models import Member
from orders.models import Order
from risk.models import Rule, RuleName, Stage
from risk.services import assess_withdrawal, change_rule
from risk.services.withdrawal_assessment import Verdict
from tests.cast import NOON
from tests.shop import DAY, PLACED, WEEK, editor, ingest, order

LATER = PLACED + 20 * DAY
RELEASED = PLACED + 3 * DAY + WEEK
WITHDRAWAL = Reference("withdrawals.withdrawal", "w1")
PHONE = {"phone_hash": "p1", "device": "d1", "address_hash": "a1", "ip": "10.0.0.1"}


def rule(name: RuleName, stage: Stage = Stage.WITHDRAWAL, **changes: Any) -> Rule:
    """Change the settings of a rule as the editor."""
    row = Rule.objects.get(stage=stage, name=name)
    change_rule(rule=row, by=editor(), at=NOON, **changes)
    return row


def screened_for(*names: RuleName, **changes: Any) -> None:
    for name in names:
        rule(name, Stage.ORDER, **{"enabled": True, **changes})


def assess(member: Member, *, amount: int = 10_000, **arguments: Any) -> Verdict:
    return assess_withdrawal(
        **{"subject": WITHDRAWAL, "member": member, "amount": amount, "at": LATER, **arguments}
    )


def outcomes(verdict: Verdict) -> dict[str, str]:
    return {assessment.rule: assessment.outcome for assessment in verdict.assessments}


def evidence(verdict: Verdict, name: RuleName) -> dict[str, Any]:
    row: dict[str, Any] = next(
        assessment.evidence for assessment in verdict.assessments if assessment.rule == name
    )
    return row


def place_order(buyer: Member, number: str, **facts: Any) -> Order:
    ingest(order(buyer, number=number, **facts))
    return Order.objects.get(number=number)


def recorded(name: str) -> int:
    return Event.objects.filter(name=name).count()
