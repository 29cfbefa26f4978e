from __future__ import annotations

from datetime import timedelta

import pytest

from ledger import proof
from ledger.chart import Asset, Kind, Reason
from ledger.models import Transfer
from ledger.queries import balance as balance_of
from ledger.services import Source, account, platform_account
from ledger.services.errors import InsufficientFunds, KeyReused, PostingRejected
from members.models import Member
from tests.cast import NOON
from tests.ledger.money import balance, cash, earn, expense, move, picture, spend


def test_money_leaves_one_account_and_reaches_the_other(mei: Member) -> None:
    earn(mei, 1_099, "commission:1:credit")
    held = move("withdrawal:1:hold", cash(mei), cash(mei, Kind.HELD), 1_000, reason=Reason.HOLD)

    assert balance(mei) == 99
    assert balance(mei, Kind.HELD) == 1_000
    assert (held.debit_balance_after, held.credit_balance_after) == (99, 1_000)
    assert balance_of(expense()) == -1_099
    assert proof.differences() == []


def test_the_balance_of_a_platform_account_is_the_sum_of_its_transfers(mei: Member) -> None:
    posted = earn(mei, 500, "a")

    assert posted.debit_balance_after is None
    assert expense().balance is None
    assert balance_of(expense()) == -500


def test_a_repeated_key_returns_the_first_transfer(mei: Member) -> None:
    first = earn(mei, 500, "a")
    later = move("a", expense(), cash(mei), 500, effective_at=NOON + timedelta(days=3))

    assert later.pk == first.pk
    assert later.effective_at == NOON
    assert balance(mei) == 500


@pytest.mark.parametrize(
    "other",
    [
        {"amount": 501},
        {"reason": Reason.ADJUSTMENT},
        {"source": Source("test", "2")},
        {"source": Source("other", "1")},
    ],
)
def test_the_same_key_with_other_content_is_refused(mei: Member, other: dict[str, object]) -> None:
    earn(mei, 500, "a")
    before = picture()

    with pytest.raises(KeyReused) as refused:
        move("a", expense(), cash(mei), **{"amount": 500, **other})

    assert refused.value.data == {"key": "a"}
    assert picture() == before


def test_the_same_key_for_another_account_is_refused(mei: Member, lan: Member) -> None:
    earn(mei, 500, "a")
    lans = cash(lan)
    before = picture()

    with pytest.raises(KeyReused):
        move("a", expense(), lans, 500)

    assert picture() == before


def test_an_overdraft_is_rejected(mei: Member) -> None:
    earn(mei, 500, "a")
    before = picture()

    with pytest.raises(InsufficientFunds) as refused:
        spend(mei, 501, "b")

    assert refused.value.data == {"key": "b", "account": cash(mei).pk, "short_by": 1}
    assert refused.value.status == 409
    assert picture() == before


@pytest.mark.parametrize("amount", [0, -1])
def test_an_amount_is_positive(mei: Member, amount: int) -> None:
    wallet = cash(mei)
    before = picture()

    with pytest.raises(PostingRejected) as refused:
        move("a", expense(), wallet, amount)

    assert refused.value.data == {"rule": "transfer_amount_positive"}
    assert picture() == before


def test_assets_never_mix(mei: Member) -> None:
    earn(mei, 500, "a")
    points = account(mei, Asset.POINTS)
    before = picture()

    with pytest.raises(PostingRejected) as refused:
        move("b", cash(mei), points, 100)

    assert refused.value.data == {"rule": "transfer_accounts_valid"}
    assert picture() == before


def test_a_transfer_to_the_same_account_is_rejected(mei: Member) -> None:
    earn(mei, 500, "a")
    before = picture()

    with pytest.raises(PostingRejected):
        move("b", cash(mei), cash(mei), 100)

    assert picture() == before


def test_an_account_that_does_not_exist_is_refused(mei: Member) -> None:
    nobody = cash(mei)
    nobody.pk = 10**12
    before = picture()

    with pytest.raises(PostingRejected):
        move("a", expense(), nobody, 100)
    with pytest.raises(PostingRejected):
        move("a", nobody, expense(), 100)

    assert picture() == before


def test_an_empty_key_and_the_recovery_prefix_are_rejected(mei: Member) -> None:
    wallet = cash(mei)
    for key in ("", "recover:a"):
        with pytest.raises(PostingRejected):
            move(key, expense(), wallet, 100)
    assert not Transfer.objects.exists()


def test_assets_have_wallets_of_their_own(mei: Member) -> None:
    earn(mei, 500, "a")
    move("b", platform_account(Kind.ISSUED, Asset.POINTS), account(mei, Asset.POINTS), 7)

    assert balance(mei) == 500
    assert balance_of(account(mei, Asset.POINTS)) == 7
    assert proof.differences() == []
