"""What a provider has said is kept, compared with the bill, and, once proven, posted.

Set-based: the answers that came in together are recorded together, by a few statements.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import prefetch_related_objects

from common.inserting import sent_together, update
from events.services import happened
from members.models import Member
from withdrawals.gateways.base import FINAL, Answer, Kind
from withdrawals.gateways.manual import BY_HAND
from withdrawals.models import Attempt
from withdrawals.services import channels
from withdrawals.services.alarming import alarm, tell_of_other_end
from withdrawals.services.ending import close, follow
from withdrawals.services.evidence import keep_answers
from withdrawals.services.freezing import bill_of
from withdrawals.services.locking import lock_purses

STEPS = (5, 15, 60, 300, 900)  # seconds after the first question and those that follow
AN_HOUR = timedelta(hours=1)
SHORT_OF_MONEY = "NOT_ENOUGH"
# The same number may be accepted later, or has been with another content: not proof of anything.
MAYBE_LATER = {SHORT_OF_MONEY, "INVALID_REQUEST"}
OF_ANOTHER = "answer_of_another_bill"


@dataclass(frozen=True, slots=True)
class Said:
    """What a provider has said of an attempt that is in our hands.

    ``asked``: whether it answers a question; only then can it be the end.
    """

    attempt: Attempt
    answer: Answer
    asked: bool

    @property
    def may_end(self) -> bool:
        """Whether it may prove how the attempt ended: then the member's purse is locked first."""
        return self._is_final or self.is_refusal

    @property
    def _is_final(self) -> bool:
        return self.answer.kind is Kind.TOLD and self.answer.state in FINAL and self.asked

    @property
    def is_refusal(self) -> bool:
        """Whether it proves that this call, and nothing else, was not carried out."""
        refused = self.answer.kind is Kind.REFUSED and not self.asked
        return refused and self.answer.code not in MAYBE_LATER


@transaction.atomic
def record(said: Sequence[Said], *, at: datetime) -> None:
    """Keep what was said of attempts in our hands, and let them go: all, or none.

    :raises WrongStatus: an ended attempt's withdrawal is not being paid; a fault of ours
    """
    with sent_together():
        # Money moves only at the end; what is on the way locks nobody's purse.
        ending = [one.attempt.pk for one in said if one.may_end]
        purses = lock_purses(list(Member.objects.filter(withdrawals__attempts__in=ending)))
        now = _locked(said)
        ended: list[tuple[Attempt, Answer]] = []
        for one in said:
            attempt = now[one.attempt.pk]
            if attempt.ended_at:
                _contradicts(attempt, one, at=at)
                del now[attempt.pk]
                continue
            if attempt.lease_until == one.attempt.lease_until:  # else another worker has it by now
                attempt.lease_until = None
            attempt.asks += one.asked
            if _ends(attempt, one):
                ended.append((attempt, one.answer))
            else:
                _goes_on(attempt, one, at=at)
        for (attempt, answer), kept in zip(
            ended, keep_answers([answer for _, answer in ended], at=at), strict=True
        ):
            state = Attempt.State.FAIL if answer.state is None else Attempt.State(answer.state)
            attempt.provider_no = answer.provider_no or attempt.provider_no
            close(attempt, state=state, evidence=kept, at=at, why=answer.fail_reason or answer.code)
        update(list(now.values()), Attempt.MOVES)
        follow([attempt for attempt, _ in ended], purses, at=at)
        for attempt in now.values():
            alarm(attempt, at=at)


def _locked(said: Sequence[Said]) -> dict[int, Attempt]:
    """The attempts as they stand now: locked first, then read."""
    rows = Attempt.objects.filter(pk__in=[one.attempt.pk for one in said]).order_by("pk")
    list(rows.select_for_update(no_key=True).values_list("pk"))
    now = {row.pk: row for row in rows}
    prefetch_related_objects([now[one.attempt.pk] for one in said if one.may_end], "withdrawal")
    return now


def _contradicts(attempt: Attempt, said: Said, *, at: datetime) -> None:
    state = said.answer.state
    if said.answer.kind is Kind.TOLD and state in FINAL and state.value != attempt.state:
        tell_of_other_end(attempt, state, at=at)


def _ends(attempt: Attempt, said: Said) -> bool:
    """Whether this proves how the attempt has ended."""
    if said.is_refusal:
        # Signed, and to the only call that was ever made under this number: it was never paid.
        return attempt.sends == 1
    return said.may_end and is_of(attempt, said.answer)


def _goes_on(attempt: Attempt, said: Said, *, at: datetime) -> None:
    """Write down what it is worth, and when to ask next."""
    answer = said.answer
    attempt.next_at = _next_turn(attempt, said, at=at)
    if answer.kind is Kind.TOLD and answer.state:
        if is_of(attempt, answer, asked=said.asked):
            attempt.trouble, attempt.package = "", answer.package
            attempt.provider_no = answer.provider_no or attempt.provider_no
            if answer.state in FINAL:
                attempt.next_at = at  # the end is believed only of a question
            else:
                attempt.state = Attempt.State(answer.state.value)
            return
        answer = replace(answer, code=OF_ANOTHER)
    trouble = answer.code[:64] or answer.kind.value
    if trouble == OF_ANOTHER != attempt.trouble:
        [kept] = keep_answers([answer], at=at)
        happened(
            "withdrawals.answer_of_another", attempt.withdrawal, at=at,
            number=attempt.out_bill_no, evidence=kept.pk,
        )  # fmt: skip
    attempt.trouble = trouble
    if answer.kind is Kind.REFUSED and answer.code == SHORT_OF_MONEY:
        channels.pause(channel=attempt.gateway, at=at, why=SHORT_OF_MONEY)
    elif answer.kind is Kind.REFUSED and not said.asked:
        # Under this number stands something else, or it was refused after a call whose answer is
        # not known: another call makes it no better, but the provider may find it yet.
        attempt.stopped_at = attempt.stopped_at or at
        [kept] = keep_answers([answer], at=at)
        happened(
            "withdrawals.payout_refused", attempt.withdrawal, at=at,
            number=attempt.out_bill_no, code=answer.code, evidence=kept.pk,
        )  # fmt: skip


def is_of(attempt: Attempt, answer: Answer, *, asked: bool = True) -> bool:
    """Whether the answer is of this bill; one that is not is never the end."""
    if not asked or attempt.gateway == BY_HAND:
        return answer.out_bill_no in {"", attempt.out_bill_no}
    bill = bill_of(attempt)
    return (answer.out_bill_no, answer.merchant, answer.app, answer.account, answer.amount) == (
        bill.out_bill_no, bill.merchant, bill.app, bill.account, bill.amount,
    )  # fmt: skip


def _next_turn(attempt: Attempt, said: Said, *, at: datetime) -> datetime | None:
    if attempt.gateway == BY_HAND:
        return None
    if attempt.next_at != said.attempt.next_at:  # somebody has hinted at it meanwhile
        return attempt.next_at
    return at + _pause(attempt)


def _pause(attempt: Attempt) -> timedelta:
    step = attempt.asks + attempt.sends - 1
    return timedelta(seconds=STEPS[max(step, 0)]) if step < len(STEPS) else AN_HOUR
