"""Each page of closing makes one service call and shows its result."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from closing.models import (
    Adjustment,
    Difference,
    Payroll,
    ProviderStatement,
    StatementLine,
    TreasuryDocument,
)
from closing.services import propose_adjustment, reconcile
from common import clock
from events.models import Event
from ledger.chart import Asset, Kind, Reason
from ledger.models import Period
from ledger.services import Source, account, platform_account, transfer
from members.models import Member, User
from tests.cast import give
from tests.closing.books import DECEMBER, PAID, RELEASED, paid
from tests.closing.statements import TODAY, StatementFile
from tests.incentives.awards import given_award
from tests.withdrawals.factories import ID_NUMBER, YUAN
from withdrawals.models import TaxEntry

pytestmark = pytest.mark.django_db
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def page(name: str, *args: Any) -> str:
    return reverse(f"admin:{name}", args=args)


def said(answer: Any) -> str:
    return " ".join(str(one) for one in answer.context["messages"])


@pytest.fixture(autouse=True)
def december(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: DECEMBER)


def test_differences_are_assigned_and_closed(lan: Member, as_boss: Client, boss: User) -> None:
    transfer(
        key="x",
        debit=platform_account(Kind.BANK),
        credit=platform_account(Kind.TAX_PAYABLE),
        amount=7,
        reason=Reason.TREASURY,
        source=Source("test", "1"),
        effective_at=PAID,
    )
    reconcile(day=TODAY, at=PAID)
    row = Difference.objects.get()
    assert "tax_payable" in as_boss.get(page("closing_difference_changelist")).content.decode()

    as_boss.post(page("closing_difference_assign_to_me", row.pk), {"_form_submitted": "True"})
    as_boss.post(
        page("closing_difference_close", row.pk), {"reason": "typo", "_form_submitted": "True"}
    )

    row.refresh_from_db()
    assert (row.assignee, row.closed_by, row.reason) == (boss, boss, "typo")


def test_a_statement_is_uploaded_with_its_hash(lan: Member, as_boss: Client) -> None:
    content = StatementFile(balance=500).add(-5, number="X1").content()
    given = {
        "day": str(TODAY), "file": SimpleUploadedFile("bill.csv", content), "sha1": "0" * 40,
    }  # fmt: skip
    refused = as_boss.post(page("closing_providerstatement_import"), given)
    assert refused.status_code == 200
    assert "SHA1" in said(refused)
    assert not ProviderStatement.objects.exists()

    given |= {"file": SimpleUploadedFile("bill.csv", content),
              "sha1": hashlib.sha1(content).hexdigest()}  # fmt: skip
    assert as_boss.post(page("closing_providerstatement_import"), given).status_code == 302

    row = StatementLine.objects.get()
    as_boss.post(
        page("closing_statementline_explain", row.pk), {"reason": "fee", "_form_submitted": "True"}
    )
    row.refresh_from_db()
    assert row.status == "cleared"


def test_documents_are_posted(lan: Member, as_boss: Client) -> None:
    transfer(
        key="w",
        debit=platform_account(Kind.BANK),
        credit=platform_account(Kind.TAX_PAYABLE),
        amount=1_234,
        reason=Reason.TREASURY,
        source=Source("test", "1"),
        effective_at=PAID,
    )
    for name in ("top_up", "remit_tax"):
        given = {"document": "T1", "amount": "12.34"}
        assert as_boss.post(page(f"closing_treasurydocument_{name}"), given).status_code == 302
    given = {"document": "W1", "amount": "1", "member": lan.public_id, "reason": "gone"}
    refused = as_boss.post(page("closing_treasurydocument_write_off"), given)
    assert refused.status_code == 200
    refused = as_boss.post(
        page("closing_treasurydocument_book_payment"), {"attempt": "x", "document": "1"}
    )
    assert refused.status_code == 200

    assert sorted(TreasuryDocument.objects.values_list("kind", "amount")) == [
        ("remittance", 1234), ("top_up", 1234),
    ]  # fmt: skip


def test_an_adjustment_is_proposed_by_one_person_and_decided_by_another(
    lan: Member, feng: User, as_boss: Client
) -> None:
    form = as_boss.get(page("closing_adjustment_propose"))
    key = form.context["form"]["key"].initial
    given = {
        "key": key,
        "member": "lan",
        "asset": "points",
        "direction": "to_member",
        "amount": "30",
        "reason": "promised",
    }
    for _ in range(2):
        assert as_boss.post(page("closing_adjustment_propose"), given).status_code == 302
    own = Adjustment.objects.get()
    assert own.amount == 30
    as_boss.post(page("closing_adjustment_post", own.pk), {"_form_submitted": "True"})
    own.refresh_from_db()
    assert own.status == "proposed"
    other = propose_adjustment(
        key="k",
        member=lan,
        asset="cash",
        direction="to_member",
        amount=5,
        reason="x",
        by=feng,
        at=PAID,
    )
    offered = {
        one: [
            button
            for button in ("post", "refuse")
            if page(f"closing_adjustment_{button}", one.pk)
            in as_boss.get(page("closing_adjustment_change", one.pk)).content.decode()
        ]
        for one in (own, other)
    }
    assert offered == {own: [], other: ["post", "refuse"]}
    as_boss.post(page("closing_adjustment_post", other.pk), {"_form_submitted": "True"})
    other.refresh_from_db()
    assert other.status == "posted"


def test_the_page_to_sign_a_month_shows_the_controls(
    lan: Member, as_boss: Client, feng: User
) -> None:
    form = as_boss.get(page("ledger_period_sign"))
    assert "2026-11" in form.content.decode()
    assert as_boss.post(page("ledger_period_sign"), {"month": "2026-11"}).status_code == 302
    refused = as_boss.post(page("ledger_period_sign"), {"month": "2026-11"})
    assert said(refused)
    second = Client()
    second.force_login(give(feng, "view_period"))
    assert second.post(page("ledger_period_sign"), {"month": "2026-11"}).status_code == 302

    assert Period.objects.get().hashed_at
    for wrong in ("2026-13", "soon", ""):
        assert as_boss.post(page("ledger_period_sign"), {"month": wrong}).context["form"].errors


def test_withheld_tax_and_statements_are_printed_and_exported(
    lan: Member, qian: User, feng: User, as_boss: Client
) -> None:
    paid(lan, 1_000 * YUAN, qian, feng)
    withholding, statement = page("ledger_period_withholding"), page("ledger_period_statement")
    month = {"month": "2026-11"}

    printed = as_boss.post(withholding, {**month, "format": "print"}).content.decode()
    assert "960.00" in printed
    assert ID_NUMBER not in printed
    refused = as_boss.post(withholding, {**month, "format": "xlsx", "unmasked": "on"})
    assert said(refused)
    file = as_boss.post(
        withholding, {**month, "format": "xlsx", "unmasked": "on", "reason": "filing"}
    )
    assert file.headers["Content-Type"] == XLSX
    assert Event.objects.filter(name="withdrawals.unmasked").count() == 1

    asked = {**month, "member": "lan"}
    printed = as_boss.post(statement, {**asked, "format": "print"}).content.decode()
    assert "4,495.00" in printed
    assert as_boss.post(statement, {**asked, "format": "xlsx"}).headers["Content-Type"] == XLSX


def test_the_class_of_an_income_is_printed_and_shown(
    lan: Member, qian: User, feng: User, as_boss: Client
) -> None:
    given_award(lan, 130_000, at=RELEASED)
    attempt = paid(lan, 1_000 * YUAN, qian, feng)

    printed = as_boss.post(
        page("ledger_period_withholding"), {"month": "2026-11", "format": "print"}
    ).content.decode()
    entry = TaxEntry.objects.get(attempt=attempt)
    shown = as_boss.get(page("withdrawals_taxentry_change", entry.pk)).content.decode()

    assert "劳务报酬：奖励" in printed
    assert "劳务报酬：奖励" in shown


def test_bonuses_are_handed_over_and_exported(lan: Member, as_boss: Client) -> None:
    transfer(
        key="b", debit=platform_account(Kind.COMMISSION_EXPENSE, Asset.BONUS),
        credit=account(lan, Asset.BONUS), amount=700, reason=Reason.COMMISSION,
        source=Source("test", "1"), effective_at=PAID,
    )  # fmt: skip
    month = {"month": "2026-11"}
    assert as_boss.post(page("closing_payroll_hand_over"), month).status_code == 302
    assert Payroll.objects.get().amount == 700
    file = as_boss.post(page("closing_payroll_export"), month)
    assert file.headers["Content-Type"] == XLSX


@pytest.mark.parametrize(
    "name",
    [
        "closing_providerstatement_import",
        "closing_treasurydocument_top_up",
        "closing_treasurydocument_remit_tax",
        "closing_treasurydocument_write_off",
        "closing_treasurydocument_book_payment",
        "closing_treasurydocument_book_batch",
        "closing_adjustment_propose",
        "closing_payroll_hand_over",
        "closing_payroll_export",
        "ledger_period_sign",
        "ledger_period_withholding",
        "ledger_period_statement",
    ],
)
def test_staff_without_the_right_are_refused(as_qian: Client, name: str) -> None:
    assert as_qian.get(page(name)).status_code == 403
    assert as_qian.post(page(name), {}).status_code == 403
