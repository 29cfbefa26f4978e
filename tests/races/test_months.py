"""A posting that is on its way while its month is closed is in it, or in the next one."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest
from django.db import connection

from ledger import chain
from ledger.models import Period
from ledger.services import posting, seal, sign, transfers
from members.models import Member, User
from tests.cast import NOON, staff
from tests.closing.books import DECEMBER, NOVEMBER
from tests.ledger.money import earn
from tests.threads import at_once, while_open

FIRST_MOMENT = DECEMBER - timedelta(days=2, hours=10)


@pytest.fixture
def fang(mei: Member) -> User:
    """The second to sign; Feng has signed."""
    earn(mei, 500, "first")
    sign(month=NOVEMBER, by=staff("Feng"), at=DECEMBER)
    return staff("Fang")


def close(fang: User) -> Period:
    """With the seal in the same transaction, so that it sees no more than the close itself."""
    return seal(period=sign(month=NOVEMBER, by=fang, at=DECEMBER), at=DECEMBER)


def test_the_close_waits_for_a_posting_that_is_on_its_way(mei: Member, fang: User) -> None:
    posted, period = while_open(partial(earn, mei, 100, "open"), partial(close, fang))

    assert posted.effective_at == NOON
    assert period.transfers == 2
    assert chain.first_break() is None


def test_a_posting_that_comes_while_it_is_closed_counts_in_the_next_month(
    mei: Member, fang: User
) -> None:
    period, posted = while_open(partial(close, fang), partial(earn, mei, 100, "late"))

    assert period.transfers == 1
    assert (posted.effective_at, posted.occurred_at) == (FIRST_MOMENT, NOON)
    assert chain.first_break() is None


def test_control_without_the_lock_a_posting_slips_into_the_sealed_month(
    mei: Member, fang: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transfers.sql, "SHARE_PERIOD", "SELECT 1")
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE ledger_transfer DISABLE TRIGGER in_open_period")

    posted, period = while_open(partial(earn, mei, 100, "open"), partial(close, fang))

    assert (posted.effective_at, period.transfers) == (NOON, 1)
    broken = chain.first_break()
    assert broken
    assert broken.found.transfers == 2


def test_whoever_holds_an_account_and_comes_later_does_not_wait_in_a_circle(
    mei: Member, fang: User
) -> None:
    """Accounts are often locked before anything is posted: see ``lock_cash``."""
    told = at_once(
        *(partial(earn, mei, 100, f"k-{n}") for n in range(8)),
        partial(close, fang),
        *(partial(earn, mei, 100, f"l-{n}") for n in range(8)),
    )

    assert [one for one in told if isinstance(one, Exception)] == []
    assert posting.SHARE_PERIOD
    assert chain.first_break() is None
