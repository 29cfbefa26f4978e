"""What is missing until a friend counts: the referrer reads it of each friend, the friend too."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from common import clock
from distribution.models import Level
from incentives.models import Version
from incentives.services.publication import stop
from integration.merges import merge_members, propose_merge
from members.closing import close_member
from members.models import Member, User
from tests.api.phone import Phone, outcome
from tests.cast import give, member, staff
from tests.incentives.present import (
    DAY,
    MASK,
    campaign,
    completed,
    deliver,
    friends,
    now,
    open_shop,
    paid,
    put,
)
from tests.shop import make_referral, refund

pytestmark = pytest.mark.django_db


@pytest.fixture
def bo(db: None) -> Member:
    """Return Bo, whom Lan brought 39 days ago, in a shop that is open for 40."""
    return open_shop()


@pytest.fixture
def lan(bo: Member) -> Member:
    return Member.objects.get(nickname="Lan")


@pytest.fixture
def friend(lan: Member) -> Member:
    """Return Chen, whom Lan brought yesterday, and who has not bought."""
    return brought(lan, "Chen")


def brought(referrer: Member, name: str, *, days_ago: int = 1) -> Member:
    person = member(name)
    make_referral(referrer, person, at=now() - days_ago * DAY)
    return person


def shown(who: Member) -> list[Any]:
    response = Phone(who).get("/incentives")
    assert response.status_code == 200
    rows: list[Any] = response.json()["results"]
    return rows


def states(who: Member, version: Version | None = None) -> list[tuple[str, str]]:
    """Return (masked name, state) of the friends in the only incentive, or in this one."""
    rows = shown(who) if version is None else [read(who, version)]
    return [(friend["name"], friend["state"]) for friend in rows[0]["friends"]]


def read(who: Member, version: Version) -> Any:
    return Phone(who).get(f"/incentives/{version.incentive.public_id}").json()


def test_the_bringer_reads_until_when_which_order_is_missing(lan: Member, friend: Member) -> None:
    version = friends(min_amount=5_000)

    (chen, _bo) = shown(lan)[0]["friends"]

    until = clock.parse(chen.pop("order_until"))
    assert until
    assert abs(until - (now() + 29 * DAY)) < timedelta(minutes=5)
    assert chen == {"name": "C**", "min_amount": 5_000, "state": "to_order"}
    assert read(lan, version)["friends"] == shown(lan)[0]["friends"]


def test_the_friend_reads_the_amount_that_is_missing(friend: Member) -> None:
    friends(min_amount=5_000)

    (row,) = shown(friend)

    assert (row["friend"]["state"], row["friend"]["min_amount"]) == ("to_order", 5_000)


def test_each_friend_has_a_state_the_latest_first(bo: Member, lan: Member, friend: Member) -> None:
    friends()
    dan = brought(lan, "Dan", days_ago=2)
    brought(lan, "Eve", days_ago=31)
    put(completed(bo), paid(dan, "O-2"))

    assert states(lan) == [
        ("C**", "to_order"), ("D**", "ordered"), ("E**", "over"), ("B**", "counted"),
    ]  # fmt: skip


def test_who_brings_friends_need_be_no_distributor(bo: Member) -> None:
    friends()
    dan = brought(bo, "Dan")
    put(paid(dan))

    assert states(bo) == [("D**", "ordered")]


def test_an_order_that_is_too_small_leaves_the_next_one_to_count(
    lan: Member, friend: Member
) -> None:
    version = friends(min_amount=MASK + 1)
    put(paid(friend))

    assert states(lan, version)[0] == ("C**", "to_order")
    assert shown(friend)[0]["friend"]["state"] == "to_order"


def test_a_friend_whose_order_came_back_whole_may_order_again(lan: Member) -> None:
    dan = brought(lan, "Dan", days_ago=26)
    version = friends()
    back = refund(MASK, quantity=1, at=now() - 20 * DAY)
    put(completed(dan, refunds=(back,)))

    assert states(lan, version)[0] == ("D**", "to_order")
    assert shown(dan)[0]["friend"]["state"] == "to_order"


def test_who_had_ordered_before_never_counts(lan: Member) -> None:
    dan = member("Dan")
    put(completed(dan, "O-5"))
    make_referral(lan, dan, at=now() - DAY)
    version = friends()

    assert states(lan, version)[0] == ("D**", "over")
    assert "friend" not in read(dan, version)


def test_who_ordered_before_the_run_never_counts(lan: Member) -> None:
    """The referral came before the order; the run began after both."""
    dan = brought(lan, "Dan", days_ago=26)
    put(completed(dan))
    version = friends(starts_at=now() - 2 * DAY)

    assert states(lan, version) == [("D**", "over")]
    assert "friend" not in read(dan, version)


def test_who_paid_in_the_run_what_they_had_ordered_before_never_counts(
    lan: Member, friend: Member
) -> None:
    version = friends(starts_at=now() - timedelta(minutes=90))
    put(paid(friend, paid_at=now() - timedelta(minutes=30)))

    assert states(lan, version)[0] == ("C**", "over")
    assert "friend" not in read(friend, version)


def test_who_paid_after_the_end_what_they_had_ordered_before_never_counts(
    bo: Member, lan: Member, friend: Member
) -> None:
    version = friends(ends_at=now() - timedelta(hours=1))
    put(completed(bo), paid(friend, paid_at=now() - timedelta(minutes=30)))

    assert states(lan, version) == [("C**", "over"), ("B**", "counted")]


def test_who_could_never_order_in_the_run_is_not_listed(lan: Member, friend: Member) -> None:
    version = friends(friend_days=3)

    assert states(lan, version) == [("C**", "to_order")], "Bo's days passed before the run"


def test_after_the_stop_nobody_can_order(lan: Member, friend: Member, qian: User) -> None:
    version = friends()
    put(paid(friend))
    dan = brought(lan, "Dan")
    stop(incentive=version.incentive, by=qian, at=now(), reason="Sold out.")

    assert states(lan, version)[:2] == [("D**", "over"), ("C**", "ordered")]
    assert outcome(Phone(dan).get(f"/incentives/{version.incentive.public_id}")) == (
        404, "not_found",
    )  # fmt: skip


def test_everybody_reads_only_their_own_friends(bo: Member, lan: Member, friend: Member) -> None:
    version = friends()
    mei = Member.objects.get(nickname="Mei")
    put(completed(bo))

    assert states(lan, version) == [("C**", "to_order"), ("B**", "counted")]
    assert states(mei, version) == [("L**", "over")]
    assert states(bo, version) == states(friend, version) == []


def test_friends_have_neither_names_nor_ids(bo: Member, lan: Member) -> None:
    version = friends()
    put(completed(bo))

    answer = Phone(lan).get(f"/incentives/{version.incentive.public_id}")

    (row,) = answer.json()["friends"]
    assert set(row) == {"name", "order_until", "min_amount", "state"}
    assert bo.public_id not in str(row)
    assert "Bo" not in str(row)


def test_what_counts_no_friends_lists_none(lan: Member, friend: Member) -> None:
    campaign()

    assert "friends" not in shown(lan)[0]


def test_who_cannot_earn_reads_only_what_they_get_as_the_friend(bo: Member, lan: Member) -> None:
    friends(audience="distributors")
    brought(bo, "Dan")
    put(completed(bo))

    (row,) = shown(bo)

    assert row["friend"]["state"] == "counted"
    assert "friends" not in row
    assert "progress" not in row


def test_a_level_that_the_bringer_lacks_shows_no_friends(lan: Member, friend: Member) -> None:
    gold = Level.objects.create(rank=2, name="Gold")
    friends(audience="levels", levels=[gold.pk])

    assert shown(lan) == []


def test_a_friend_who_closed_the_account_is_over(lan: Member, friend: Member) -> None:
    version = friends()
    close_member(member=friend, at=now())

    assert states(lan, version)[0] == ("**", "over")


def test_a_merged_friend_is_listed_once(lan: Member, friend: Member) -> None:
    version = friends()
    second = brought(lan, "Dan", days_ago=2)
    merge(friend, second)

    assert states(lan, version)[0] == ("D**", "to_order")
    assert "C**" not in dict(states(lan, version))


def test_a_friend_who_came_by_somebody_else_first_is_theirs(lan: Member, friend: Member) -> None:
    version = friends()
    mei = Member.objects.get(nickname="Mei")
    merge(friend, brought(mei, "Dan", days_ago=2))

    assert "D**" in dict(states(mei, version))
    assert not {"C**", "D**"} & set(dict(states(lan, version)))


def test_a_merged_bringer_keeps_the_friends(lan: Member, friend: Member) -> None:
    version = friends()
    dan = member("Dan")
    eve = brought(dan, "Eve")
    put(paid(eve))
    merge(dan, lan)

    assert dict(states(lan, version))["E**"] == "ordered"
    assert read(eve, version)["friend"]["referrer"] == "Lan"


def merge(merged: Member, survivor: Member) -> None:
    proposal = propose_merge(
        merged=merged, survivor=survivor, by=give(staff("Qian"), "propose_merge"),
        reason="one person", at=now(),
    )  # fmt: skip
    merge_members(proposal=proposal, by=give(staff("Feng"), "decide_merge"), at=now())
    deliver()


@pytest.mark.slow
def test_the_latest_twenty_are_listed(lan: Member) -> None:
    friends()
    for number in range(21):
        brought(lan, f"{chr(ord('A') + number)}-friend", days_ago=1 + number)

    names = [name for name, _ in states(lan)]

    assert names == [f"{chr(ord('A') + number)}**" for number in range(20)]


@pytest.mark.slow
def test_friends_take_the_same_number_of_queries(bo: Member, lan: Member, friend: Member) -> None:
    version = friends(fen=100)
    put(completed(bo))

    def queries() -> tuple[int, int]:
        phone, counts = Phone(lan), []
        for path in ("/incentives", f"/incentives/{version.incentive.public_id}"):
            with CaptureQueriesContext(connection) as captured:
                phone.get(path)
            counts.append(len(captured))
        return counts[0], counts[1]

    before = queries()
    for number, name in enumerate(("Dan", "Eve", "Fay", "Gus")):
        person = brought(lan, name, days_ago=26)
        if number % 2:
            put(completed(person, f"O-{name}"))
        friends(fen=100)

    assert queries() == before
    assert [len(row["friends"]) for row in shown(lan)] == [6] * 5
