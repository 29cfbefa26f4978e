"""Assess a withdrawal by every enabled rule."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from events.models import Reference
from members.models import Member
from risk.models import Assessment, Hold, Outcome, Stage
from risk.queries import evaluate_withdrawal, find_open_holds
from risk.services.holds import create_holds


@dataclass(frozen=True, slots=True)
class Verdict:
    """The result of assessing a withdrawal.

    ``outcome``: pass, hold or block, by the holds open now. ``assessments``: one for each enabled
    rule, including ``not_assessed``.
    """

    outcome: Outcome
    assessments: tuple[Assessment, ...]
    holds: tuple[Hold, ...]


@transaction.atomic
def assess_withdrawal(
    *,
    subject: Reference,
    member: Member,
    amount: int,
    at: datetime,
    payee_hash: str | None = None,
    payee_shared_with: Collection[int] | None = None,
    identity_shared_with: Collection[int] | None = None,
) -> Verdict:
    """Evaluate every enabled rule for a withdrawal, save the assessments and open the holds.

    A repeated assessment evaluates again; released holds stay released. A rollback of the caller's
    transaction discards the record: to refuse and keep it, raise the error outside.

    :param subject: the withdrawal
    :param amount: gross, in fen
    :param payee_hash: hash of the payee's account, saved with the evidence
    :param payee_shared_with: ids of members with the same payee; ``None``: unknown, so that the
        rule is not assessed
    :param identity_shared_with: likewise for the same ID number
    """
    findings = evaluate_withdrawal(
        subject=subject, member=member, amount=amount, at=at,
        payee_hash=payee_hash, payee_shared_with=payee_shared_with,
        identity_shared_with=identity_shared_with,
    )  # fmt: skip
    assessments = Assessment.objects.bulk_create(
        Assessment(
            stage=Stage.WITHDRAWAL, subject_kind=subject.kind, subject_id=subject.id,
            member=member, rule=rule, outcome=outcome, evidence=evidence, at=at,
        )
        for rule, (outcome, evidence) in findings.items()
    )  # fmt: skip
    create_holds(dict.fromkeys(assessments, subject), at=at)
    holds = find_open_holds([subject])[subject]
    return Verdict(_worst(holds), tuple(assessments), tuple(holds))


def _worst(holds: list[Hold]) -> Outcome:
    outcomes = {row.outcome for row in holds}
    if Outcome.BLOCK in outcomes:
        return Outcome.BLOCK
    return Outcome.HOLD if outcomes else Outcome.PASS
