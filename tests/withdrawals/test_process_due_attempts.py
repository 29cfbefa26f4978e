"""A sweep survives the failure of one call and records the others."""

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
    return [attempted(person, 300 * YUAN, qian, feng) for person in people]


def test_a_failed_thread_does_not_end_the_run_and_its_attempt_is_polled(
    five: list[Attempt], sandbox: SandboxGateway
) -> None:
    def dies(_answer: ProviderReply) -> ProviderReply:
        raise SystemExit

    sandbox.script(on="send", fault=dies)

    assert process_due_attempts(at=NOW, in_flight=2) == 5
    assert sorted(Attempt.objects.values_list("last_error", flat=True)) == ["", "", "", "", "fault"]
    process_due_attempts(at=NOW + AN_HOUR)
    assert len(sandbox.paid()) == 5


def test_a_run_leases_nothing_after_its_window_and_the_next_continues(
    five: list[Attempt], sandbox: SandboxGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(send, "CLAIM_WINDOW", -1)
        assert process_due_attempts(at=NOW) == send.CLAIM_SIZE
    assert process_due_attempts(at=NOW) == 5 - send.CLAIM_SIZE
    assert set(Attempt.objects.values_list("send_count", flat=True)) == {1}


def test_a_worker_with_a_lost_lease_sends_nothing(
    five: list[Attempt], sandbox: SandboxGateway
) -> None:
    [mine, *_] = five
    lease = claim.Lease(NOW)
    claim.claim(Attempt.objects.filter(pk=mine.pk), lease, limit=1)
    Attempt.objects.filter(pk=mine.pk).update(lease_until=NOW + AN_HOUR)

    assert claim.prepare_sends([mine], lease) == []
    mine.refresh_from_db()
    assert mine.send_count == 1, "by the claim alone"


def test_an_instruction_of_another_version_does_not_hold_up_others(
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


def test_a_poll_scheduled_during_the_call_is_not_lost(
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
