"""One incentive gives cash to distributors, and store credit to other members; both read theirs."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from incentives.models import Policy, Version
from ledger.chart import Asset
from members.models import Member
from tests.api.phone import Phone
from tests.cast import member
from tests.incentives.offers import reward
from tests.incentives.present import OPENED, completed, friends, now, open_shop, put
from tests.shop import distributor, make_referral, wallet_balance

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

NOTE = "Cash is for distributors; other members get the same amount of store credit."


@pytest.fixture
def lan(db: None) -> Member:
    open_shop()
    return member("Lan")


@pytest.fixture
def chen(lan: Member) -> Member:
    """Return Chen, who has no code, like those whom he and Lan bring."""
    chen, dan, eve = member("Chen"), member("Dan"), member("Eve")
    make_referral(chen, dan, at=now() - OPENED)
    make_referral(lan, eve, at=now() - OPENED)
    return chen


def red_packet(**terms: Any) -> Version:
    return friends(rewards=[reward(800), reward(100, asset="points", side="friend")], **terms)


def told(who: Member) -> dict[str, Any]:
    """Return what a member reads of the only incentive."""
    [row] = Phone(who).get("/incentives").json()["results"]
    assert Phone(who).get(f"/incentives/{row['id']}").json()["rewards"] == row["rewards"]
    return row  # type: ignore[no-any-return]


def promised(who: Member) -> tuple[str, str]:
    """Return (asset, text) of what bringing a friend gives to a member."""
    [row] = [row for row in told(who)["rewards"] if row["side"] == "earner"]
    return row["asset"], row["text"]


def got(who: Member) -> list[tuple[str, str]]:
    rows = Phone(who).get("/me/awards").json()["results"]
    return [(row["asset"], row["text"]) for row in rows]


def wallets(who: Member) -> tuple[int, int]:
    return wallet_balance(who), wallet_balance(who, Asset.STORE_CREDIT)


def test_each_is_promised_and_gets_what_the_settings_allow(lan: Member, chen: Member) -> None:
    red_packet()
    commissions = wallet_balance(lan)
    cash, credit = ("cash", "¥8.00 in cash"), ("store_credit", "¥8.00 of store credit")

    assert (promised(lan), promised(chen)) == (cash, credit)
    assert "¥8.00 of store credit" in told(chen)["sentence"]
    for who in (lan, chen):
        assert told(who)["conditions"][-1] == NOTE

    put(completed(member("Dan"), "O-1"), completed(member("Eve"), "O-2"))

    assert (got(lan), got(chen)) == ([cash], [credit])
    assert wallets(chen) == (0, 800)
    assert wallets(lan) == (commissions + 800, 0)


def test_with_the_setting_all_get_cash(lan: Member, chen: Member) -> None:
    Policy.objects.update(pays_members_cash=True)
    red_packet()

    assert promised(lan) == promised(chen) == ("cash", "¥8.00 in cash")
    assert NOTE not in told(chen)["conditions"]

    put(completed(member("Dan"), "O-1"))

    assert got(chen) == [("cash", "¥8.00 in cash")]
    assert wallets(chen) == (800, 0)


def test_who_joins_later_is_promised_cash(chen: Member) -> None:
    red_packet()
    assert promised(chen)[0] == "store_credit"

    distributor(chen, at=now() - timedelta(hours=1))

    assert promised(chen)[0] == "cash"
