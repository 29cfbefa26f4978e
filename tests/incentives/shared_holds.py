"""Hold a withdrawal because two members share their payee or their ID number."""

from __future__ import annotations

from datetime import datetime

from events.models import Reference
from members.models import Member
from risk.models import Assessment, Hold, Outcome, Stage
from risk.services.holds import create_holds
from tests.cast import NOON


def hold_for_sharing(who: Member, other: Member, rule: str, *, at: datetime = NOON) -> Hold:
    """Hold a withdrawal of a member by a rule that found another member with the same."""
    subject = Reference("withdrawals.withdrawal", f"w-{rule}-{who.pk}")
    found = Assessment.objects.create(
        stage=Stage.WITHDRAWAL, member=who, rule=rule, outcome=Outcome.HOLD,
        subject_kind=subject.kind, subject_id=subject.id,
        evidence={"others": 1, "members": [other.public_id]}, at=at,
    )  # fmt: skip
    [hold] = create_holds({found: subject}, at=at)
    return hold
