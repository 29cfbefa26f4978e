"""A sweep ends, whatever becomes of one of its calls, and keeps what others have said meanwhile."""

from __future__ import annotations

from datetime import timedelta

import pytest

from members.models import Member, User
from tests.cast import member
from tests.withdrawals.factories import NOW, YUAN, attempted, ready
from withdrawals.gateways.base import PayoutInstruction, ProviderReply
from withdrawals.gateways.sandbox import SandboxGateway
from withdrawals.models import Attempt
from withdrawals.payouts import claim, send
from withdrawals.services import process_attempt, process_due_attempts, schedule_poll

pytestmark = pytest.mark.django_db
SOON = timedelta(minutes=1)
AN_HOUR = timedelta(hours=1)


@pytest.fixture
def five(qian: User, feng: User, sandbox: SandboxGateway) -> list[Attempt]:
    people = [ready(member(name), 500 * YUAN) for name in ("Lan", "Bo", "Mei", "Chen", "Lu")]
    return [attempted(one, 300 * YUAN, qian, feng) for one in people]


def test_a_line_that_dies_ends_no_sweep_and_its_bill_is_asked_for(
    five: list[Attempt], sandbox: SandboxGateway
) -> None:
    def dies(_answer: ProviderReply) -> ProviderReply:
        raise SystemExit

    sandbox.script(on="send", fault=dies)

    assert process_due_attempts(at=NOW, in_flight=2) == 5
    assert sorted(Attempt.objects.values_list("last_error", flat=True)) == ["", "", "", "", "fault"]
    process_due_attempts(at=NOW + AN_HOUR)
    assert len(sandbox.paid()) == 5


def test_a_sweep_takes_up_nothing_after_its_time_and_the_next_goes_on(
    five: list[Attempt], sandbox: SandboxGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(send, "CLAIM_WINDOW", -1)
        assert process_due_attempts(at=NOW) == send.CLAIM_SIZE
    assert process_due_attempts(at=NOW) == 5 - send.CLAIM_SIZE
    assert set(Attempt.objects.values_list("send_count", flat=True)) == {1}


def test_whose_lease_another_has_taken_sends_nothing(
    five: list[Attempt], sandbox: SandboxGateway
) -> None:
    [mine, *_] = five
    lease = claim.Lease(NOW)
    claim.claim(Attempt.objects.filter(pk=mine.pk), lease, limit=1)
    Attempt.objects.filter(pk=mine.pk).update(lease_until=NOW + AN_HOUR)

    assert claim.prepare_sends([mine], lease) == []
    mine.refresh_from_db()
    assert mine.send_count == 1, "by the claim alone"


def test_a_bill_that_another_version_has_frozen_keeps_no_other_from_being_paid(
    five: list[Attempt], qian: User, feng: User, sandbox: SandboxGateway,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    with monkeypatch.context() as later:
        as_dict = PayoutInstruction.as_dict
        later.setattr(PayoutInstruction, "as_dict", lambda bill: as_dict(bill) | {"unknown": 1})
        strange = attempted(ready(member("Jun"), 500 * YUAN), 300 * YUAN, qian, feng)

    process_due_attempts(at=NOW)
    process_due_attempts(at=NOW + SOON)

    assert len(sandbox.paid()) == 5
    strange.refresh_from_db()
    assert (strange.last_error, strange.send_count) == ("instruction_unreadable", 0)


def test_a_hint_that_comes_while_it_is_being_sent_is_not_forgotten(
    lan: Member, qian: User, feng: User, sandbox: SandboxGateway
) -> None:
    attempt = attempted(lan, 300 * YUAN, qian, feng)
    hinted = NOW + timedelta(seconds=1)

    def tells(answer: ProviderReply) -> ProviderReply:
        schedule_poll(out_bill_no=attempt.out_bill_no, at=hinted)
        return answer

    sandbox.script(on="send", fault=tells)
    process_attempt(attempt=attempt.pk, at=NOW)

    attempt.refresh_from_db()
    assert attempt.next_run_at == hinted
    assert process_due_attempts(at=hinted) == 1
    assert len(sandbox.paid()) == 1
