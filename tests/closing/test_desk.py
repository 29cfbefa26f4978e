"""The desk of finance: what its pages say, where they lead, and whom they refuse."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.http import urlencode

from backoffice import office
from backoffice.models import Export
from closing.models import ControlRun, Difference, JournalFormat
from closing.services import reconcile, sign_month, take_requested_run
from common import clock
from common.money import yuan_text
from ledger.chart import Kind, Reason
from ledger.models import Transfer
from ledger.services import Source, platform_account, transfer
from members.models import Member, User
from reports.tasks import fold_changes
from tests.closing.books import DECEMBER, NOVEMBER, PAID, paid
from tests.closing.statements import TODAY
from tests.incentives.awards import given_award
from tests.shop import ingest, order, refund, with_refund
from tests.withdrawals.factories import YUAN, may

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_static_files")]
PAGES = ("controls", "liability", "forecast", "journal")
RIGHTS = (
    "export_list", "view_dayflow",
    "view_difference", "view_account", "view_transfer", "view_period", "view_commission",
    "export_journal",
)  # fmt: skip


@pytest.fixture(autouse=True)
def december(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: DECEMBER)


@pytest.fixture
def as_feng(feng: User) -> Client:
    client = Client()
    client.force_login(may(feng, *RIGHTS))
    return client


def said(answer: Any) -> str:
    return " ".join(str(message) for message in answer.context["messages"])


def stray_tax(*, back: bool = False) -> None:
    accounts = [platform_account(Kind.BANK), platform_account(Kind.TAX_PAYABLE)]
    debit, credit = reversed(accounts) if back else accounts
    transfer(
        key=f"stray-{back}", debit=debit, credit=credit, amount=7, reason=Reason.TREASURY,
        source=Source("test", "1"), effective_at=PAID,
    )  # fmt: skip


def test_the_controls_run_on_request_and_lead_to_their_rows(lan: Member, as_feng: Client) -> None:
    stray_tax()
    assert "尚未核对过" in as_feng.get(office.url("controls")).text

    assert as_feng.post(office.url("controls")).status_code == 302
    waiting = as_feng.get(office.url("controls_progress")).text
    assert "等待后台任务" in waiting
    assert 'hx-trigger="every 2s"' in waiting
    reconcile(day=TODAY, at=DECEMBER, run=take_requested_run(at=DECEMBER))

    page = as_feng.get(office.url("controls"))
    assert "1 处差异" in page.text
    assert 'hx-trigger="every 2s"' not in page.text
    [row] = [row for row in page.context["rows"] if row["name"] == "tax"]
    assert "tax_payable" in as_feng.get(row["url"]).text
    green = [row for row in page.context["rows"] if row.get("is_good")]
    assert len(green) == len(page.context["rows"]) - 1
    difference = Difference.objects.get()
    detail = as_feng.get(reverse("admin:closing_difference_change", args=[difference.pk]))
    assert "tax_payable" in detail.text


def test_a_figure_leads_to_the_differences_that_are_still_there(
    lan: Member, as_feng: Client
) -> None:
    def listed(state: str) -> int:
        url = reverse("admin:closing_difference_changelist")
        return as_feng.get(url, {"state": state}).context["cl"].queryset.count()

    stray_tax()
    reconcile(day=TODAY, at=DECEMBER)
    assert (listed("open"), listed("gone")) == (1, 0)

    stray_tax(back=True)
    reconcile(day=TODAY, at=DECEMBER)

    rows = as_feng.get(office.url("controls")).context["rows"]
    assert not [row for row in rows if row.get("url")]
    assert (listed("open"), listed("gone"), listed("closed")) == (0, 1, 0)


def test_looking_runs_nothing_and_only_finance_may_run(lan: Member, as_feng: Client) -> None:
    for name in ("controls", "controls_progress"):
        as_feng.get(office.url(name))
    assert as_feng.post(office.url("controls_progress")).status_code == 405
    assert not ControlRun.objects.exists()
    viewer = Client()
    viewer.force_login(may(User.objects.create_user("viewer", is_staff=True), "view_difference"))
    assert said(viewer.post(office.url("controls"), follow=True))
    assert not ControlRun.objects.exists()


def test_awards_that_wait_are_named_beside_what_is_owed(lan: Member, as_feng: Client) -> None:
    given_award(lan, 5_000, at=PAID, waiting=True)

    today = as_feng.get(office.url("liability"))

    assert today.context["awards_not_given"] == "¥50.00"
    assert "尚未发放的奖励" in today.content.decode()
    before = as_feng.get(office.url("liability"), {"day": str(TODAY - timedelta(days=1))})
    assert "尚未发放的奖励" not in before.content.decode()


def test_the_liability_of_a_day(lan: Member, qian: User, feng: User, as_feng: Client) -> None:
    paid(lan, 1_000 * YUAN, qian, feng)

    page = as_feng.get(office.url("liability"), {"day": str(TODAY)})
    assert page.context["cash"]["total"] == "¥7,242.50"
    before = as_feng.get(office.url("liability"), {"day": str(TODAY - timedelta(days=1))})
    assert before.context["cash"]["total"] == "¥8,242.50"
    file = as_feng.post(f"{office.url('liability')}?day={TODAY}", {"format": "csv"})
    lines = file.content.decode("utf-8-sig").splitlines()
    assert len(lines) == 3
    assert f"{lan.public_id},Lan,现金,钱包,4495.00" in lines
    export = Export.objects.get()
    assert (export.by, export.label, export.query) == (feng, "closing.dayflow", f"day={TODAY}")


@pytest.mark.parametrize("day", ["2027-13-01", "soon", "2099-01-01", "0001-01-01", "=1"])
def test_a_wrong_day_is_said_and_changes_nothing(lan: Member, as_feng: Client, day: str) -> None:
    page = as_feng.get(office.url("liability"), {"day": day})
    assert page.context["fault"]
    refused = as_feng.post(
        f"{office.url('liability')}?{urlencode({'day': day})}", {"format": "csv"}
    )
    assert refused.context["fault"]
    assert not Export.objects.exists()


def test_the_forecast_shows_fourteen_days(lan: Member, as_feng: Client) -> None:
    page = as_feng.get(office.url("forecast"))
    assert len(page.context["days"]) == 14
    assert "14" in page.text


def test_vouchers_are_previewed_and_downloaded(
    lan: Member, qian: User, feng: User, as_feng: Client
) -> None:
    paid(lan, 1_000 * YUAN, qian, feng)
    preset = JournalFormat.objects.get(name__startswith="用友")
    given = {"month": "2026-11", "format": preset.pk, "grouping": "month", "first_number": "1"}

    preview = as_feng.post(office.url("journal"), {**given, "preview": "yes"})
    assert preview.context["preview"].vouchers == 1
    assert not preview.context["preview"].is_final
    file = as_feng.post(office.url("journal"), given)
    assert file.headers["Content-Disposition"].endswith('filename="vouchers-2026-11.csv"')
    assert "借方金额" in file.content.decode("gb18030")
    for wrong in ({"month": "2026-13"}, {"format": "999"}, {"first_number": "0"}):
        assert as_feng.post(office.url("journal"), {**given, **wrong}).context["form"].errors


def test_the_month_says_what_is_missing(
    lan: Member, feng: User, fang: User, as_feng: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    sign = reverse("admin:ledger_period_sign")
    stray_tax()
    reconcile(day=NOVEMBER.replace(day=30), at=DECEMBER)
    page = as_feng.get(sign)
    states = {step["name"]: step["is_done"] for step in page.context["steps"]}
    assert states == {"over": True, "payments": True, "controls": False, "signatures": None}
    assert not page.context["form"]
    assert "control__exact=tax" in page.text

    monkeypatch.setattr(clock, "now", lambda: PAID)
    early = as_feng.get(sign)
    assert "2026-11 尚未结束，2026-12-01 起可结账" in early.text
    assert said(as_feng.post(sign, {"month": "2026-11"})).startswith("2026-11 尚未结束")


def test_a_signed_month_waits_for_another_person(
    lan: Member, feng: User, fang: User, as_feng: Client
) -> None:
    sign_month(month=NOVEMBER, by=feng, at=DECEMBER)

    mine = as_feng.get(reverse("admin:ledger_period_sign"))
    assert "请由另一位同事签字" in mine.text
    assert not mine.context["form"]
    other = Client()
    other.force_login(may(fang, *RIGHTS))
    assert other.get(reverse("admin:ledger_period_sign")).context["form"]


def test_transfers_name_order_member_and_balance(
    lan: Member, qian: User, feng: User, as_feng: Client
) -> None:
    paid(lan, 1_000 * YUAN, qian, feng)

    page = as_feng.get(reverse("admin:ledger_transfer_changelist")).text
    order = Transfer.objects.filter(source_kind="commissions.commission").exists()
    assert order
    assert "订单" in page
    assert "-¥1,000.00" in page
    assert "+¥5,495.00" in page
    wallet = lan.accounts.get(asset="cash", kind="wallet")
    detail = as_feng.get(reverse("admin:ledger_account_change", args=[wallet.pk])).text
    assert "¥4,495.00" in detail
    assert "订单" in detail


@pytest.mark.parametrize("name", PAGES)
def test_operations_open_none_of_these(as_qian: Client, name: str) -> None:
    assert as_qian.get(office.url(name)).status_code == 403
    assert as_qian.post(office.url(name)).status_code == 403


def test_the_home_shows_money_and_controls(
    lan: Member, qian: User, feng: User, as_feng: Client
) -> None:
    paid(lan, 1_000 * YUAN, qian, feng)
    reconcile(day=TODAY, at=PAID)

    page = as_feng.get(reverse("admin:index"))
    money = {figure["name"]: figure["amount"] for figure in page.context["money"]}
    assert money["owed"].endswith("7,242.50")
    assert money["frozen"].endswith("0.00")
    for figure in page.context["money"]:
        assert as_feng.get(figure["url"]).status_code == 200
    assert 'data-block="controls"' in page.text


def test_the_home_reads_all_balances_at_once(lan: Member, as_feng: Client) -> None:
    with CaptureQueriesContext(connection) as seen:
        as_feng.get(reverse("admin:index"))

    assert len([query for query in seen if "closing_dayflow" in query["sql"]]) == 1


def test_what_is_protected_leads_to_exactly_its_commissions(lan: Member, as_feng: Client) -> None:
    bo = Member.objects.get(nickname="Bo")
    ingest(order(bo, number="P-1", received=True))
    returned = order(bo, number="P-2", received=True)
    ingest(returned, with_refund(returned, refund(10_990, quantity=1)))
    fold_changes()

    page = as_feng.get(reverse("admin:index"))
    [shown] = [row for row in page.context["money"] if row["name"] == "protected"]
    rows = as_feng.get(shown["url"]).context["cl"].queryset

    assert {row.line.order.number for row in rows} == {"P-1"}
    assert shown["amount"] == yuan_text(sum(row.current for row in rows)) == "¥16.48"
