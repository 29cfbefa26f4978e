"""Payouts in the back office: started, polled, cancelled and decided."""

from __future__ import annotations

import pytest
from django.test import Client

from members.models import Member, User
from tests.withdrawals.admin.pages import offered, page, press
from tests.withdrawals.factories import DAY, NOW, YUAN, approved, attempted, cash
from withdrawals.gateways.base import State
from withdrawals.gateways.sandbox import SandboxGateway
from withdrawals.models import Attempt, Withdrawal
from withdrawals.services import process_due_attempts

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_static_files"), pytest.mark.slow]


@pytest.fixture
def unknown_failure(lan: Member, qian: User, feng: User, sandbox: SandboxGateway) -> Withdrawal:
    """Return a withdrawal whose payout failed for an unlisted reason."""
    row = attempted(lan, 300 * YUAN, qian, feng).withdrawal
    sandbox.set_next_outcome(State.FAIL, "NEVER_HEARD_OF")
    for at in (NOW, NOW + DAY):
        process_due_attempts(at=at)
    return row


def test_finance_starts_polls_and_cancels_a_payout(
    as_fin: Client, lan: Member, qian: User, feng: User, sandbox: SandboxGateway
) -> None:
    row = approved(lan, 300 * YUAN, qian, feng)
    assert offered(as_fin, row) == {"start_payout", "reject"}

    press(as_fin, row, "start_payout")

    assert offered(as_fin, row) == {"poll_now", "cancel_at_provider"}
    Attempt.objects.update(next_run_at=NOW + 30 * DAY)
    press(as_fin, row, "poll_now")
    assert Attempt.objects.get().next_run_at < NOW + 29 * DAY
    # Nothing was sent yet: it is called off at once.
    press(as_fin, row, "cancel_at_provider")
    row.refresh_from_db()
    assert row.status == "ready_to_collect"


@pytest.mark.parametrize(
    ("what", "status", "purse"),
    [
        ("retry_with_new_number", "ready_to_collect", (70_000, 30_000, 0)),
        ("fail", "failed", (100_000, 0, 0)),
    ],
)
def test_a_person_decides_about_an_unknown_failure(
    as_fin: Client, unknown_failure: Withdrawal, what: str, status: str, purse: tuple[int, int, int]
) -> None:
    assert offered(as_fin, unknown_failure) == {"retry_with_new_number", "fail"}
    assert "原因不明" in as_fin.get(page(unknown_failure)).text

    press(as_fin, unknown_failure, what)

    assert (Withdrawal.objects.get().status, cash(unknown_failure.member)) == (status, purse)
