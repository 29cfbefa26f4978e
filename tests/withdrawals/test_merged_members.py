"""Lan was paid, and goes on as Lin: limits and taxes of the year count what both received."""

from __future__ import annotations

import pytest

from integration.merges import merge_members, propose_merge
from members.models import Member, User
from tests.api.phone import Phone
from tests.cast import give, member, staff
from tests.withdrawals.factories import NOW, SOON, YUAN, attempted, cash, earned, ready
from withdrawals.errors import BlockerCode
from withdrawals.gateways.sandbox import SandboxGateway
from withdrawals.models import Payee, Policy, TaxYear, Withdrawal
from withdrawals.services import process_due_attempts, quote
from withdrawals.tax.withholding import income_in_month, income_of, lock_year

AMOUNT = 300 * YUAN


@pytest.fixture
def lin(lan: Member, sandbox: SandboxGateway, qian: User, feng: User) -> Member:
    """Return the survivor; Lan has been paid 300 yuan before the merge."""
    attempted(lan, AMOUNT, qian, feng)
    for at in (NOW, NOW + SOON):
        process_due_attempts(at=at)
    assert Withdrawal.objects.get().status == "paid"
    survivor = ready(member("Lin"))
    earned(survivor, 500 * YUAN)
    proposal = propose_merge(
        merged=lan, survivor=survivor, reason="same phone", at=NOW + SOON,
        by=give(staff("Zhu"), "propose_merge"),
    )  # fmt: skip
    merge_members(proposal=proposal, by=give(staff("Wu"), "decide_merge"), at=NOW + SOON)
    return survivor


def test_the_money_is_the_survivors(lan: Member, lin: Member) -> None:
    assert (cash(lan), cash(lin)) == ((0, 0, 0), (1_200 * YUAN, 0, 0))


def test_income_of_both_counts_for_tax_under_both_locks(lan: Member, lin: Member) -> None:
    assert income_in_month(lin, NOW) == AMOUNT
    before = income_of(member=lin, amount=100, policy=Policy.current(), at=NOW).income_before
    lock_year(lin, NOW)

    assert before == AMOUNT
    assert set(TaxYear.objects.values_list("member", flat=True)) == {lan.pk, lin.pk}


def test_limits_count_what_both_requested(lan: Member, lin: Member) -> None:
    Policy.objects.update(max_per_day=AMOUNT + 100 * YUAN)
    for who in (lin, lan):  # the old id leads to the survivor
        at_limit = quote(member=who, amount=100 * YUAN, at=NOW + SOON)
        above = quote(member=who, amount=100 * YUAN + 1, at=NOW + SOON)
        assert BlockerCode.ABOVE_DAILY not in {row.code for row in at_limit.blockers}
        assert BlockerCode.ABOVE_DAILY in {row.code for row in above.blockers}


@pytest.mark.parametrize("channel", ["wechat", "store_credit"])
def test_the_survivor_reads_their_own_payee(lan: Member, lin: Member, channel: str) -> None:
    for number, who in enumerate((lan, lin)):
        Payee.objects.get_or_create(
            member=who, channel=channel, retired_at=None,
            defaults={"account_fingerprint": str(number), "since": NOW},
        )  # fmt: skip

    answer = Phone(lin).get(f"/me/payees/{channel}")

    assert answer.status_code == 200
    own = Payee.objects.get(member=lin, channel=channel)
    assert answer.json()["account"] == own.account_mask


def test_the_survivor_sees_the_withdrawals_of_both(lan: Member, lin: Member) -> None:
    user = User.objects.create_user("lin", member=lin)
    assert list(Withdrawal.objects.visible_to(user)) == [Withdrawal.objects.get(member=lan)]
