"""Reviews in the back office: dialogs, buttons and four eyes."""

from __future__ import annotations

import pytest
from django.test import Client

from members.models import Member, User
from tests.cast import NOON, link, staff
from tests.withdrawals.admin.pages import button, offered, press, shown_hash, signed_in
from tests.withdrawals.factories import NOW, YUAN, asked, cash, finance, may, picture
from withdrawals.models import RejectionReason, Withdrawal
from withdrawals.services import approve_as_operations, change_policy, set_payee

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_static_files"), pytest.mark.slow]
AMOUNT = 300 * YUAN


def test_operations_approve_what_the_dialog_showed(
    as_ops: Client, qian: User, requested: Withdrawal
) -> None:
    content_hash = shown_hash(as_ops, requested, "approve_as_operations")

    [message] = press(as_ops, requested, "approve_as_operations", content_hash=content_hash)

    assert message.startswith("success")
    requested.refresh_from_db()
    assert (requested.status, requested.ops_reviewer) == ("ops_approved", qian)


def test_a_change_after_the_dialog_opened_is_refused(
    as_ops: Client, lan: Member, requested: Withdrawal
) -> None:
    content_hash = shown_hash(as_ops, requested, "approve_as_operations")
    set_payee(member=lan, channel="wechat", account="openid-of-another", at=NOW)
    before = picture()

    [message] = press(as_ops, requested, "approve_as_operations", content_hash=content_hash)

    assert message.startswith("error: 收款人")
    assert picture() == before


def test_an_approval_needs_the_hash_from_the_dialog(as_ops: Client, requested: Withdrawal) -> None:
    before = picture()
    response = as_ops.post(button(requested, "approve_as_operations"), {"_form_submitted": "True"})
    assert "HX-Redirect" not in response.headers
    assert picture() == before


def test_one_person_cannot_review_for_both_roles(
    as_ops: Client, qian: User, requested: Withdrawal
) -> None:
    finance(qian)
    content_hash = shown_hash(as_ops, requested, "approve_as_operations")
    press(as_ops, requested, "approve_as_operations", content_hash=content_hash)
    before = picture()

    [message] = press(as_ops, requested, "approve_as_finance", content_hash=content_hash)

    assert message.startswith("error: 申请人")
    assert picture() == before


def test_nobody_approves_their_own_withdrawal(
    as_ops: Client, qian: User, lan: Member, requested: Withdrawal
) -> None:
    link(qian, lan)
    before = picture()

    [message] = press(
        as_ops, requested, "approve_as_operations", content_hash=requested.content_hash
    )

    assert message.startswith("error: 申请人")
    assert picture() == before


def test_the_first_of_two_finance_reviewers_sees_a_message(
    as_fin: Client, lan: Member, qian: User, feng: User
) -> None:
    change_policy(by=feng, at=NOON, second_finance_threshold=100)
    row = asked(lan, 100)
    approve_as_operations(withdrawal=row, by=qian, at=NOW)

    [message] = press(as_fin, row, "approve_as_finance", content_hash=row.content_hash)

    assert message.startswith("warning: 已记录")


def test_a_reviewer_is_not_offered_a_second_approval(
    lan: Member, qian: User, as_wei: Client
) -> None:
    row = asked(lan, AMOUNT)
    press(signed_in(may(finance(qian), "view_withdrawal")), row, "approve_as_operations",
          content_hash=row.content_hash)  # fmt: skip

    assert "approve_as_finance" not in offered(signed_in(qian), row)
    assert "approve_as_finance" in offered(as_wei, row)


def test_a_changed_tax_restarts_the_review_with_a_message(
    as_ops: Client, feng: User, requested: Withdrawal
) -> None:
    seen = requested.content_hash
    change_policy(by=feng, at=NOW, regime="labor_per_payment")

    [message] = press(as_ops, requested, "approve_as_operations", content_hash=seen)

    assert message.startswith("warning: 个税")
    requested.refresh_from_db()
    assert requested.status == "requested"
    assert requested.content_hash != seen


def test_a_rejection_takes_an_active_reason_and_a_note(
    as_ops: Client, lan: Member, requested: Withdrawal
) -> None:
    why = RejectionReason.objects.create(code="odd", label="资料有误")
    gone = RejectionReason.objects.create(code="old", label="旧原因", is_active=False)
    response = as_ops.post(
        button(requested, "reject"), {"_form_submitted": "True", "rejection": gone.code}
    )
    assert "HX-Redirect" not in response.headers

    press(as_ops, requested, "reject", rejection="odd", note="请补充资料")

    requested.refresh_from_db()
    assert (requested.status, requested.rejection_reason, requested.note) == (
        "rejected",
        why,
        "请补充资料",
    )
    assert cash(lan) == (100_000, 0, 0)
    [message] = press(as_ops, requested, "reject", rejection="odd")
    assert message.startswith("error: 当前状态")


def test_buttons_depend_on_role_and_status(
    as_ops: Client, as_fin: Client, qian: User, requested: Withdrawal
) -> None:
    looking = signed_in(may(staff("Guest"), "view_withdrawal"))
    assert offered(as_ops, requested) == {"approve_as_operations", "reject"}
    assert offered(as_fin, requested) == {"reject"}
    approve_as_operations(withdrawal=requested, by=qian, at=NOW)
    assert offered(as_ops, requested) == {"reject"}
    assert offered(as_fin, requested) == {"approve_as_finance", "reject"}
    assert offered(looking, requested) == set()


@pytest.mark.parametrize("what", ["approve_as_finance", "start_payout", "fail", "mark_unpaid"])
def test_operations_cannot_use_buttons_of_finance(
    as_ops: Client, requested: Withdrawal, what: str
) -> None:
    before = picture()
    assert as_ops.post(button(requested, what), {"_form_submitted": "True"}).status_code == 403
    assert picture() == before
