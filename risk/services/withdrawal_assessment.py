"""A withdrawal is looked at by every enabled rule."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from events.models import Reference
from members.models import Member
from risk.models import Assessment, Hold, Outcome, Stage
from risk.queries import evaluate_withdrawal
from risk.queries import open_holds as find_open_holds
from risk.services.holds import PendingHold, hold


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of an assessment.

    ``outcome``: pass, hold or block, by the holds that are open now; those a person has released
    do not count. ``assessments``: one for each enabled rule, ``not_assessed`` included.
    """

    outcome: Outcome
    assessments: tuple[Assessment, ...]
    holds: tuple[Hold, ...]

    @property
    def not_assessed(self) -> tuple[str, ...]:
        """Rules that had no evidence."""
        return tuple(one.rule for one in self.assessments if one.outcome == Outcome.NOT_ASSESSED)


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
    """Ask every enabled rule about a withdrawal; keep what they say, and hold what they stop.

    Asked again about the same subject, the rules speak again; what a person has released stays
    released. A refusal that rolls the caller's transaction back takes all of it along: to refuse
    and to keep the record, decide first and raise outside.

    :param subject: the withdrawal
    :param amount: gross, in fen
    :param payee_hash: of the account that is paid; kept with the evidence
    :param payee_shared_with: keys of members who are paid to the same account, as far as known;
        ``None``: nobody has looked, and the rule is not assessed
    :param identity_shared_with: likewise, those with the same ID number
    """
    findings = evaluate_withdrawal(
        subject=subject, member=member, amount=amount, at=at,
        payee_hash=payee_hash, payee_shared_with=payee_shared_with,
        identity_shared_with=identity_shared_with,
    )  # fmt: skip
    assessments = Assessment.objects.bulk_create(
        Assessment(
            stage=Stage.WITHDRAWAL,
            subject_kind=subject.kind,
            subject_id=subject.id,
            member=member,
            rule=rule,
            outcome=finding.outcome,
            evidence=finding.evidence,
            at=at,
        )
        for rule, finding in findings.items()
    )
    hold(
        [PendingHold(one, subject) for one in assessments if one.outcome in HOLDING_OUTCOMES], at=at
    )
    holds = find_open_holds([subject])[subject]
    return Verdict(_worst(holds), tuple(assessments), tuple(holds))


HOLDING_OUTCOMES = (Outcome.HOLD, Outcome.BLOCK)


def _worst(holds: list[Hold]) -> Outcome:
    outcomes = {one.outcome for one in holds}
    if Outcome.BLOCK in outcomes:
        return Outcome.BLOCK
    return Outcome.HOLD if outcomes else Outcome.PASS
