"""Limits of keys and amounts, and sources of a batch."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ledger.chart import Reason
from ledger.models import MAX_AMOUNT, MAX_KEY_LENGTH, Account, Transfer
from ledger.services import Posting, reclaim, reverse, transfer_many
from ledger.services.errors import PostingRejected
from ledger.services.transfers import PostingResult
from members.models import Member
from tests.cast import NOON
from tests.ledger.money import SOURCE, balance, cash, earn, expense, move, picture

LONG = "k" * MAX_KEY_LENGTH


def test_the_longest_key_leaves_room_for_its_recovery_and_its_reversal(mei: Member) -> None:
    reclaim(
        key="debt", wallet=cash(mei), credit=expense(), amount=30, source=SOURCE, effective_at=NOON
    )
    earned = earn(mei, 100, LONG)
    assert balance(mei) == 70
    spent = Transfer.objects.get(key=f"recover:{LONG}")
    reverse(original=spent, source=SOURCE, effective_at=NOON)
    reverse(original=earned, source=SOURCE, effective_at=NOON)
    assert balance(mei) == 0


@pytest.mark.parametrize(
    ("key", "amount", "rule"),
    [
        (LONG + "k", 1, "transfer_key_length"),
        ("a", MAX_AMOUNT + 1, "transfer_amount_max"),
    ],
)
def test_a_posting_beyond_the_limits_is_rejected(
    mei: Member, key: str, amount: int, rule: str
) -> None:
    wallet, before = cash(mei), picture()
    with pytest.raises(PostingRejected) as refused:
        move(key, expense(), wallet, amount)
    assert refused.value.data["rule"] == rule
    assert picture() == before


@pytest.mark.slow
def test_a_source_of_postings_must_not_post_itself(mei: Member, lan: Member) -> None:
    wallet, other = cash(mei), cash(lan)

    def postings() -> Iterator[Posting]:
        for number in range(5_002):
            if number == 5_001:
                move("inner", expense(), other, 1)
            yield Posting(
                f"p{number}",
                expense().pk,
                wallet.pk,
                1,
                Reason.COMMISSION,
                *SOURCE,
                NOON,
            )

    before = picture()
    with pytest.raises(RuntimeError, match="must not post itself"):
        transfer_many(postings())
    assert picture() == before


@pytest.mark.django_db
def test_an_empty_query_posts_nothing() -> None:
    assert transfer_many(Account.objects.none().values_list("pk")) == PostingResult(0, 0)
    assert transfer_many([]) == PostingResult(0, 0)
