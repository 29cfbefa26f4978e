"""Manual payouts in the back office: claimed, exported, and ended with a voucher."""

from __future__ import annotations

import re
from io import BytesIO
from zipfile import ZipFile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from backoffice.sheets import Sheet, Yuan, workbook
from events.models import Event
from members.models import Member, User
from tests.cast import NOON, staff
from tests.withdrawals.admin.pages import (
    PDF,
    button,
    hidden_inputs,
    messages,
    offered,
    page,
    press,
    select,
    signed_in,
    voucher,
)
from tests.withdrawals.factories import NOW, YUAN, approved, cash, may, picture
from withdrawals.gateways.sandbox import SandboxGateway
from withdrawals.models import Attempt, Withdrawal
from withdrawals.services import identify, mark_paid, set_payee

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_static_files"), pytest.mark.slow]
NAME, CARD = "欧阳兰芝", "6222021234567890123"


def test_a_claimed_payout_is_paid_with_a_voucher(
    manual_gateway: None, as_fin: Client, lan: Member, qian: User, feng: User
) -> None:
    row = approved(lan, 300 * YUAN, qian, feng)
    assert offered(as_fin, row) == {"claim_manual_payouts", "reject"}
    press(as_fin, row, "claim_manual_payouts")
    assert offered(as_fin, row) == {"mark_paid", "mark_unpaid"}

    response = as_fin.post(
        button(row, "mark_paid"), {"voucher": SimpleUploadedFile("bank.pdf", PDF)}
    )

    assert (response.status_code, response.url) == (302, page(row))
    assert (Withdrawal.objects.get().status, cash(lan)) == ("paid", (70_000, 0, 0))
    assert offered(as_fin, row) == set()
    assert as_fin.get(button(row, "mark_paid")).url == page(row)


def test_the_page_of_a_paid_withdrawal_leads_to_its_voucher(
    as_fin: Client, claimed: Withdrawal, feng: User
) -> None:
    mark_paid(attempt=Attempt.objects.get(), voucher=PDF, by=feng, at=NOW)
    proof = reverse("admin:withdrawals_evidence_change", args=[Attempt.objects.get().evidence_id])
    assert f'href="{proof}"' in as_fin.get(page(claimed)).text


def test_an_invalid_voucher_is_refused(as_fin: Client, claimed: Withdrawal) -> None:
    before = picture()
    for given in ({}, {"voucher": SimpleUploadedFile("bank.pdf", b"MZ\x90 no")}):
        response = as_fin.post(button(claimed, "mark_paid"), given)
        assert response.status_code == 200
    assert messages(response)[0].startswith("error: 凭证")
    assert picture() == before


def test_a_payout_marked_unpaid_can_be_paid_again(as_fin: Client, claimed: Withdrawal) -> None:
    press(as_fin, claimed, "mark_unpaid", reason="退票")

    assert Withdrawal.objects.get().status == "ready_to_collect"
    assert "claim_manual_payouts" in offered(as_fin, claimed)


def test_only_finance_uploads_vouchers_and_only_by_post(
    as_ops: Client, as_fin: Client, feng: User, claimed: Withdrawal
) -> None:
    before = picture()
    url = button(claimed, "mark_paid")
    for method in (as_ops.get, as_ops.post):
        assert method(url).status_code == 403
    assert "multipart/form-data" in as_fin.get(url).text
    guarded = Client(enforce_csrf_checks=True)
    guarded.force_login(feng)
    given = {"voucher": SimpleUploadedFile("bank.pdf", PDF)}
    assert guarded.post(url, given).status_code == 403
    assert picture() == before


def test_a_payout_of_a_provider_cannot_be_claimed(
    as_fin: Client, lan: Member, qian: User, feng: User, sandbox: SandboxGateway
) -> None:
    row = approved(lan, 300 * YUAN, qian, feng)
    before = picture()
    [message] = press(as_fin, row, "claim_manual_payouts")
    assert message.startswith("error")
    assert messages(select(as_fin, "claim_many", [row], confirm="yes"))[0].startswith("error")
    assert picture() == before


def test_a_return_is_marked_by_a_person_who_took_no_part(
    claimed: Withdrawal, as_feng: Client, as_wei: Client, feng: User
) -> None:
    mark_paid(attempt=Attempt.objects.get(), voucher=PDF + b"1", by=feng, at=NOW)
    url = button(claimed, "mark_returned")
    assert url not in as_feng.get(page(claimed)).text
    assert as_feng.post(url, voucher()).url == page(claimed)
    assert Withdrawal.objects.get().status == "paid"
    assert url in as_wei.get(page(claimed)).text

    assert as_wei.post(url, voucher()).status_code == 302

    assert Withdrawal.objects.get().status == "returned"
    assert cash(claimed.member) == (1_000 * YUAN, 0, 0)


def test_finance_downloads_a_voucher_and_it_is_recorded(
    claimed: Withdrawal, as_feng: Client, qian: User, feng: User
) -> None:
    mark_paid(attempt=Attempt.objects.get(), voucher=PDF, by=feng, at=NOW)
    proof = Attempt.objects.get().evidence
    assert proof
    url = reverse("admin:withdrawals_evidence_open", args=[proof.pk])
    signed_in(may(feng, "view_evidence"))

    assert as_feng.get(url).status_code == 302
    assert signed_in(may(qian, "view_evidence")).post(url).status_code == 403
    assert not Event.objects.filter(name="withdrawals.voucher_opened").exists()
    file = as_feng.post(url)

    assert (file.content, file.headers["Content-Type"]) == (PDF, "application/octet-stream")
    assert file.headers["Content-Disposition"].startswith("attachment")
    event = Event.objects.get(name="withdrawals.voucher_opened")
    assert event.actor_id == feng.public_id
    page_url = reverse("admin:withdrawals_evidence_change", args=[proof.pk])
    assert url in as_feng.get(page_url).text


def cells(file: bytes) -> str:
    with ZipFile(BytesIO(file)) as book:
        assert b"<f>" not in book.read("xl/worksheets/sheet1.xml")
        return book.read("xl/sharedStrings.xml").decode()


def test_claimed_payouts_are_exported_and_the_access_is_recorded(
    manual_gateway: None, as_fin: Client, lan: Member, qian: User, feng: User
) -> None:
    identify(member=lan, name=NAME, at=NOON)
    set_payee(member=lan, channel="bank", account=CARD, bank="=HYPERLINK(1)", at=NOON)
    row = approved(lan, 300 * YUAN, qian, feng)
    may(feng, "unmask_person")
    assert Attempt.objects.count() == 0
    select(as_fin, "claim_many", [row])
    assert Attempt.objects.count() == 0

    done = select(as_fin, "claim_many", [row], confirm="yes")
    assert hidden_inputs(done, "action") == ["export_manual_payouts"]
    asked_why = select(as_fin, "export_manual_payouts", [row])
    assert CARD not in done.text + asked_why.text
    assert not Event.objects.filter(name="withdrawals.unmasked").exists()
    response = select(as_fin, "export_manual_payouts", [row], confirm="yes", reason="周五付款")

    assert response.headers["Content-Type"].endswith("sheet")
    assert "no-store" in response.headers["Cache-Control"]
    found = cells(response.content)
    for words in (NAME, CARD, "=HYPERLINK(1)", Attempt.objects.get().out_bill_no):
        assert f">{words}<" in found
    event = Event.objects.get(name="withdrawals.unmasked")
    assert (event.actor_id, event.subject_id, event.data["reason"]) == (
        "feng", lan.public_id, "周五付款",
    )  # fmt: skip


def test_only_the_claimer_exports_a_payout(
    claimed: Withdrawal, as_feng: Client, as_wei: Client
) -> None:
    preview = select(as_wei, "export_manual_payouts", [claimed]).text
    assert "feng" in preview
    refused = select(as_wei, "export_manual_payouts", [claimed], confirm="yes", reason="付款")
    assert refused.headers["Content-Type"].startswith("text/html")
    assert not Event.objects.filter(name="withdrawals.unmasked").exists()

    file = select(as_feng, "export_manual_payouts", [claimed], confirm="yes", reason="付款")

    assert "spreadsheet" in file.headers["Content-Type"]
    assert "feng" in as_wei.get(page(claimed)).text


@pytest.mark.parametrize("right", ["review_as_finance", "unmask_person"])
def test_the_export_needs_both_permissions(claimed: Withdrawal, right: str) -> None:
    one = signed_in(may(staff("Half"), "view_withdrawal", right))
    response = select(one, "export_manual_payouts", [claimed], confirm="yes", reason="看看")
    assert "sheet" not in response.headers.get("Content-Type", "")
    assert not Event.objects.filter(name="withdrawals.unmasked").exists()


def test_the_export_needs_a_reason(as_fin: Client, feng: User, claimed: Withdrawal) -> None:
    may(feng, "unmask_person")
    response = select(as_fin, "export_manual_payouts", [claimed], confirm="yes", reason=" ")
    assert "text/html" in response.headers["Content-Type"]
    assert not Event.objects.filter(name="withdrawals.unmasked").exists()


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "https://x", "0123", "\t=1"])
def test_text_in_the_file_stays_text(text: str) -> None:
    titles = ["number", "name", "channel", "bank", "account", "amount", "remark"]
    file = workbook(Sheet("payments", titles, [["x1", text, "", text, text, Yuan(1), text]]))
    cells(file)
    with ZipFile(BytesIO(file)) as book:
        row = book.read("xl/worksheets/sheet1.xml").decode().split('<row r="2"')[1]
    assert re.findall(r'r="([A-Z])2"[^>]*t="s"', row) == ["A", "B", "C", "D", "E", "G"]
