"""A sweep survives the failure of one call and records the others."""

from __future__ import annotations

from datetime import timedelta

import pytest

from members.models import User
from tests.cast import member
from tests.withdrawals.factories import NOW, YUAN, attempted, ready
from withdrawals.gateways.base import PayoutInstruction, ProviderReply
from withdrawals.gateways.sandbox import SandboxGateway
from withdrawals.models import Attempt
from withdrawals.payouts import claim, send
from withdrawals.payouts.leases import Lease
from withdrawals.services import process_due_attempts

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
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
    lease = Lease(NOW)
    claim.claim(Attempt.objects.filter(pk=mine.pk), lease, limit=1)
    Attempt.objects.filter(pk=mine.pk).update(lease=Lease(NOW).token)

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
