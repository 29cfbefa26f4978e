"""The pages of batches: choose, claim, file out, result in, one voucher; refused in words."""

from __future__ import annotations

import re
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from python_calamine import load_workbook

from members.models import Member, User
from tests.withdrawals.admin.pages import PDF, messages, select, signed_in
from tests.withdrawals.factories import NOW, YUAN, approved, may, picture, ready
from withdrawals.models import Attempt, PayoutBatch, Withdrawal
from withdrawals.services import create_batch

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_static_files"), pytest.mark.slow]
NEW = "/admin/payout-batches/new/"


@pytest.fixture
def two(manual_gateway: None, lan: Member, mei: Member, qian: User, feng: User) -> list[Withdrawal]:
    ready(mei, 1_000 * YUAN)
    return [approved(who, 300 * YUAN, qian, feng) for who in (lan, mei)]


@pytest.fixture
def as_payer(feng: User) -> Client:
    return signed_in(
        may(feng, "view_withdrawal", "view_payoutbatch", "unmask_person", "view_evidence")
    )


@pytest.fixture
def batch(two: list[Withdrawal], feng: User, as_payer: Client) -> PayoutBatch:
    return create_batch(withdrawals=two, total=60_000, by=feng, at=NOW)


def url(batch: PayoutBatch, *rest: str) -> str:
    return "/".join(["/admin/payout-batches", batch.number, *rest, ""])


def upload(content: bytes, name: str = "result.csv") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def filled(file: bytes, *outcomes: str) -> bytes:
    """Return the bank's answer: our file with results, as CSV."""
    with load_workbook(BytesIO(file)) as book:
        head, *rows = book.get_sheet_by_index(0).to_python()
    lines = [",".join(map(str, head))]
    for outcome, row in zip(outcomes, rows, strict=False):
        lines.append(",".join(map(str, [*row[:6], outcome, "", ""])))
    return "\n".join(lines).encode("gb18030")


def test_a_batch_is_claimed_with_its_control_total(two: list[Withdrawal], as_payer: Client) -> None:
    page = as_payer.get(NEW).text
    assert "Lan" in page
    assert "¥600.00" in page
    before = picture()
    chosen = {"row": [str(row.pk) for row in two]}

    wrong = as_payer.post(NEW, {**chosen, "total": "599.99"})
    assert messages(wrong)[0].startswith("error: ")
    assert 'value="599.99"' in wrong.text
    empty = as_payer.post(NEW, {**chosen, "total": ""})
    assert empty.context["form"].errors
    assert picture() == before
    done = as_payer.post(NEW, {**chosen, "total": "600.00"})

    batch = PayoutBatch.objects.get()
    assert (done.status_code, done.url) == (302, url(batch))
    assert "¥600.00" in as_payer.get(url(batch)).text


def test_the_file_goes_out_and_the_result_comes_in(batch: PayoutBatch, as_payer: Client) -> None:
    file = as_payer.post(url(batch, "file"), {"reason": "周五付款"})
    assert file.headers["Content-Type"].endswith("sheet")
    answer = filled(file.content, "成功", "处理中")

    preview = as_payer.post(url(batch, "result"), {"file": upload(answer)})
    [token] = re.findall(r'name="content" value="([^"]+)"', preview.text)
    assert "openid-of-lan" not in preview.text
    before = picture()
    wrong = as_payer.post(
        url(batch, "result"), {"content": token, "confirm": "yes", "total": "600"}
    )
    assert messages(wrong)[0].startswith("error: ")
    assert picture() == before
    done = as_payer.post(url(batch, "result"), {"content": token, "confirm": "yes", "total": "300"})

    assert done.status_code == 302
    assert list(Withdrawal.objects.order_by("pk").values_list("status", flat=True)) == [
        "paid", "paying",
    ]  # fmt: skip
    assert "¥300.00" in as_payer.get(url(batch)).text


def test_a_second_download_must_be_confirmed(batch: PayoutBatch, as_payer: Client) -> None:
    assert as_payer.post(url(batch, "file"), {"reason": "付款"}).status_code == 200
    again = as_payer.post(url(batch, "file"), {"reason": "付款"})
    assert again.headers["Content-Type"].startswith("text/html")
    assert messages(again)[-1].startswith("error: ")
    assert 'name="again"' in again.text
    file = as_payer.post(url(batch, "file"), {"reason": "付款", "again": "yes"})
    assert file.headers["Content-Type"].endswith("sheet")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"MZ\x90\x00",
        b"a,b\n1,2",
        "付款编号,收款账号,金额,结果\nx,y,1,成功".encode(),
        b"PK\x03\x04no",
    ],
)
def test_a_wrong_file_is_refused_in_words(
    batch: PayoutBatch, as_payer: Client, content: bytes
) -> None:
    before = picture()

    page = as_payer.post(url(batch, "result"), {"file": upload(content or b" ")})

    assert page.status_code == 200
    assert 'class="tf-faults"' in page.text
    assert picture() == before


def test_a_forged_token_is_no_file(batch: PayoutBatch, as_payer: Client) -> None:
    page = as_payer.post(url(batch, "result"), {"content": "forged", "confirm": "yes"})
    assert 'class="tf-faults"' in page.text


def test_one_voucher_marks_the_chosen_as_paid(batch: PayoutBatch, as_payer: Client) -> None:
    first = Attempt.objects.order_by("pk").first()
    assert first
    given: dict[str, Any] = {"row": [str(first.pk)], "total": "300"}
    missing = as_payer.post(url(batch, "voucher"), given)
    assert messages(missing)[-1].startswith("error: ")

    done = as_payer.post(url(batch, "voucher"), {**given, "voucher": upload(PDF, "bank.pdf")})

    assert done.status_code == 302
    first.refresh_from_db()
    assert first.state == "success"
    assert Withdrawal.objects.filter(status="paying").count() == 1


def test_get_changes_nothing_and_operations_get_nothing(
    batch: PayoutBatch, as_payer: Client, as_ops: Client
) -> None:
    before = picture()
    for rest in ("file", "result", "voucher"):
        assert as_payer.get(url(batch, rest)).status_code == 405
        assert as_ops.post(url(batch, rest), {"reason": "x", "total": "1"}).status_code == 403
    for path in (NEW, url(batch)):
        assert as_ops.get(path).status_code == 403
        assert as_ops.post(path).status_code == 403
    assert picture() == before


def test_a_batch_is_found_whatever_the_case_and_a_missing_one_said(
    batch: PayoutBatch, as_payer: Client
) -> None:
    assert as_payer.get(f"/admin/payout-batches/{batch.number.lower()}/").status_code == 200
    assert as_payer.get("/admin/payout-batches/P404/").status_code == 302
    row = reverse("admin:withdrawals_payoutbatch_change", args=[batch.pk])
    assert url(batch) in as_payer.get(row).text


def test_a_payment_in_a_batch_is_in_no_other_file(batch: PayoutBatch, as_payer: Client) -> None:
    rows = list(Withdrawal.objects.all())
    page = select(as_payer, "export_manual_payouts", rows, confirm="yes", reason="付款")

    assert page.headers["Content-Type"].startswith("text/html")
    assert batch.number in page.text
