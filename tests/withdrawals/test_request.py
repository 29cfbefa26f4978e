"""A request holds its money immediately and once."""

from __future__ import annotations

from datetime import timedelta

import pytest

from distribution.models import Distributor
from distribution.services import change_status
from members.models import Member, User
from tests.cast import NOON, member
from tests.shop import distributor
from tests.withdrawals.factories import DAY, NOW, YUAN, asked, cash, earned, owe, picture, ready
from withdrawals.errors import (
    Blocked,
    InvalidIdempotencyKey,
    WithdrawalKeyReused,
    WithdrawalNotFound,
)
from withdrawals.models import Withdrawal
from withdrawals.services import cancel, change_policy, quote, request_withdrawal

pytestmark = pytest.mark.django_db


def codes(who: Member, amount: int) -> list[str]:
    return [blocker.code for blocker in quote(member=who, amount=amount, at=NOW).blockers]


def test_a_request_holds_its_money(lan: Member) -> None:
    withdrawal = asked(lan, 300 * YUAN)

    assert withdrawal.status == Withdrawal.Status.REQUESTED
    assert (withdrawal.gross, withdrawal.fee, withdrawal.tax, withdrawal.net) == (
        30_000,
        0,
        0,
        30_000,
    )
    assert cash(lan) == (70_000, 30_000, 0)


def test_a_key_is_idempotent(lan: Member) -> None:
    first = asked(lan, 300 * YUAN)
    before = picture()

    assert asked(lan, 300 * YUAN) == first
    with pytest.raises(WithdrawalKeyReused):
        asked(lan, 200 * YUAN)
    assert picture() == before


def test_a_quote_shows_fee_tax_and_net_before_the_request(lan: Member, qian: User) -> None:
    change_policy(by=qian, at=NOON, fee=60, regime="labor_per_payment")

    price = quote(member=lan, amount=1_000 * YUAN, at=NOW).price

    assert (price.fee, price.tax, price.net) == (600, 4_000, 95_400)
    assert cash(lan) == (100_000, 0, 0)


@pytest.mark.parametrize(
    ("amount", "code"),
    [
        (0, "amount_not_positive"),
        (-1, "amount_not_positive"),
        (99, "below_minimum"),
        (100_001, "balance_too_low"),
    ],
)
def test_an_invalid_amount_is_refused(lan: Member, amount: int, code: str) -> None:
    before = picture()

    with pytest.raises(Blocked) as refusal:
        asked(lan, amount)

    assert (refusal.value.code, refusal.value.data["blockers"][0]) == ("blocked", code)
    assert picture() == before


def test_limits_apply_per_request_day_and_month(lan: Member, qian: User) -> None:
    change_policy(by=qian, at=NOON, max_amount=50_000, max_per_day=60_000, max_per_month=70_000)

    assert codes(lan, 50_001) == ["above_maximum"]
    assert codes(lan, 70_001) == ["above_maximum", "above_daily", "above_monthly"]


def test_credits_of_today_wait_for_tomorrow(lan: Member) -> None:
    earned(lan, 500, at=NOW)

    assert quote(member=lan, amount=100, at=NOW).withdrawable == 100_000
    assert quote(member=lan, amount=100, at=NOW + DAY).withdrawable == 100_500


def test_midnight_is_in_shanghai(lan: Member) -> None:
    late = NOW.replace(hour=15, minute=59)  # 23:59 in Shanghai
    earned(lan, 500, at=late)

    assert quote(member=lan, amount=100, at=late).withdrawable == 100_000
    assert quote(member=lan, amount=100, at=late + timedelta(minutes=1)).withdrawable == 100_500


def test_one_withdrawal_is_open_at_a_time(lan: Member) -> None:
    asked(lan, 100)

    assert codes(lan, 100) == ["already_open"]


def test_without_identity_or_payee_nothing_can_be_requested(chen: Member) -> None:
    earned(chen, 10_000)

    assert codes(chen, 1_000) == ["real_name_needed", "payee_needed"]


def test_the_id_number_is_needed_from_the_threshold_of_a_month(chen: Member) -> None:
    ready(chen, 200_000)
    chen.person.id_number_encrypted = ""
    chen.person.save()

    assert codes(chen, 79_999) == []
    assert codes(chen, 80_000) == ["id_number_needed"]


def test_a_member_in_debt_cannot_request(lan: Member) -> None:
    owe(lan, 100_001)

    assert codes(lan, 100)[0] == "in_debt"
    assert quote(member=lan, amount=100, at=NOW).withdrawable == 0


def test_a_frozen_distributor_cannot_request(lan: Member, qian: User) -> None:
    frozen = distributor(lan)
    change_status(
        distributor=frozen, to=Distributor.Status.FROZEN, by=qian, at=NOON + DAY, reason="looks odd"
    )

    assert codes(lan, 100) == ["frozen"]


def test_a_net_below_the_minimum_is_refused(lan: Member, qian: User) -> None:
    change_policy(by=qian, at=NOON, fee=9_950)

    assert codes(lan, 100) == ["net_too_small"]


def test_a_key_is_needed(lan: Member) -> None:
    for key in ("", "x" * 65):
        with pytest.raises(InvalidIdempotencyKey):
            request_withdrawal(member=lan, amount=100, key=key, at=NOW)


def test_a_member_cancels_their_request(lan: Member) -> None:
    withdrawal = asked(lan, 100)

    cancel(withdrawal=withdrawal, by=lan, at=NOW)

    withdrawal.refresh_from_db()
    assert (withdrawal.status, withdrawal.end_reason, cash(lan)) == (
        "cancelled",
        "member",
        (100_000, 0, 0),
    )


def test_nobody_cancels_for_another_member(lan: Member, chen: Member) -> None:
    withdrawal = asked(lan, 100)
    before = picture()

    with pytest.raises(WithdrawalNotFound):
        cancel(withdrawal=withdrawal, by=chen, at=NOW)

    assert picture() == before


def test_a_real_name_is_needed_for_a_request(db: None) -> None:
    with pytest.raises(Blocked):
        asked(member("Nobody"), 100)
