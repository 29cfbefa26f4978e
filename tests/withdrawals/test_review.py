"""Reviews of operations and finance by two people who have seen the current content."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from common.errors import PermissionMissing, violated_constraint
from common.status import WrongStatus
from distribution.models import Distributor
from distribution.services import change_status
from members.models import Member, User
from tests.cast import NOON, link, staff
from tests.shop import distributor
from tests.withdrawals.factories import (
    DAY,
    NOW,
    YUAN,
    approved,
    asked,
    cash,
    finance,
    may,
    operations,
    picture,
    ready,
)
from withdrawals.errors import Blocked, ContentChanged, SelfApprovalForbidden
from withdrawals.models import RejectionReason, Withdrawal
from withdrawals.services import (
    approve_as_finance,
    approve_as_operations,
    approve_many,
    cancel,
    change_policy,
    identify,
    reject,
    set_payee,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def withdrawal(lan: Member) -> Withdrawal:
    return asked(lan, 300 * YUAN)


@pytest.fixture
def rejection_reason(db: None) -> RejectionReason:
    return RejectionReason.objects.create(code="odd", label="Looks odd")


def test_operations_then_finance(withdrawal: Withdrawal, qian: User, feng: User) -> None:
    approve_as_operations(withdrawal=withdrawal, by=qian, at=NOW)
    approve_as_finance(withdrawal=withdrawal, by=feng, at=NOW + DAY)

    withdrawal.refresh_from_db()
    assert withdrawal.status == "finance_approved"
    assert (withdrawal.ops_reviewer, withdrawal.finance_reviewer) == (qian, feng)
    assert (withdrawal.ops_reviewer_member, withdrawal.finance_reviewer_member) == (0, 0)


def test_finance_does_not_come_first(withdrawal: Withdrawal, feng: User) -> None:
    with pytest.raises(WrongStatus):
        approve_as_finance(withdrawal=withdrawal, by=feng, at=NOW)


def test_approving_twice_changes_nothing(withdrawal: Withdrawal, qian: User, feng: User) -> None:
    approve_as_operations(withdrawal=withdrawal, by=qian, at=NOW)
    before = picture()

    for by in (qian, operations(staff("Wei"))):
        with pytest.raises(WrongStatus):
            approve_as_operations(withdrawal=withdrawal, by=by, at=NOW)
    assert picture() == before


def test_one_person_cannot_review_for_both_roles(withdrawal: Withdrawal, qian: User) -> None:
    both = finance(qian)
    approve_as_operations(withdrawal=withdrawal, by=both, at=NOW)
    before = picture()

    with pytest.raises(SelfApprovalForbidden):
        approve_as_finance(withdrawal=withdrawal, by=both, at=NOW)
    assert picture() == before


def test_one_member_cannot_review_for_both_roles_with_two_accounts(
    withdrawal: Withdrawal, qian: User, chen: Member
) -> None:
    link(qian, chen)
    approve_as_operations(withdrawal=withdrawal, by=qian, at=NOW)
    # In SQL: one person cannot be two users.
    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        Withdrawal.objects.filter(pk=withdrawal.pk).update(
            finance_reviewer=staff("Feng2"),
            finance_reviewer_member=chen.pk,
            finance_reviewed_at=NOW,
            finance_content_hash=withdrawal.content_hash,
            status="finance_approved",
        )
    assert violated_constraint(refusal.value) == "withdrawal_four_eyes"


def test_nobody_reviews_their_own_withdrawal(
    withdrawal: Withdrawal, lan: Member, feng: User
) -> None:
    lans = operations(staff("Lans"))
    link(lans, lan)
    before = picture()

    with pytest.raises(SelfApprovalForbidden):
        approve_as_operations(withdrawal=withdrawal, by=lans, at=NOW)
    assert picture() == before


def test_a_reviewer_needs_the_role(withdrawal: Withdrawal, qian: User, feng: User) -> None:
    before = picture()

    with pytest.raises(PermissionMissing):
        approve_as_operations(withdrawal=withdrawal, by=feng, at=NOW)
    with pytest.raises(PermissionMissing):
        approve_as_finance(withdrawal=withdrawal, by=qian, at=NOW)
    assert picture() == before


def test_content_changed_since_it_was_seen_is_not_approved(
    withdrawal: Withdrawal, lan: Member, qian: User
) -> None:
    seen = withdrawal.content_hash
    set_payee(member=lan, channel="wechat", account="openid-of-another", at=NOW)

    with pytest.raises(ContentChanged):
        approve_as_operations(withdrawal=withdrawal, by=qian, at=NOW, content_hash=seen)


@pytest.mark.parametrize("change", ["payee", "name"])
def test_a_change_after_the_approval_restarts_the_review(
    lan: Member, qian: User, feng: User, change: str
) -> None:
    withdrawal = approved(lan, 300 * YUAN, qian, feng)

    if change == "payee":
        set_payee(member=lan, channel="wechat", account="openid-of-another", at=NOW)
    else:
        identify(member=lan, name="Lan Lan", at=NOW)

    withdrawal.refresh_from_db()
    assert (withdrawal.status, withdrawal.ops_reviewer, withdrawal.finance_reviewer) == (
        "requested", None, None,
    )  # fmt: skip
    assert cash(lan) == (70_000, 30_000, 0)


def test_a_changed_tax_restarts_the_review(lan: Member, qian: User, feng: User) -> None:
    withdrawal = asked(lan, 100_000)
    approve_as_operations(withdrawal=withdrawal, by=qian, at=NOW)
    change_policy(by=feng, at=NOW, regime="labor_per_payment")

    assert not approve_as_finance(withdrawal=withdrawal, by=feng, at=NOW)

    withdrawal.refresh_from_db()
    assert (withdrawal.status, withdrawal.tax, withdrawal.net) == ("requested", 4_000, 96_000)


def test_a_later_fee_increase_does_not_apply(
    withdrawal: Withdrawal, qian: User, feng: User
) -> None:
    change_policy(by=feng, at=NOW, fee=100)

    approve_as_operations(withdrawal=withdrawal, by=qian, at=NOW)
    approve_as_finance(withdrawal=withdrawal, by=feng, at=NOW)

    withdrawal.refresh_from_db()
    assert (withdrawal.status, withdrawal.fee, withdrawal.net) == ("finance_approved", 0, 30_000)


def test_above_the_threshold_two_finance_reviewers_are_needed(
    lan: Member, qian: User, feng: User
) -> None:
    change_policy(by=feng, at=NOON, second_finance_threshold=20_000)
    withdrawal = asked(lan, 20_000)
    approve_as_operations(withdrawal=withdrawal, by=qian, at=NOW)

    approve_as_finance(withdrawal=withdrawal, by=feng, at=NOW)
    assert withdrawal.status == "ops_approved"
    with pytest.raises(SelfApprovalForbidden):
        approve_as_finance(withdrawal=withdrawal, by=feng, at=NOW)
    approve_as_finance(withdrawal=withdrawal, by=finance(staff("Wei")), at=NOW)

    withdrawal.refresh_from_db()
    assert withdrawal.status == "finance_approved"


def test_a_rejection_with_a_reason_releases_the_money(
    withdrawal: Withdrawal, lan: Member, qian: User, rejection_reason: RejectionReason
) -> None:
    reject(withdrawal=withdrawal, by=qian, at=NOW, reason=rejection_reason, note="Call us")

    withdrawal.refresh_from_db()
    assert (withdrawal.status, withdrawal.rejection_reason, withdrawal.note) == (
        "rejected",
        rejection_reason,
        "Call us",
    )
    assert cash(lan) == (100_000, 0, 0)
    before = picture()
    for again in (
        lambda: reject(withdrawal=withdrawal, by=qian, at=NOW, reason=rejection_reason),
        lambda: approve_as_operations(withdrawal=withdrawal, by=qian, at=NOW),
        lambda: cancel(withdrawal=withdrawal, by=lan, at=NOW),
    ):
        with pytest.raises(WrongStatus):
            again()
    assert picture() == before


def test_a_frozen_distributor_is_not_approved(lan: Member, qian: User, feng: User) -> None:
    frozen = distributor(lan)
    withdrawal = asked(lan, 100)
    change_status(
        distributor=frozen, to=Distributor.Status.FROZEN, by=qian, at=NOON + DAY, reason="odd"
    )

    with pytest.raises(Blocked) as refusal:
        approve_as_operations(withdrawal=withdrawal, by=qian, at=NOW)
    assert refusal.value.data["blockers"] == ["frozen"]


def test_a_batch_returns_a_result_for_each_withdrawal(
    lan: Member, qian: User, chen: Member
) -> None:
    good = asked(lan, 100)
    own = asked(ready(chen, 1_000), 100)
    mine = may(qian, "review_as_operations")
    link(mine, chen)

    results = approve_many(withdrawals=[good, own], by=mine, at=NOW, finance=False)

    assert [type(result.error) for result in results] == [type(None), SelfApprovalForbidden]


@pytest.mark.parametrize(
    ("statement", "rule"),
    [
        ("SET status = 'paid', ended_at = now()", "withdrawal_status_transitions"),
        ("SET status = 'finance_approved'", "withdrawal_finance_review_required"),
        ("SET gross = gross + 1, net = net + 1", "append_only"),
        ("SET net = net + 1", "withdrawal_approved_immutable"),
        ("SET content_hash = 'x'", "withdrawal_approved_immutable"),
        ("SET content_hash = 'x', ops_content_hash = 'x'", "withdrawal_approved_immutable"),
        ("SET fee = 1, net = net - 1", "withdrawal_approved_immutable"),
        ("SET ops_reviewer_id = ops_reviewer_id + 1", "withdrawal_approved_immutable"),
        ("SET status = 'requested'", "withdrawal_requested_unreviewed"),
        ("SET ops_reviewer_member = member_id", "withdrawal_approved_immutable"),
        ("SET ops_reviewed_at = NULL", "withdrawal_approved_immutable"),
        ("SET status = 'rejected', ended_at = now()", "withdrawal_rejection_has_reason"),
        ("SET status = 'cancelled'", "withdrawal_ended_at_matches_status"),
    ],
)
def test_the_database_refuses(
    withdrawal: Withdrawal, qian: User, statement: str, rule: str
) -> None:
    approve_as_operations(withdrawal=withdrawal, by=qian, at=NOW)

    with pytest.raises(DatabaseError) as refusal, transaction.atomic():
        connection.cursor().execute(f"UPDATE withdrawals_withdrawal {statement}")

    assert violated_constraint(refusal.value).endswith(rule)
