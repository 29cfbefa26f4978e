"""A refund comes while the prizes of a close are counted; the terms take back after the close."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from incentives.models import AwardPosting, PeriodClosing
from incentives.services import closing as closing_module
from incentives.services.closing import count_closing
from ledger.proof import differences
from tests.cast import member
from tests.concurrency import run_during_transaction
from tests.incentives.contests.stage import (
    CLOSES,
    WEEK_START,
    close,
    contest,
    count_and_crash,
    open_stage,
    prize,
    release,
    sell,
    winners,
)
from tests.incentives.contests.test_closing import refund_of_lan
from tests.shop import DAY, wallet_balance

LATER = CLOSES + DAY


def sealed(**terms: Any) -> PeriodClosing:
    """Return the close of a week with two prizes, for Lan and Chen; they are not counted yet.

    With half of the sales Lan would be the third.
    """
    open_stage()
    version = contest(prize(10_000, 1), prize(8_000, 2), takes_back_after_close=True, **terms)
    sell("Lan", 100_000, 100_000)
    sell("Chen", 100_000, 50_000)
    sell("Mei", 100_000, 20_000)
    release()
    return PeriodClosing.objects.create(
        incentive=version.incentive, period_start=WEEK_START, closed_at=CLOSES, status="counting"
    )


def count_beside_refund(closing: PeriodClosing) -> None:
    """Read the places before a refund of half of Lan's sales commits, and set the prizes after."""
    ends = run_during_transaction(
        partial(refund_of_lan, LATER), partial(count_closing, closing=closing, at=LATER)
    )
    assert ends == [None, None]


def test_a_refund_while_the_prizes_are_counted_takes_them_back(committed: str) -> None:
    count_beside_refund(sealed())
    close(LATER)

    assert winners() == [
        ("Lan", 1, 0, 0, "taken_back"), ("Chen", 2, 8_000, 8_000, "granted"),
    ]  # fmt: skip
    assert wallet_balance(member("Lan")) == 0
    assert differences() == []


def test_control_without_the_second_look_the_refund_is_lost(
    committed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(closing_module, "lowered_prizes", lambda _places: [])

    count_beside_refund(sealed())
    close(LATER)

    assert winners()[0] == ("Lan", 1, 10_000, 10_000, "granted")


def test_a_prize_that_was_taken_back_is_not_given_before_it_is_confirmed(committed: str) -> None:
    closing = sealed(confirm_above=1)
    count_and_crash(closing)

    count_beside_refund(closing)

    closing.refresh_from_db()
    assert (closing.status, closing.awards, closing.amount) == ("waiting", 1, 8_000)
    assert winners() == [
        ("Lan", 1, 0, 0, "taken_back"), ("Chen", 2, 8_000, 0, "waiting"),
    ]  # fmt: skip
    assert not AwardPosting.objects.exists()


def test_control_without_the_second_look_what_was_taken_back_is_due_again(
    committed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    closing = sealed(confirm_above=1)
    count_and_crash(closing)
    monkeypatch.setattr(closing_module, "lowered_prizes", lambda _places: [])

    count_beside_refund(closing)

    assert winners()[0] == ("Lan", 1, 10_000, 0, "waiting")
