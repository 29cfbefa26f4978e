"""Members spend store credit and points in the shop, and get them back."""

from __future__ import annotations

import pytest

from ledger.chart import Asset, Kind, Reason
from ledger.models import Transfer
from ledger.proof import differences
from ledger.queries import balance
from ledger.services import (
    Source,
    account,
    commission_payer,
    platform_account,
    spend,
    transfer,
    unspend,
)
from ledger.services.errors import InsufficientFunds, KeyReused
from ledger.services.spending import SPENDABLE, SpendUnknown, UnspendExceedsSpent
from members.models import Member
from tests.cast import NOON, member
from tests.integration.test_merges import merge
from tests.shop import DAY, wallet_balance

pytestmark = pytest.mark.django_db


@pytest.fixture
def lan(db: None) -> Member:
    return give(member("Lan"), 1_000)


def give(who: Member, amount: int, asset: Asset = Asset.STORE_CREDIT) -> Member:
    transfer(
        key=f"gift:{who.public_id}:{asset}", debit=commission_payer(asset),
        credit=account(who, asset), amount=amount, reason=Reason.ADJUSTMENT,
        source=Source("test", "1"), effective_at=NOON,
    )  # fmt: skip
    return who


def buy(who: Member, amount: int = 300, *, key: str = "p1", order: str = "O-1") -> Transfer:
    return spend(key=key, member=who, asset=Asset.STORE_CREDIT, amount=amount, order=order, at=NOON)


def give_back(amount: int, *, key: str = "r1", of: str = "p1") -> Transfer:
    return unspend(key=key, asset=Asset.STORE_CREDIT, of=of, amount=amount, at=NOON + DAY)


def credit(who: Member) -> int:
    return wallet_balance(who, Asset.STORE_CREDIT)


def test_what_is_spent_is_the_shops(lan: Member) -> None:
    row = buy(lan)

    assert (credit(lan), row.debit_balance_after) == (700, 700)
    assert balance(platform_account(Kind.SALES, Asset.STORE_CREDIT)) == 300
    assert (row.key, row.reason, row.source_id) == ("spend:p1", "spending", "O-1")


@pytest.mark.parametrize("asset", SPENDABLE)
def test_store_credit_and_points_are_spent(asset: Asset) -> None:
    lan = give(member("Lan"), 500, asset)

    spend(key="p1", member=lan, asset=asset, amount=500, order="O-1", at=NOON)
    unspend(key="r1", asset=asset, of="p1", amount=500, at=NOON)

    assert wallet_balance(lan, asset) == 500
    assert differences() == []


def test_a_repeated_key_spends_once(lan: Member) -> None:
    first = buy(lan)

    assert buy(lan) == first
    assert credit(lan) == 700


def test_a_key_with_other_content_is_refused(lan: Member) -> None:
    buy(lan)
    bo = give(member("Bo"), 1_000)

    for again in (
        lambda: buy(lan, 301),
        lambda: buy(lan, order="O-2"),
        lambda: buy(bo),
        lambda: spend(key="p1", member=lan, asset=Asset.POINTS, amount=300, order="O-1", at=NOON),
    ):
        with pytest.raises(KeyReused):
            again()
    assert (credit(lan), credit(bo)) == (700, 1_000)


def test_nobody_spends_more_than_they_have(lan: Member) -> None:
    with pytest.raises(InsufficientFunds):
        buy(lan, 1_001)
    assert credit(lan) == 1_000


def test_no_more_is_given_back_than_was_spent(lan: Member) -> None:
    buy(lan)
    give_back(100, key="r1")
    assert give_back(100, key="r1").amount == 100

    with pytest.raises(UnspendExceedsSpent) as refused:
        give_back(201, key="r2")
    assert refused.value.data == {"spend": "p1", "left": 200, "amount": 201}
    give_back(200, key="r2")
    with pytest.raises(UnspendExceedsSpent):
        give_back(1, key="r3")
    assert credit(lan) == 1_000
    assert balance(platform_account(Kind.SALES, Asset.STORE_CREDIT)) == 0


def test_a_key_of_a_return_with_other_content_is_refused(lan: Member) -> None:
    buy(lan)
    buy(lan, key="p2")
    give_back(100)

    with pytest.raises(KeyReused):
        give_back(101)
    with pytest.raises(KeyReused):
        give_back(100, of="p2")
    assert credit(lan) == 500


def test_only_what_was_spent_is_given_back(lan: Member) -> None:
    buy(lan)

    with pytest.raises(SpendUnknown):
        give_back(100, of="p9")
    with pytest.raises(SpendUnknown):
        unspend(key="r1", asset=Asset.POINTS, of="p1", amount=100, at=NOON)
    assert credit(lan) == 700


def test_after_a_merge_the_survivor_gets_the_rest(lan: Member) -> None:
    buy(lan)
    give_back(100, key="r1")
    lin = member("Lin")
    merge(lan, lin)

    assert buy(lan).key == "spend:p1"
    with pytest.raises(UnspendExceedsSpent):
        give_back(201, key="r2")
    give_back(200, key="r2")

    assert (credit(lan), credit(lin)) == (0, 1_000)
