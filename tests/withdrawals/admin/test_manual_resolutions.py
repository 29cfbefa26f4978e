"""Stuck payouts in the back office: resolved by two people or sent again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from common import clock
from members.models import Member, User
from tests.wechatpay import Refused, RequestLost, Server
from tests.withdrawals.admin.pages import CHANGELIST, button, page, press, voucher
from tests.withdrawals.factories import NOW, YUAN, approved, picture
from tests.withdrawals.wechat import a_server, paying_through
from withdrawals.models import Attempt, ManualResolution, Withdrawal
from withdrawals.services import collect, process_due_attempts

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_static_files"), pytest.mark.slow]
AMOUNT = 300 * YUAN
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def later(monkeypatch: pytest.MonkeyPatch) -> None:
    """Move the clock past the time in which a stopped call may still arrive."""
    monkeypatch.setattr(clock, "now", lambda: NOW + 30 * HOUR)


@pytest.fixture
def server() -> Iterator[Server]:
    with a_server(NOW) as server, paying_through(server):
        yield server


@pytest.fixture
def row(lan: Member, qian: User, feng: User, server: Server) -> Withdrawal:
    row = approved(lan, AMOUNT, qian, feng)
    server.script(on="send", faults=[RequestLost(), Refused("NO_AUTH")])
    collect(withdrawal=row, by=lan, at=NOW)
    process_due_attempts(at=NOW + HOUR)
    row.refresh_from_db()
    return row


def test_two_people_resolve_a_payout(row: Withdrawal, as_feng: Client, as_wei: Client) -> None:
    url = button(row, "resolve_manually")
    assert url in as_feng.get(page(row)).text
    for given in (voucher(), {**voucher(), "paid": "no"}, {"paid": "no", "reason": "x"}):
        assert as_feng.post(url, given).status_code == 200
    response = as_feng.post(url, {**voucher(), "paid": "no", "reason": "账单中没有"})
    assert response.status_code == 302
    manual_resolution = ManualResolution.objects.get()
    assert url not in as_feng.get(page(row)).text

    page_url = reverse("admin:withdrawals_manualresolution_change", args=[manual_resolution.pk])
    agree = reverse("admin:withdrawals_manualresolution_agree", args=[manual_resolution.pk])
    assert agree not in as_feng.get(page_url).text
    as_feng.post(agree, {"_form_submitted": "True"})
    assert Withdrawal.objects.get().status == "paying"
    as_wei.post(agree, {"_form_submitted": "True"})

    assert Withdrawal.objects.get().status == "ready_to_collect"


def test_a_refused_resolution_changes_nothing(
    row: Withdrawal, as_feng: Client, as_wei: Client
) -> None:
    given = {**voucher(), "paid": "yes", "reason": "账单中有"}
    as_feng.post(button(row, "resolve_manually"), given)
    refuse = reverse(
        "admin:withdrawals_manualresolution_refuse", args=[ManualResolution.objects.get().pk]
    )
    before = picture()

    as_wei.post(refuse, {"_form_submitted": "True"})

    assert ManualResolution.objects.get().status == "refused"
    assert picture() == before


def test_a_stopped_payout_is_sent_again(row: Withdrawal, as_feng: Client, server: Server) -> None:
    assert button(row, "resend") in as_feng.get(page(row)).text

    press(as_feng, row, "resend")

    assert button(row, "resend") not in as_feng.get(page(row)).text
    process_due_attempts(at=NOW + 30 * HOUR)
    assert list(server.bills) == [Attempt.objects.get().out_bill_no]


def test_a_payout_waits_in_the_queue_of_the_person_or_the_provider(
    row: Withdrawal, as_wei: Client, mei: Member, qian: User, feng: User
) -> None:
    def waiting(queue: str) -> list[str]:
        found = as_wei.get(reverse(CHANGELIST), {"queue": queue}).context["cl"].result_list
        return [each.public_id for each in found]

    assert (waiting("person"), waiting("answer")) == ([row.public_id], [])
    press(as_wei, row, "resend")
    assert (waiting("person"), waiting("answer")) == ([], [row.public_id])
