"""Lan looks at her level, her team and her referrer Mei; Bo bought, Chen is a stranger."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from common import clock
from distribution.models import Application, Binding, Distributor, Level
from distribution.services import change_status, set_level
from members.models import Member, User
from tests.api.phone import Phone, outcome
from tests.cast import LONG_AGO, NOON, member
from tests.distribution.people import REASON, rows, set_policy
from tests.reports.folding import fold_all
from tests.shop import DAY, PLACED, distributor, ingest, make_referral, open_shop, order

pytestmark = pytest.mark.django_db


@pytest.fixture
def bo() -> Member:
    """Has bought a mask through Lan, whom Mei referred."""
    buyer = open_shop()
    ingest(order(buyer))
    return buyer


@pytest.fixture
def lan(bo: Member) -> Member:
    return Member.objects.get(nickname="Lan")


@pytest.fixture
def mei(bo: Member) -> Member:
    return Member.objects.get(nickname="Mei")


def promote(who: Member, by: User) -> None:
    level = Level.objects.create(rank=2, name="Gold", sees_team_data=True)
    set_level(distributor=who.distributor, level=level, by=by, at=NOON + DAY, reason=REASON)


PATHS = (
    "/distributor",
    "/distributor/levels",
    "/distributor/application",
    "/distributor/team",
    "/distributor/team/summary",
    "/distributor/commissions",
    "/distributor/commissions/O-1-1-1",
    "/distributor/orders",
    "/me/referrer",
)


@pytest.mark.parametrize("path", PATHS)
def test_nobody_reads_without_a_session(db: None, path: str) -> None:
    assert outcome(Phone().get(path)) == (401, "not_signed_in")


@pytest.mark.parametrize(
    "path",
    [
        "/distributor",
        "/distributor/levels",
        "/distributor/team",
        "/distributor/team/summary",
    ],
)
def test_one_who_is_no_distributor_is_told_so(chen: Member, path: str) -> None:
    assert outcome(Phone(chen).get(path)) == (404, "not_distributor")


def test_a_distributor_sees_code_and_level(lan: Member, qian: User) -> None:
    promote(lan, qian)

    body = Phone(lan).get("/distributor").json()

    assert (body["code"], body["status"], body["segment"]) == (
        lan.distributor.code,
        "active",
        None,
    )
    assert (body["level"]["name"], body["level"]["sees_team_data"]) == ("Gold", True)
    levels = Phone(lan).get("/distributor/levels").json()
    assert (levels["current"], [level["rank"] for level in levels["levels"]]) == ("Gold", [2])


def test_a_frozen_distributor_still_reads(lan: Member, qian: User) -> None:
    change_status(
        distributor=lan.distributor, to=Distributor.Status.FROZEN, by=qian, at=PLACED + DAY,
        reason=REASON,
    )  # fmt: skip
    phone = Phone(lan)

    assert phone.get("/distributor").json()["status"] == "frozen"
    assert phone.get("/distributor/commissions").json()["results"]
    assert phone.get("/distributor/team").status_code == 200


def team(who: Member, **query: Any) -> list[dict[str, Any]]:
    response = Phone(who).get("/distributor/team", **query)
    assert response.status_code == 200, response.content
    results: list[dict[str, Any]] = response.json()["results"]
    return results


def test_the_level_decides_what_of_the_team_is_shown(mei: Member, lan: Member, qian: User) -> None:
    (before,) = team(mei)
    hidden = team(mei, tier=2)
    promote(mei, qian)
    fold_all()

    (direct,), (below,) = team(mei), team(mei, tier=2)

    assert (before["nickname"], before["figures"], hidden) == ("Lan", None, [])
    assert (direct["nickname"], direct["member"], direct["via"]) == ("Lan", lan.public_id, "")
    assert direct["figures"]["team"] == 1
    assert (below["nickname"], below["via"]) == ("B**", "Lan")
    assert below["member"].endswith("**")
    assert below["figures"]["commission"] == 549


def test_avatars_are_shown_of_tier_1_only(mei: Member, qian: User) -> None:
    promote(mei, qian)
    Member.objects.update(avatar="avatars/a1.jpg")
    fold_all()

    (direct,), (below,) = team(mei), team(mei, tier=2)

    assert direct["avatar"].endswith("/media/avatars/a1.jpg")
    assert below["avatar"] == ""


def test_only_a_level_with_team_data_sorts_by_it(mei: Member) -> None:
    refused = Phone(mei).get("/distributor/team", sort="orders")

    assert outcome(refused) == (403, "team_data_hidden")


def test_the_team_is_sorted_and_paged(mei: Member, qian: User) -> None:
    promote(mei, qian)
    for name in ("Ann", "Ben", "Cleo"):
        newcomer = member(name)
        make_referral(mei, newcomer)
        if name == "Ben":
            distributor(newcomer, at=NOON + DAY)
            make_referral(newcomer, member("Dan"), at=NOON + DAY)
            make_referral(newcomer, member("Eve"), at=NOON + DAY)

    fold_all()

    assert [row["nickname"] for row in team(mei)] == ["Cleo", "Ben", "Ann", "Lan"]
    assert [row["nickname"] for row in team(mei, sort="team")][:2] == ["Ben", "Lan"]
    phone = Phone(mei)
    first = phone.get("/distributor/team", sort="orders", page_size=3).json()
    query = {"sort": "orders", "page_size": 3, "cursor": first["next"]}
    second = phone.get("/distributor/team", **query).json()
    names = [row["nickname"] for row in first["results"] + second["results"]]
    assert sorted(names) == ["Ann", "Ben", "Cleo", "Lan"]


def test_the_summary_counts_both_tiers(mei: Member) -> None:
    fold_all()

    assert Phone(mei).get("/distributor/team/summary").json() == {
        "tier1": 1,
        "tier1_distributors": 1,
        "tier2": 1,
        "sees_team_data": False,
    }


def test_the_team_takes_the_same_number_of_queries(mei: Member, qian: User) -> None:
    promote(mei, qian)
    phone = Phone(mei)

    def count() -> int:
        fold_all()
        with CaptureQueriesContext(connection) as queries:
            assert phone.get("/distributor/team", sort="sales").status_code == 200
        return len(queries)

    few = count()
    for number in range(19):
        make_referral(mei, member(f"N{number}"))

    assert count() == few


# The referrer


def test_an_invite_code_binds_once(lan: Member, chen: Member) -> None:
    phone = Phone(chen)
    assert outcome(phone.get("/me/referrer")) == (404, "not_found")

    first = phone.post("/me/referrer", {"code": lan.distributor.code.upper()})
    again = phone.post("/me/referrer", {"code": lan.distributor.code})

    assert (first.status_code, again.json()) == (200, first.json())
    assert (first.json()["nickname"], first.json()["source"]) == ("Lan", "invite_code")
    assert phone.get("/me/referrer").json() == first.json()
    assert Binding.objects.filter(member=chen).count() == 1


def refused(who: Member, code: str) -> tuple[int, str]:
    before = rows()
    answer = outcome(Phone(who).post("/me/referrer", {"code": code}))
    assert {name: kept for name, kept in rows().items() if name != "Event"} == {
        name: kept for name, kept in before.items() if name != "Event"
    }
    return answer


def test_a_code_that_cannot_bind_changes_nothing(
    mei: Member, lan: Member, bo: Member, chen: Member
) -> None:
    distributor(chen)
    make_referral(chen, member("Dan"), at=clock.now())

    assert refused(lan, lan.distributor.code) == (409, "own_code")
    assert refused(mei, lan.distributor.code) == (409, "would_loop")
    assert refused(chen, "nobody") == (400, "unknown_invite_code")
    assert refused(member("Dan"), lan.distributor.code) == (409, "already_bound")
    assert refused(chen, "") == (400, "invalid_input")


def test_a_referrer_of_long_ago_is_fixed(chen: Member) -> None:
    distributor(chen)
    ann, old = member("Ann"), member("Old")
    distributor(ann, at=LONG_AGO)
    make_referral(ann, old, at=clock.now() - 31 * DAY)

    assert refused(old, chen.distributor.code) == (409, "binding_fixed")
    answer = Phone(old).post("/me/referrer/leave", {"reason": "No longer"})
    assert outcome(answer) == (409, "too_late_to_leave")


def test_a_member_leaves_with_a_reason(lan: Member, chen: Member) -> None:
    phone = Phone(chen)
    phone.post("/me/referrer", {"code": lan.distributor.code})

    assert outcome(phone.post("/me/referrer/leave", {"reason": ""})) == (400, "invalid_input")
    assert phone.post("/me/referrer/leave", {"reason": "A mistake"}).status_code == 204
    assert outcome(phone.get("/me/referrer")) == (404, "not_found")
    assert outcome(phone.post("/me/referrer/leave", {"reason": "Again"})) == (409, "no_upline")


# The application


def test_an_application_waits_for_its_review(chen: Member) -> None:
    phone = Phone(chen)
    assert outcome(phone.get("/distributor/application")) == (404, "not_found")

    made = phone.post("/distributor/application", {"statement": "I teach yoga."})
    again = phone.post("/distributor/application", {"statement": "I teach yoga."})

    assert made.status_code == 201, made.content
    assert (made.json()["status"], made.json()["may_apply_again"]) == ("submitted", False)
    assert outcome(again) == (409, "already_submitted")
    assert phone.get("/distributor/application").json() == made.json()
    assert Application.objects.count() == 1


def test_a_shop_that_is_open_to_all_accepts_at_once(chen: Member) -> None:
    set_policy(applications="open")

    made = Phone(chen).post("/distributor/application", {})

    assert made.json()["status"] == "approved"
    assert Phone(chen).get("/distributor").json()["status"] == "active"
    assert outcome(Phone(chen).post("/distributor/application", {})) == (
        409,
        "already_distributor",
    )


def test_an_application_with_an_unknown_code_is_refused(chen: Member) -> None:
    refusal = Phone(chen).post("/distributor/application", {"code": "nobody"})

    assert outcome(refusal) == (400, "unknown_invite_code")
    assert not Application.objects.exists()
