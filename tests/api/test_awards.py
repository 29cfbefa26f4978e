"""What members read about their awards, and nobody else's."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from distribution.models import Distributor
from distribution.services import change_status
from incentives.models import Award, Metric, PeriodKind, Version
from members.models import Member, User
from tests.api.phone import Phone, outcome
from tests.incentives.offers import reward
from tests.incentives.present import (
    DAY,
    MASK,
    campaign,
    completed,
    friends,
    now,
    open_shop,
    paid,
    put,
)
from tests.shop import refund, with_refund

pytestmark = pytest.mark.django_db


@pytest.fixture
def bo(db: None) -> Member:
    return open_shop()


@pytest.fixture
def lan(bo: Member) -> Member:
    return Member.objects.get(nickname="Lan")


def ten_yuan(**terms: Any) -> Version:
    """Publish 10 yuan in cash for each own order."""
    return campaign(
        metric=Metric.OWN_ORDERS, period=PeriodKind.EACH, reach=Version.Reach.EACH,
        **{"rewards": [reward(1_000)], **terms},
    )  # fmt: skip


def awards(who: Member, **query: str) -> list[Any]:
    response = Phone(who).get("/me/awards", **query)
    assert response.status_code == 200
    rows: list[Any] = response.json()["results"]
    return rows


def test_an_award_says_what_it_gave_and_for_which_incentive(bo: Member, lan: Member) -> None:
    version = ten_yuan(name="Ten yuan")
    put(completed(bo))

    (row,) = awards(lan)

    assert (row["incentive"], row["name"]) == (version.incentive.public_id, "Ten yuan")
    assert (row["kind"], row["asset"], row["text"]) == ("amount", "cash", "¥10.00 in cash")
    assert (row["due"], row["given"], row["status"]) == (1_000, 1_000, "granted")
    assert "hold" not in row
    assert "gift" not in row


def test_orders_that_may_be_returned_give_nothing_yet(bo: Member, lan: Member) -> None:
    ten_yuan()
    put(paid(bo))

    assert awards(lan) == []


def test_an_award_explains_itself(bo: Member, lan: Member) -> None:
    ten_yuan()
    put(completed(bo))
    (row,) = awards(lan)

    answer = Phone(lan).get(f"/me/awards/{row['id']}").json()

    assert answer["id"] == row["id"]
    assert any("O-1" in text for text in answer["explanation"])


def test_both_sides_of_a_referral_have_their_own(bo: Member, lan: Member) -> None:
    friends()
    put(completed(bo))

    assert [(row["side"], row["given"]) for row in awards(lan)] == [("earner", 1_000)]
    assert [(row["side"], row["given"]) for row in awards(bo)] == [("friend", 500)]


def test_a_refund_shows_what_was_taken_back(bo: Member, lan: Member) -> None:
    ten_yuan()
    told = completed(bo)
    put(told)
    put(with_refund(told, refund(MASK, quantity=1, at=now() - 12 * DAY)))

    (row,) = awards(lan)

    assert (row["due"], row["given"], row["status"]) == (0, 0, "taken_back")


def test_an_award_on_hold_says_why(bo: Member, lan: Member, qian: User) -> None:
    ten_yuan()
    change_status(
        distributor=lan.distributor,
        to=Distributor.Status.FROZEN,
        by=qian,
        at=now() - DAY,
        reason="Checked.",
    )
    put(completed(bo))

    (row,) = awards(lan)

    assert (row["status"], row["hold"], row["given"]) == ("held", "frozen", 0)
    assert row["hold_text"] == "the distributor is frozen"


def test_awards_are_filtered(bo: Member, lan: Member) -> None:
    ten, other = ten_yuan(), campaign(rewards=[reward(500, threshold=10_000)])
    put(completed(bo))

    assert len(awards(lan)) == 2
    (row,) = awards(lan, incentive=other.incentive.public_id)
    assert row["due"] == 500
    assert len(awards(lan, status="granted", kind="amount")) == 2
    assert awards(lan, status="held") == []
    assert awards(lan, to=f"{(now() - DAY).isoformat()}") == []
    assert ten.incentive_id != other.incentive_id


@pytest.mark.parametrize("query", [{"status": "given"}, {"kind": "money"}, {"from": "now"}])
def test_a_bad_filter_is_refused(lan: Member, query: dict[str, str]) -> None:
    assert outcome(Phone(lan).get("/me/awards", **query)) == (400, "invalid_input")


def test_strangers_see_no_award(bo: Member, lan: Member, chen: Member) -> None:
    ten_yuan()
    put(completed(bo))
    award = Award.objects.get()

    assert awards(chen) == []
    assert outcome(Phone(chen).get(f"/me/awards/{award.public_id}")) == (404, "not_found")


def test_the_list_takes_the_same_number_of_queries(bo: Member, lan: Member) -> None:
    def queries() -> int:
        phone = Phone(lan)
        with CaptureQueriesContext(connection) as captured:
            phone.get("/me/awards")
        return len(captured)

    ten_yuan(rewards=[reward(100), reward(kind="factor", rate=20_000, days=7)])
    put(completed(bo))
    before = queries()
    put(*(completed(bo, f"O-{number}") for number in range(2, 6)))

    assert queries() == before
    assert len(awards(lan)) == 10
