from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db.models import BigIntegerField, CharField, DateTimeField, F, Value
from django.db.models.functions import Cast, Concat

from ledger import proof
from ledger.chart import Kind, Reason
from ledger.models import Account, Transfer
from ledger.services import Posting, transfer_many
from ledger.services.errors import InsufficientFunds, KeyReused, PostingRejected
from ledger.services.transfers import PostingResult
from members.models import Member
from tests.cast import NOON
from tests.ledger.money import balance, cash, earn, expense, picture


def credit(to: Account, key: str, amount: int = 100) -> Posting:
    return Posting(key, expense().pk, to.pk, amount, Reason.COMMISSION, "test", key, NOON)


def debit(of: Account, key: str, amount: int = 100) -> Posting:
    return Posting(key, of.pk, expense().pk, amount, Reason.ADJUSTMENT, "test", key, NOON)


def test_a_batch_runs_in_its_order_with_unbroken_running_balances(mei: Member, lan: Member) -> None:
    result = transfer_many(
        [
            credit(cash(mei), "a", 300),
            credit(cash(lan), "b", 50),
            debit(cash(mei), "c", 120),
            Posting("d", cash(mei).pk, cash(mei, Kind.HELD).pk, 80, Reason.HOLD, "t", "1", NOON),
        ]
    )

    assert result == PostingResult(posted=4, repeated=0)
    assert (balance(mei), balance(mei, Kind.HELD), balance(lan)) == (100, 80, 50)
    assert list(Transfer.objects.order_by("pk").values_list("key", flat=True)) == list("abcd")
    assert Transfer.objects.get(key="c").debit_balance_after == 180
    assert proof.differences() == []


def test_keys_posted_before_are_dropped_and_the_rest_is_posted(mei: Member) -> None:
    transfer_many([credit(cash(mei), "a"), credit(cash(mei), "b")])

    result = transfer_many([credit(cash(mei), key) for key in "abc"])

    assert result == PostingResult(posted=1, repeated=2)
    assert balance(mei) == 300
    assert proof.differences() == []


def test_duplicates_within_a_batch_are_posted_once(mei: Member) -> None:
    result = transfer_many([credit(cash(mei), key) for key in "aba"])

    assert result == PostingResult(posted=2, repeated=1)
    assert balance(mei) == 200


def test_duplicate_debits_take_the_money_once(mei: Member) -> None:
    earn(mei, 100, "in")

    result = transfer_many([debit(cash(mei), "a"), debit(cash(mei), "a")])

    assert result == PostingResult(posted=1, repeated=1)
    assert balance(mei) == 0
    assert proof.differences() == []


@pytest.mark.parametrize("first", ["before", "within"])
def test_one_key_with_other_content_refuses_the_whole_batch(mei: Member, first: str) -> None:
    wallet = cash(mei)
    batch = [credit(wallet, "b"), credit(wallet, "a", 101)]
    if first == "before":
        transfer_many([credit(wallet, "a")])
    else:
        batch.append(credit(wallet, "a"))
    before = picture()

    with pytest.raises(KeyReused) as refused:
        transfer_many(batch)

    assert refused.value.data == {"key": "a"}
    assert picture() == before


def test_a_batch_that_overdraws_in_between_is_rejected(mei: Member) -> None:
    wallet = cash(mei)
    before = picture()

    with pytest.raises(InsufficientFunds) as refused:
        transfer_many([credit(wallet, "a", 50), debit(wallet, "b", 80), credit(wallet, "c", 90)])

    assert refused.value.data == {"key": "b", "account": wallet.pk, "short_by": 30}
    assert picture() == before


def test_a_posting_to_a_missing_account_rejects_the_whole_batch(mei: Member) -> None:
    wallet = cash(mei)
    before = picture()
    lost = Posting("b", expense().pk, 10**12, 5, Reason.COMMISSION, "t", "1", NOON)

    with pytest.raises(PostingRejected):
        transfer_many([credit(wallet, "a"), lost])

    assert picture() == before


def test_an_empty_batch_posts_nothing(db: None) -> None:
    assert transfer_many([]) == PostingResult(posted=0, repeated=0)


def test_any_iterable_is_accepted_and_text_is_unchanged(mei: Member) -> None:
    wallet = cash(mei)
    names = ['quote"d', "comma, here", "line\nbreak", "中文", "back\\slash", "\\N", "NULL"]

    def rows() -> Iterator[Posting]:
        for name in names:
            yield credit(wallet, name)

    assert transfer_many(rows()).posted == len(names)
    assert set(Transfer.objects.values_list("key", flat=True)) == set(names)
    assert set(Transfer.objects.values_list("source_id", flat=True)) == set(names)


def test_a_queryset_is_posted_within_the_database(mei: Member, lan: Member) -> None:
    for member in (mei, lan):
        earn(member, 500, f"earned:{member.nickname}")
    held = Account.objects.filter(
        kind=Kind.HELD, member__accounts__kind=Kind.WALLET, member__accounts__asset="cash"
    )
    rows = held.values_list(
        Concat(Value("hold:"), Cast("pk", CharField())),
        F("member__accounts__pk"),
        F("pk"),
        F("member__accounts__balance") - 100,
        Value("hold"),
        Value("test"),
        Cast("pk", CharField()),
        Value(NOON, DateTimeField()),
        Value(None, BigIntegerField()),
    )

    assert transfer_many(rows).posted == 2
    assert (balance(mei), balance(mei, Kind.HELD)) == (100, 400)
    assert proof.differences() == []


@pytest.mark.slow
def test_a_batch_larger_than_one_copy_is_posted_to_its_last_row(mei: Member) -> None:
    wallet = cash(mei)

    result = transfer_many(credit(wallet, str(number), 1) for number in range(5_001))

    assert result == PostingResult(posted=5_001, repeated=0)
    assert balance(mei) == 5_001
    assert Transfer.objects.get(key="5000").credit_balance_after == 5_001
