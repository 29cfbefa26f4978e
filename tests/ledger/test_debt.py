from __future__ import annotations

from typing import Any

import pytest

from ledger import proof
from ledger.chart import Asset, Kind, Reason
from ledger.models import Transfer
from ledger.queries import balance as balance_of
from ledger.services import Source, account, platform_account, reclaim, reverse, transfer_many
from ledger.services.corrections import NotReversible
from ledger.services.errors import InsufficientFunds, KeyReused
from ledger.services.transfers import PostingResult
from members.models import Member
from tests.cast import NOON
from tests.ledger.money import SOURCE, balance, cash, earn, expense, move, picture, spend
from tests.ledger.test_transfer_many import credit, debit


def claw(member: Member, amount: int, key: str = "clawback:1") -> int:
    return reclaim(
        key=key,
        wallet=cash(member),
        credit=expense(),
        amount=amount,
        source=SOURCE,
        effective_at=NOON,
    )


def test_a_clawback_takes_the_wallet_balance_and_records_the_rest_as_debt(mei: Member) -> None:
    earn(mei, 500, "a")
    spend(mei, 400, "b")

    assert claw(mei, 300) == 200

    assert (balance(mei), balance(mei, Kind.OWED)) == (0, 200)
    assert Transfer.objects.get(key="clawback:1").amount == 100
    assert Transfer.objects.get(key="clawback:1:owed").amount == 200
    assert balance_of(expense()) == -500 + 300
    assert proof.differences() == []


def test_a_clawback_within_the_balance_leaves_no_debt(mei: Member) -> None:
    earn(mei, 500, "a")

    assert claw(mei, 500) == 0

    assert (balance(mei), balance(mei, Kind.OWED)) == (0, 0)
    assert not Transfer.objects.filter(key="clawback:1:owed").exists()


def test_a_repeated_clawback_changes_nothing_even_after_new_credits(mei: Member) -> None:
    earn(mei, 100, "a")
    claw(mei, 300)
    earn(mei, 1_000, "b")
    before = picture()

    assert claw(mei, 300) == 200

    assert picture() == before


def test_the_same_clawback_with_another_amount_is_refused(mei: Member) -> None:
    earn(mei, 100, "a")
    claw(mei, 300)
    before = picture()

    with pytest.raises(KeyReused):
        claw(mei, 301)

    assert picture() == before


@pytest.mark.parametrize(
    "other", [{"credit": Kind.SUSPENSE}, {"source": Source("test", "2")}], ids=["credit", "source"]
)
def test_the_same_clawback_for_another_purpose_is_refused(
    mei: Member, other: dict[str, Any]
) -> None:
    content = {"key": "clawback:1", "wallet": cash(mei), "amount": 300, "effective_at": NOON}
    earn(mei, 100, "a")
    claw(mei, 300)
    before = picture()

    with pytest.raises(KeyReused):
        reclaim(
            credit=platform_account(other.get("credit", Kind.COMMISSION_EXPENSE)),
            source=other.get("source", SOURCE),
            **content,
        )

    assert picture() == before


@pytest.mark.parametrize(("credited", "wallet", "owed"), [(150, 0, 50), (200, 0, 0), (260, 60, 0)])
def test_a_credit_recovers_the_debt(mei: Member, credited: int, wallet: int, owed: int) -> None:
    claw(mei, 200)

    earn(mei, credited, "commission:2:credit")

    assert (balance(mei), balance(mei, Kind.OWED)) == (wallet, owed)
    recovery = Transfer.objects.get(key="recover:commission:2:credit")
    assert recovery.amount == min(credited, 200)
    assert recovery.reason == Reason.RECOVERY
    assert Transfer.objects.get(key="commission:2:credit").amount == credited
    assert proof.differences() == []


def test_a_repeated_credit_recovers_once(mei: Member) -> None:
    claw(mei, 200)
    for _ in range(2):
        earn(mei, 150, "a")

    assert (balance(mei), balance(mei, Kind.OWED)) == (0, 50)
    assert Transfer.objects.filter(reason=Reason.RECOVERY).count() == 1


def test_the_credits_of_a_batch_recover_in_their_order(mei: Member, lan: Member) -> None:
    claw(mei, 200)
    batch = [credit(cash(mei), "a", 120), credit(cash(lan), "b", 70)]
    batch += [credit(cash(mei), "c", 130), credit(cash(mei), "d", 10)]

    assert transfer_many(batch).posted == 6

    recovered = dict(Transfer.objects.filter(reason=Reason.RECOVERY).values_list("key", "amount"))
    assert recovered == {"recover:a": 120, "recover:c": 80}
    assert (balance(mei), balance(mei, Kind.OWED), balance(lan)) == (60, 0, 70)
    assert proof.differences() == []


def test_a_batch_with_debts_and_credits_equals_single_postings(mei: Member) -> None:
    wallet, owed = cash(mei), cash(mei, Kind.OWED)
    batch = [credit(wallet, "a", 50), debit(owed, "b", 80), credit(wallet, "c", 100)]
    batch += [debit(wallet, "d", 60), credit(wallet, "e", 5)]

    assert transfer_many(batch).posted == 6

    assert Transfer.objects.get(key="recover:c").amount == 80
    assert (balance(mei), balance(mei, Kind.OWED)) == (15, 0)
    assert proof.differences() == []


def test_every_asset_has_its_own_debt(mei: Member) -> None:
    points, issued = account(mei, Asset.POINTS), platform_account(Kind.ISSUED, Asset.POINTS)
    reclaim(key="c", wallet=points, credit=issued, amount=9, source=SOURCE, effective_at=NOON)

    earn(mei, 100, "a")
    move("b", issued, points, 5)

    assert balance(mei) == 100
    assert balance_of(account(mei, Asset.POINTS, Kind.OWED)) == 4
    assert balance_of(points) == 0


def test_a_transfer_is_reversed_once(mei: Member) -> None:
    earned = earn(mei, 500, "a")

    first = reverse(original=earned, source=SOURCE, effective_at=NOON)
    again = reverse(original=earned, source=SOURCE, effective_at=NOON)

    assert again.pk == first.pk
    assert first.key == "reverse:a"
    assert first.reverses_id == earned.pk
    assert (balance(mei), balance_of(expense())) == (0, 0)
    assert proof.differences() == []


def test_a_reversal_for_another_source_is_refused(mei: Member) -> None:
    earned = earn(mei, 500, "a")
    reverse(original=earned, source=SOURCE, effective_at=NOON)

    with pytest.raises(KeyReused):
        reverse(original=earned, source=Source("test", "other"), effective_at=NOON)


def test_spent_money_cannot_be_reversed(mei: Member) -> None:
    earned = earn(mei, 500, "a")
    spend(mei, 1, "b")
    before = picture()

    with pytest.raises(InsufficientFunds):
        reverse(original=earned, source=SOURCE, effective_at=NOON)

    assert picture() == before


def test_a_reversal_cannot_be_reversed(mei: Member) -> None:
    reversal = reverse(original=earn(mei, 500, "a"), source=SOURCE, effective_at=NOON)

    with pytest.raises(NotReversible):
        reverse(original=reversal, source=SOURCE, effective_at=NOON)


def test_a_reversed_recovery_is_not_repeated(mei: Member) -> None:
    claw(mei, 200)
    earn(mei, 150, "a")

    reverse(original=Transfer.objects.get(key="recover:a"), source=SOURCE, effective_at=NOON)

    assert (balance(mei), balance(mei, Kind.OWED)) == (150, 200)
    assert proof.differences() == []


def test_a_credit_recovers_from_the_whole_wallet_balance(mei: Member) -> None:
    claw(mei, 200)
    earn(mei, 150, "a")
    reverse(original=Transfer.objects.get(key="recover:a"), source=SOURCE, effective_at=NOON)

    earn(mei, 60, "b")

    assert Transfer.objects.get(key="recover:b").amount == 200
    assert (balance(mei), balance(mei, Kind.OWED)) == (10, 0)
    assert proof.differences() == []


@pytest.mark.parametrize("keys", ["aab", "aba", "abab"])
def test_duplicate_credits_of_a_wallet_in_debt_recover_once(mei: Member, keys: str) -> None:
    claw(mei, 200)

    result = transfer_many([credit(cash(mei), key) for key in keys])

    assert result == PostingResult(posted=4, repeated=len(keys) - 2)
    assert (balance(mei), balance(mei, Kind.OWED)) == (0, 0)
    assert proof.differences() == []


def test_a_duplicate_credit_does_not_reduce_the_debt_again(mei: Member) -> None:
    claw(mei, 150)

    transfer_many([credit(cash(mei), "a"), credit(cash(mei), "a")])

    assert (balance(mei), balance(mei, Kind.OWED)) == (0, 50)
    assert proof.differences() == []
