"""Proofs of payouts at their desk: the second person decides."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.test import Client

from common import clock
from members.models import Member, User
from tests.backoffice.desks import act, address, listed, opened
from tests.wechatpay import Refused, RequestLost, Server
from tests.withdrawals.factories import NOW, YUAN, approved, picture
from tests.withdrawals.wechat import a_server, paying_through
from withdrawals.models import Attempt, ManualResolution, Withdrawal
from withdrawals.services import collect, process_due_attempts, propose_manual_resolution

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_static_files"), pytest.mark.slow]
HOUR = timedelta(hours=1)
QUEUE = "payout_proofs"


@pytest.fixture(autouse=True)
def later(monkeypatch: pytest.MonkeyPatch) -> None:
    """Move the clock past the time in which a stopped call may still arrive."""
    monkeypatch.setattr(clock, "now", lambda: NOW + 30 * HOUR)


@pytest.fixture
def server() -> Iterator[Server]:
    with a_server(NOW) as server, paying_through(server):
        yield server


@pytest.fixture
def proposal(lan: Member, qian: User, feng: User, server: Server) -> ManualResolution:
    """Feng proposes that a payout whose call was lost was not paid."""
    row = approved(lan, 300 * YUAN, qian, feng)
    server.script(on="send", faults=[RequestLost(), Refused("NO_AUTH")])
    collect(withdrawal=row, by=lan, at=NOW)
    process_due_attempts(at=NOW + HOUR)
    return propose_manual_resolution(
        attempt=Attempt.objects.get(), paid=False, voucher=b"%PDF-1.7", reason="账单中没有",
        by=feng, at=NOW + 30 * HOUR,
    )  # fmt: skip


def test_the_proposer_reads_why_another_decides(
    as_feng: Client, proposal: ManualResolution
) -> None:
    before = picture()
    page = opened(as_feng, QUEUE)
    assert listed(page) == ["Lan"]
    assert "须为不同的人" in page
    act(as_feng, QUEUE, proposal, "agree")
    assert picture() == before


def test_another_person_agrees(as_wei: Client, proposal: ManualResolution) -> None:
    response = act(as_wei, QUEUE, proposal, "agree")
    assert response.headers["Location"] == address(QUEUE)
    proposal.refresh_from_db()
    assert proposal.status == "agreed"
    assert Withdrawal.objects.get().status == "ready_to_collect"


def test_another_person_refuses_and_no_money_moves(
    as_wei: Client, proposal: ManualResolution
) -> None:
    before = picture()
    act(as_wei, QUEUE, proposal, "refuse")
    proposal.refresh_from_db()
    assert proposal.status == "refused"
    assert picture() == before
