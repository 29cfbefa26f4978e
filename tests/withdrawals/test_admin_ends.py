"""How payments end, in the back office: returned, concluded, and who has what in their hands."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from common import clock
from events.models import Event
from members.models import Member, User
from tests.cast import staff
from tests.wechatpay import Refused, RequestLost, Server
from tests.withdrawals.factories import NOW, YUAN, approved, asked, cash, finance, may, picture
from tests.withdrawals.test_admin import (
    CHANGELIST,
    PDF,
    button,
    offered,
    page,
    press,
    select,
    signed_in,
)
from tests.withdrawals.wechat import a_server, paying_through
from withdrawals.models import Attempt, ManualResolution, Withdrawal
from withdrawals.services import (
    claim_manual_payouts,
    collect,
    mark_paid,
    pause,
    process_due_attempts,
)

pytestmark = pytest.mark.django_db
AMOUNT = 300 * YUAN
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW + 2 * HOUR)


@pytest.fixture
def wei(db: None) -> User:
    return may(finance(staff("Wei")), "view_withdrawal", "view_manualresolution", "unmask_person")


@pytest.fixture
def as_wei(wei: User) -> Client:
    return signed_in(wei)


@pytest.fixture
def as_feng(feng: User) -> Client:
    return signed_in(may(feng, "view_withdrawal", "view_manualresolution", "unmask_person"))


@pytest.fixture
def by_hand(settings: pytest.FixtureRequest, lan: Member, qian: User, feng: User) -> Withdrawal:
    settings.PAYOUT_GATEWAY = "manual"
    row = approved(lan, AMOUNT, qian, feng)
    claim_manual_payouts(withdrawals=[row], by=feng, at=NOW)
    row.refresh_from_db()
    return row


def shown(content: bytes = PDF) -> dict[str, SimpleUploadedFile]:
    return {"voucher": SimpleUploadedFile("proof.pdf", content)}


def test_what_came_back_is_marked_by_somebody_who_has_not_approved_it(
    by_hand: Withdrawal, as_feng: Client, as_wei: Client, feng: User
) -> None:
    mark_paid(attempt=Attempt.objects.get(), voucher=PDF + b"1", by=feng, at=NOW)
    there = button(by_hand, "mark_returned")
    assert there not in as_feng.get(page(by_hand)).text
    assert as_feng.post(there, shown()).url == page(by_hand)
    assert Withdrawal.objects.get().status == "paid"
    assert there in as_wei.get(page(by_hand)).text

    assert as_wei.post(there, shown()).status_code == 302

    assert Withdrawal.objects.get().status == "returned"
    assert cash(by_hand.member) == (1_000 * YUAN, 0, 0)


def test_nobody_exports_what_another_pays(
    by_hand: Withdrawal, as_feng: Client, as_wei: Client
) -> None:
    preview = select(as_wei, "export_manual_payouts", [by_hand]).text
    assert "feng" in preview
    refused = select(as_wei, "export_manual_payouts", [by_hand], confirm="yes", reason="付款")
    assert refused.headers["Content-Type"].startswith("text/html")
    assert not Event.objects.filter(name="withdrawals.unmasked").exists()

    file = select(as_feng, "export_manual_payouts", [by_hand], confirm="yes", reason="付款")

    assert "spreadsheet" in file.headers["Content-Type"]
    assert "feng" in as_wei.get(page(by_hand)).text


class TestStuck:
    @pytest.fixture(autouse=True)
    def later(self, now: None, monkeypatch: pytest.MonkeyPatch) -> None:
        """What was stopped has rested."""
        monkeypatch.setattr(clock, "now", lambda: NOW + 30 * HOUR)

    @pytest.fixture
    def server(self) -> Iterator[Server]:
        with a_server(NOW) as server, paying_through(server):
            yield server

    @pytest.fixture
    def row(self, lan: Member, qian: User, feng: User, server: Server) -> Withdrawal:
        row = approved(lan, AMOUNT, qian, feng)
        server.script(on="send", faults=[RequestLost(), Refused("NO_AUTH")])
        collect(withdrawal=row, by=lan, at=NOW)
        process_due_attempts(at=NOW + HOUR)
        row.refresh_from_db()
        return row

    def test_concluded_by_two_people(
        self, row: Withdrawal, as_feng: Client, as_wei: Client
    ) -> None:
        there = button(row, "resolve_manually")
        assert there in as_feng.get(page(row)).text
        for given in (shown(), {**shown(), "paid": "no"}, {"paid": "no", "reason": "x"}):
            assert as_feng.post(there, given).status_code == 200
        answer = as_feng.post(there, {**shown(), "paid": "no", "reason": "账单中没有"})
        assert answer.status_code == 302
        manual_resolution = ManualResolution.objects.get()
        assert there not in as_feng.get(page(row)).text

        its_page = reverse("admin:withdrawals_manualresolution_change", args=[manual_resolution.pk])
        agree = reverse("admin:withdrawals_manualresolution_agree", args=[manual_resolution.pk])
        assert agree not in as_feng.get(its_page).text
        as_feng.post(agree, {"_form_submitted": "True"})
        assert Withdrawal.objects.get().status == "paying"
        as_wei.post(agree, {"_form_submitted": "True"})

        assert Withdrawal.objects.get().status == "ready_to_collect"

    def test_refused_it_stays_as_it_is(
        self, row: Withdrawal, as_feng: Client, as_wei: Client
    ) -> None:
        given = {**shown(), "paid": "yes", "reason": "账单中有"}
        as_feng.post(button(row, "resolve_manually"), given)
        refuse = reverse(
            "admin:withdrawals_manualresolution_refuse", args=[ManualResolution.objects.get().pk]
        )
        before = picture()

        as_wei.post(refuse, {"_form_submitted": "True"})

        assert ManualResolution.objects.get().status == "refused"
        assert picture() == before

    def test_sent_again_by_a_button(self, row: Withdrawal, as_feng: Client, server: Server) -> None:
        assert button(row, "resend") in as_feng.get(page(row)).text

        press(as_feng, row, "resend")

        assert button(row, "resend") not in as_feng.get(page(row)).text
        process_due_attempts(at=NOW + 30 * HOUR)
        assert list(server.bills) == [Attempt.objects.get().out_bill_no]

    def test_each_waits_in_the_queue_of_whoever_has_to_act(
        self, row: Withdrawal, as_wei: Client, mei: Member, qian: User, feng: User
    ) -> None:
        def waiting(queue: str) -> list[str]:
            found = as_wei.get(reverse(CHANGELIST), {"queue": queue}).context["cl"].result_list
            return [each.public_id for each in found]

        assert (waiting("person"), waiting("answer")) == ([row.public_id], [])
        press(as_wei, row, "resend")
        assert (waiting("person"), waiting("answer")) == ([], [row.public_id])


def test_a_pause_is_said_where_people_work(
    as_feng: Client, lan: Member, qian: User, feng: User
) -> None:
    row = approved(lan, AMOUNT, qian, feng)
    pause(channel="all", at=NOW, pause_reason="盘点", by=feng)

    assert as_feng.get(page(row)).text.count("付款已暂停：盘点") == 2
    assert "付款已暂停：盘点" in as_feng.get(reverse(CHANGELIST)).text


def test_facts_are_told_in_words(as_feng: Client, lan: Member, qian: User, feng: User) -> None:
    text = as_feng.get(page(approved(lan, AMOUNT, qian, feng))).text

    assert "withdrawals.requested" not in text
    assert "运营已通过" in text


def test_who_has_approved_it_already_is_not_offered_it_again(
    lan: Member, qian: User, as_wei: Client
) -> None:
    row = asked(lan, AMOUNT)
    press(signed_in(may(finance(qian), "view_withdrawal")), row, "approve_as_operations",
          content_hash=row.content_hash)  # fmt: skip

    assert "approve_as_finance" not in offered(signed_in(qian), row)
    assert "approve_as_finance" in offered(as_wei, row)


def test_a_voucher_is_saved_by_finance_on_record(
    by_hand: Withdrawal, as_feng: Client, qian: User, feng: User
) -> None:
    mark_paid(attempt=Attempt.objects.get(), voucher=PDF, by=feng, at=NOW)
    proof = Attempt.objects.get().evidence
    assert proof
    there = reverse("admin:withdrawals_evidence_open", args=[proof.pk])
    signed_in(may(feng, "view_evidence"))

    assert as_feng.get(there).status_code == 302
    assert signed_in(may(qian, "view_evidence")).post(there).status_code == 403
    assert not Event.objects.filter(name="withdrawals.voucher_opened").exists()
    file = as_feng.post(there)

    assert (file.content, file.headers["Content-Type"]) == (PDF, "application/octet-stream")
    assert file.headers["Content-Disposition"].startswith("attachment")
    fact = Event.objects.get(name="withdrawals.voucher_opened")
    assert fact.actor_id == feng.public_id
    its_page = reverse("admin:withdrawals_evidence_change", args=[proof.pk])
    assert there in as_feng.get(its_page).text
