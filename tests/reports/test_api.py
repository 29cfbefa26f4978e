"""Lan reads her workspace over HTTP."""

from __future__ import annotations

from datetime import date

import pytest

from common.clock import business_day, now
from members.models import Member
from tests.api.phone import Phone, outcome
from tests.cast import NOON
from tests.reports.folding import fold_all
from tests.shop import ingest, open_shop, order

pytestmark = pytest.mark.django_db
NOTHING = {
    "orders": 0,
    "sales": 0,
    "income": 0,
    "team_orders": 0,
    "team_sales": 0,
    "team_income": 0,
    "total_income": 0,
    "returned": 0,
    "return_rate": 0,
}
NO_SHARES = {"shares": 0, "visits": 0, "new_members": 0, "conversion": 0}
SOLD = NOTHING | {"orders": 1, "sales": 10_990, "income": 1_099, "total_income": 1_099}


@pytest.fixture
def lan() -> Member:
    ingest(order(open_shop(), placed_at=NOON))
    return Member.objects.get(nickname="Lan")


def test_the_workspace_shows_the_sale_and_is_cached_by_its_etag(lan: Member) -> None:
    phone = Phone(lan)
    fold_all()

    first = phone.get("/distributor/workspace")

    body = first.json()
    body.pop("rank", None)  # that of the present month
    assert body | {"today": {}, "yesterday": {}, "month": {}} == {
        "currency": "CNY",
        "today": {},
        "yesterday": {},
        "month": {},
        "lifetime": SOLD | NO_SHARES,
        "pending": 1_099,
        "protected": 0,
        "credited": 0,
        "balance": 0,
        "unread": 0,
        "withdrawable": 0,
        "releasing": [],
        "team": {"tier1": 1, "tier1_distributors": 0, "tier2": 0},
    }
    again = phone.get("/distributor/workspace", etag=first["ETag"])
    assert (again.status_code, again.content) == (304, b"")


def test_earnings_are_listed_by_period_with_totals(lan: Member) -> None:
    answer = Phone(lan).get("/distributor/earnings?by=week&first=2026-10-01&last=2026-11-30")

    assert answer.json() == {
        "currency": "CNY",
        "results": [{"start": "2026-10-26", **SOLD}],
        "totals": SOLD,
    }


@pytest.mark.parametrize(
    "query", ["", "first=2026-11-02&last=2026-11-01", "first=2020-01-01&last=2026-11-01"]
)
def test_a_range_is_required(lan: Member, query: str) -> None:
    answer = Phone(lan).get(f"/distributor/earnings?{query}")

    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_input")


def test_the_leaderboard_masks_names_and_has_ones_own_place(lan: Member) -> None:
    fold_all()

    answer = Phone(lan).get("/distributor/leaderboard?period=month&metric=sales&day=2026-11-05")

    assert answer.json() == {
        "results": [{"rank": 1, "name": "L**", "value": 10_990, "is_me": True}],
        "mine": {"value": 10_990, "rank": 1},
        "final": business_day(now()) >= date(2026, 12, 1),
    }


def test_someone_who_is_no_distributor_has_no_workspace(lan: Member) -> None:
    bo = Member.objects.get(nickname="Bo")

    answer = Phone(bo).get("/distributor/workspace")

    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_nobody_is_ranked_by_heads(lan: Member) -> None:
    answer = Phone(lan).get("/distributor/leaderboard?metric=team")

    assert answer.status_code == 400


@pytest.mark.parametrize("by", ["day", "week", "month"])
def test_a_range_at_the_end_of_the_calendar_is_refused(lan: Member, by: str) -> None:
    path = f"/distributor/earnings?by={by}&first=9999-12-31&last=9999-12-31"

    assert outcome(Phone(lan).get(path)) == (400, "invalid_input")
