"""What members read about incentives: which run for them, how far they are, and what is missing."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from common import clock
from distribution.models import Distributor, Level
from distribution.services import change_status, set_level
from incentives.api.incentives import FIRST_DAY, LAST_DAY
from incentives.models import Metric, PeriodKind, Version
from incentives.services.publication import stop
from members.models import Member, User
from orders.models import Policy
from risk.models import RuleName
from risk.services import release
from tests.api.phone import Phone, outcome
from tests.cast import member, staff
from tests.incentives.offers import draft, published, reward
from tests.incentives.present import (
    DAY,
    MASK,
    OPENED,
    campaign,
    completed,
    deliver,
    friends,
    now,
    open_shop,
    paid,
    put,
)
from tests.incentives.shared_holds import hold_for_sharing
from tests.shop import distributor, make_referral

pytestmark = pytest.mark.django_db


@pytest.fixture
def bo(db: None) -> Member:
    """Return Bo, whom Lan referred, in a shop that is open for a month."""
    return open_shop()


@pytest.fixture
def lan(bo: Member) -> Member:
    return Member.objects.get(nickname="Lan")


def shown(who: Member) -> list[Any]:
    response = Phone(who).get("/incentives")
    assert response.status_code == 200
    rows: list[Any] = response.json()["results"]
    return rows


def test_a_distributor_sees_what_counts_what_comes_and_what_is_missing(
    bo: Member, lan: Member
) -> None:
    version = campaign(name="Month of masks", terms="Good luck!")
    put(completed(bo), paid(bo))

    (row,) = shown(lan)

    assert (row["id"], row["name"], row["unit"]) == (
        version.incentive.public_id, "Month of masks", "fen",
    )  # fmt: skip
    assert row["terms"] == "Good luck!"
    assert row["sentence"].startswith("All distributors")
    progress = row["progress"]
    assert (progress["value"], progress["coming"]) == (MASK, MASK)
    assert (progress["next_at"], progress["missing"]) == (30_000, 30_000 - MASK)
    assert progress["awards"] == 0
    assert "counts_until" not in progress, "the campaign has no end"
    (given,) = row["rewards"]
    assert (given["text"], given["threshold"], given["reached"]) == (
        "¥20.00 in cash", 30_000, False,
    )  # fmt: skip


@pytest.mark.slow
def test_the_channels_that_count_are_told(lan: Member) -> None:
    campaign(channels=["moments"])
    campaign()

    channels = [row["channels"] for row in shown(lan)]

    assert sorted(channels) == [[], ["moments"]]


def test_a_step_that_is_reached_says_so(bo: Member, lan: Member) -> None:
    campaign(rewards=[reward(1_000, threshold=10_000), reward(2_000, threshold=30_000)])
    put(completed(bo))

    (row,) = shown(lan)

    assert [given["reached"] for given in row["rewards"]] == [True, False]
    assert (row["progress"]["awards"], row["progress"]["missing"]) == (1, 30_000 - MASK)


def test_a_period_has_its_last_moment_of_payment_and_its_close(lan: Member) -> None:
    campaign(period=PeriodKind.WEEK)

    progress = shown(lan)[0]["progress"]

    monday = clock.business_day(now()) - timedelta(days=clock.business_day(now()).weekday())
    assert progress["first_day"] == monday.isoformat()
    assert progress["last_day"] == (monday + 6 * DAY).isoformat()
    assert progress["counts_until"] == f"{(monday + 7 * DAY).isoformat()}T00:00:00+08:00"
    assert progress["final_at"] == f"{(monday + 22 * DAY).isoformat()}T00:00:00+08:00"


def test_members_without_a_code_see_only_what_they_can_do(bo: Member) -> None:
    campaign()
    spend = campaign(
        metric=Metric.OWN_SPEND, rewards=[reward(1_000, asset="store_credit", threshold=20_000)]
    )
    put(completed(bo))

    (row,) = shown(bo)

    assert row["id"] == spend.incentive.public_id
    assert row["progress"]["value"] == MASK


def test_a_level_decides_who_sees_it(lan: Member) -> None:
    gold = Level.objects.create(rank=2, name="Gold")
    campaign(audience="levels", levels=[gold.pk])
    assert shown(lan) == []

    set_level(distributor=lan.distributor, level=gold, by=staff("Qian"), at=now(), reason="Sells.")

    assert len(shown(lan)) == 1


@pytest.fixture
def friend(lan: Member) -> Member:
    """Return Chen, whom Lan referred yesterday, and who has not bought."""
    chen = member("Chen")
    make_referral(lan, chen, at=now() - DAY)
    return chen


def test_a_friend_sees_until_when_the_first_order_counts(friend: Member) -> None:
    friends()

    (row,) = shown(friend)

    state = row["friend"]
    assert (state["referrer"], state["state"]) == ("Lan", "to_order")
    until = clock.parse(state["order_until"])
    assert until
    assert abs(until - (now() + 29 * DAY)) < timedelta(minutes=5)


def test_both_sides_follow_the_first_order(lan: Member, friend: Member) -> None:
    friends()
    put(paid(friend, "O-9"))

    assert shown(friend)[0]["friend"]["state"] == "ordered"
    progress = shown(lan)[0]["progress"]
    assert (progress["value"], progress["coming"]) == (0, 1)


def test_both_sides_see_that_it_counted(bo: Member, lan: Member) -> None:
    friends()
    put(completed(bo))

    assert shown(bo)[0]["friend"]["state"] == "counted"
    assert shown(lan)[0]["progress"]["value"] == 1


def test_who_had_bought_is_no_friend(lan: Member) -> None:
    friends()
    chen = member("Chen")
    put(completed(chen, "O-5"))
    make_referral(lan, chen, at=now() - DAY)

    assert "friend" not in shown(chen)[0]


def test_days_that_have_passed_bring_nothing(bo: Member) -> None:
    friends(friend_days=3)

    assert "friend" not in shown(bo)[0]


def test_a_friend_of_who_cannot_earn_is_promised_nothing(friend: Member) -> None:
    gold = Level.objects.create(rank=2, name="Gold")
    friends(audience="levels", levels=[gold.pk])

    assert shown(friend) == []


def test_what_was_stopped_is_listed_no_more_and_read_by_who_took_part(
    bo: Member, lan: Member, qian: User
) -> None:
    version = campaign()
    put(completed(bo))
    path = f"/incentives/{version.incentive.public_id}"
    mei = Member.objects.get(nickname="Mei")
    assert Phone(mei).get(path).status_code == 200
    assert "final_at" not in Phone(lan).get(path).json()["progress"]
    stopped_at = now()
    stop(incentive=version.incentive, by=qian, at=stopped_at, reason="Sold out.")

    assert shown(lan) == []
    answer = Phone(lan).get(path).json()
    assert (answer["has_ended"], answer["progress"]["value"]) == (True, MASK)
    last = clock.business_day(stopped_at)
    assert answer["progress"]["last_day"] == last.isoformat()
    closes = (last + (version.close_days + 1) * DAY).isoformat()
    assert answer["progress"]["final_at"] == f"{closes}T00:00:00+08:00"
    assert outcome(Phone(mei).get(path)) == (404, "not_found")


def test_drafts_are_nobodys(lan: Member) -> None:
    version = draft()

    assert shown(lan) == []
    assert outcome(Phone(lan).get(f"/incentives/{version.incentive.public_id}")) == (
        404, "not_found",
    )  # fmt: skip


def test_a_period_that_has_begun_shows_the_terms_by_which_it_counts(lan: Member) -> None:
    version = campaign(period=PeriodKind.YEAR)
    published(
        at=now() - DAY, based_on=version, rewards=[reward(2_000, threshold=60_000)]
    )  # fmt: skip

    (row,) = shown(lan)

    assert (row["version"], row["progress"]["next_at"]) == (1, 30_000)


def test_the_detail_has_own_awards(bo: Member, lan: Member) -> None:
    version = campaign(rewards=[reward(1_000, threshold=10_000)])
    put(completed(bo))

    answer = Phone(lan).get(f"/incentives/{version.incentive.public_id}").json()

    (award,) = answer["my_awards"]
    assert (award["given"], award["status"]) == (1_000, "granted")
    assert answer["my_proofs"] == []


@pytest.mark.slow
@pytest.mark.parametrize("rule", [RuleName.SHARED_IDENTITY, RuleName.SHARED_PAYEE])
@pytest.mark.parametrize("holder", ["Lan", "Bo"])
def test_the_earner_reads_which_orders_do_not_count(
    bo: Member, lan: Member, rule: str, holder: str
) -> None:
    version = campaign()
    held, other = (lan, bo) if holder == "Lan" else (bo, lan)
    hold = hold_for_sharing(held, other, rule, at=now() - DAY)
    dan = member("Dan")
    make_referral(lan, dan, at=now() - OPENED)
    put(completed(bo), completed(dan, "O-3"))
    path = f"/incentives/{version.incentive.public_id}"

    answer = Phone(lan).get(path).json()

    [row] = answer["not_counted"]
    assert (row["order"], row["reason"]) == ("O-1", "shared")
    assert row["text"].startswith("Order O-1 does not count: you and the buyer share")
    assert answer["progress"]["value"] == MASK, "that of Dan"
    assert Phone(Member.objects.get(nickname="Mei")).get(path).json()["not_counted"] == []

    release(hold=hold, by=staff("Feng"), at=now(), reason="Mother and daughter.")
    deliver()

    answer = Phone(lan).get(path).json()
    assert (answer["not_counted"], answer["progress"]["value"]) == ([], 2 * MASK)


@pytest.mark.slow
def test_an_own_purchase_does_not_count_and_says_so(lan: Member) -> None:
    Policy.objects.update(self_purchase=Policy.SelfPurchase.SELF)
    version = campaign()
    put(completed(lan, "O-7"))

    answer = Phone(lan).get(f"/incentives/{version.incentive.public_id}").json()

    assert answer["not_counted"] == [
        {
            "order": "O-7",
            "reason": "own_purchase",
            "text": "Order O-7 does not count: you bought it yourself.",
        }
    ]
    assert answer["progress"]["value"] == 0


@pytest.mark.slow
def test_more_orders_that_do_not_count_need_no_more_queries(bo: Member, lan: Member) -> None:
    version = campaign()
    hold_for_sharing(lan, bo, RuleName.SHARED_IDENTITY, at=now() - DAY)
    phone = Phone(lan)

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            phone.get(f"/incentives/{version.incentive.public_id}")
        return len(captured)

    put(completed(bo))
    few = queries()
    put(*(completed(bo, f"O-{number}") for number in range(2, 25)))

    assert queries() <= few
    rows = phone.get(f"/incentives/{version.incentive.public_id}").json()["not_counted"]
    assert len(rows) == 20


def test_a_frozen_distributor_reads_on(lan: Member, qian: User) -> None:
    campaign()
    change_status(
        distributor=lan.distributor,
        to=Distributor.Status.FROZEN,
        by=qian,
        at=now() - DAY,
        reason="Checked.",
    )

    assert len(shown(lan)) == 1


def contest(**terms: Any) -> Version:
    prizes = [
        reward(yuan * 100, first_rank=place, last_rank=place)
        for place, yuan in ((1, 30), (2, 20), (3, 10))
    ]
    terms = {"reach": Version.Reach.RANK, "ends_at": now() + 10 * DAY, **terms}
    return campaign(rewards=prizes, **terms)


def test_a_ranking_is_masked_and_has_the_own_place(bo: Member, lan: Member) -> None:
    version = contest()
    chen, dan = member("Chen"), member("Dan")
    distributor(chen, at=now() - OPENED)
    make_referral(chen, dan, at=now() - OPENED)
    put(completed(bo), completed(bo, "O-2"), completed(dan, "O-3"))

    answer = Phone(lan).get(f"/incentives/{version.incentive.public_id}/ranking").json()

    places = [(row["rank"], row["name"], row["value"], row["is_me"]) for row in answer["results"]]
    assert places == [
        (1, "L**", 2 * MASK, True), (2, "C**", MASK, False),
    ]  # fmt: skip
    assert answer["mine"] == {"rank": 1, "value": 2 * MASK, "coming": 0, "missing": 0}
    assert answer["final"] is False


def test_who_has_sold_nothing_has_no_place(lan: Member) -> None:
    version = contest()

    answer = Phone(lan).get(f"/incentives/{version.incentive.public_id}/ranking").json()

    assert answer["results"] == []
    assert answer["mine"] == {"value": 0, "coming": 0, "missing": 1}


def test_only_contests_have_a_ranking(lan: Member) -> None:
    version = campaign()

    response = Phone(lan).get(f"/incentives/{version.incentive.public_id}/ranking")

    assert outcome(response) == (404, "no_ranking")


@pytest.mark.parametrize(
    "query",
    [
        {"period": "yesterday"}, {"period": "0001-01-01"}, {"period": "9999-12-31"},
        {"place": "1"},
    ],
)  # fmt: skip
def test_a_bad_query_names_its_field(lan: Member, query: dict[str, str]) -> None:
    version = contest()

    response = Phone(lan).get(f"/incentives/{version.incentive.public_id}/ranking", **query)

    assert outcome(response) == (400, "invalid_input")
    assert [error["field"] for error in response.json()["errors"]] == list(query)


@pytest.mark.parametrize("day", [FIRST_DAY, LAST_DAY])
def test_a_ranking_of_the_first_and_the_last_day_is_empty(lan: Member, day: date) -> None:
    version = contest(period=PeriodKind.YEAR)

    response = Phone(lan).get(
        f"/incentives/{version.incentive.public_id}/ranking", period=f"{day:%Y-%m-%d}"
    )

    assert response.status_code == 200
    assert response.json()["results"] == []


@pytest.mark.slow
def test_the_list_takes_the_same_number_of_queries(bo: Member, lan: Member) -> None:
    def queries(who: Member) -> int:
        phone = Phone(who)
        with CaptureQueriesContext(connection) as captured:
            phone.get("/incentives")
        return len(captured)

    friends(fen=100)
    campaign()
    put(completed(bo))
    before = queries(lan), queries(bo)
    for _ in range(3):
        campaign(rewards=[reward(100, threshold=50_000)])
        friends(fen=100)
    put(paid(bo))

    assert (queries(lan), queries(bo)) == before
    assert len(shown(lan)) == 8
