"""What came of a share, over HTTP: for its owner alone."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from common import clock
from members.models import Member
from sharing.models import Share
from tests.api.phone import Phone, outcome
from tests.cast import member
from tests.reports.folding import fold_all
from tests.reports.sharers import VISITED, a_share, a_visit, order_by_share, sign_in
from tests.shop import DAY, PLACED, ingest, open_shop, order

pytestmark = pytest.mark.django_db
RANGE = "first=2026-11-01&last=2026-11-30"
NOTHING = {
    "visits": 0, "new_members": 0, "orders": 0, "sales": 0, "commission": 0, "conversion": 0,
}  # fmt: skip
SOLD = NOTHING | {"orders": 1, "sales": 10_990, "commission": 1_099}
VISIT = NOTHING | {"visits": 1, "new_members": 1}
BOTH = {**SOLD, "visits": 1, "new_members": 1, "conversion": 10_000}


@pytest.fixture
def share(db: None) -> Share:
    """Lan's poster, by which Hua came and bought."""
    open_shop()
    share = a_share("Lan", channel="poster", template="tpl-1", label="Friends")
    hua = sign_in("Hua", anonymous_id=a_visit(share).anonymous_id)
    ingest(order(hua))
    return share


def phone(name: str) -> Phone:
    return Phone(Member.objects.get(nickname=name))


def test_the_owner_reads_the_figures_of_a_share(share: Share) -> None:
    answer = phone("Lan").get(f"/shares/{share.code}/figures?{RANGE}")

    assert answer.json() == {
        "share": share.code,
        "currency": "CNY",
        "lifetime": BOTH,
        "first": "2026-11-01",
        "last": "2026-11-30",
        "totals": BOTH,
        "results": [{"day": "2026-11-01", **VISIT}, {"day": "2026-11-02", **SOLD}],
    }


def test_without_a_range_the_last_thirty_days_are_shown(share: Share) -> None:
    body = phone("Lan").get(f"/shares/{share.code}/figures").json()

    assert body["last"] == clock.business_day(clock.now()).isoformat()
    assert body["lifetime"] == BOTH


@pytest.mark.parametrize("who", ["Mei", "Bo", "Hua"])
def test_nobody_else_learns_that_the_share_exists(share: Share, who: str) -> None:
    foreign = phone(who).get(f"/shares/{share.code}/figures")
    unknown = phone(who).get("/shares/1111111111/figures")

    assert outcome(foreign) == outcome(unknown) == (404, "not_found")
    assert foreign.json()["detail"] == unknown.json()["detail"]


def test_a_stranger_has_to_sign_in(share: Share) -> None:
    assert Phone().get(f"/shares/{share.code}/figures").status_code == 401


@pytest.mark.parametrize(
    "query",
    ["first=2026-11-02&last=2026-11-01", "first=2020-01-01&last=2026-11-01", "last=9999-12-31",
     "first=yesterday", "days=3"],
)  # fmt: skip
def test_a_range_that_makes_no_sense_is_refused(share: Share, query: str) -> None:
    answer = phone("Lan").get(f"/shares/{share.code}/figures?{query}")

    assert outcome(answer) == (400, "invalid_input")


def test_the_first_day_of_the_calendar_is_a_day(share: Share) -> None:
    answer = phone("Lan").get(f"/shares/{share.code}/figures?last=0001-01-01")

    assert answer.json()["totals"] == NOTHING


def test_the_workspace_counts_shares_and_visits(share: Share) -> None:
    body = phone("Lan").get("/distributor/workspace").json()

    names = ("shares", "visits", "new_members", "conversion")
    assert [body["lifetime"][name] for name in names] == [1, 1, 1, 10_000]


def test_commission_and_order_name_the_share_and_its_visit(share: Share) -> None:
    visit = share.visits.get()

    row = phone("Lan").get("/distributor/commissions/O-1-1-1").json()
    (listed,) = phone("Lan").get("/distributor/orders").json()["results"]

    assert row["origin"] == {
        "share": share.code,
        "target": "product",
        "target_id": share.target_id,
        "channel": "poster",
        "channel_text": "poster",
        "label": "Friends",
        "template": "tpl-1",
        "reason": "bound",
        "visit": visit.public_id,
        "visited_at": "2026-11-01T14:00:00+08:00",
    }
    assert row["explanation"]["sentences"][:2] == [
        "Lan is tier 1: the buyer's upline when the order was placed.",
        (
            f"The visit of share {share.code} (poster, “Friends”, template tpl-1) on 2026-11-01"
            " 14:00 bound the buyer."
        ),
    ]
    assert listed["share"] == share.code


def test_tier_2_does_not_learn_by_which_share_of_another_it_came(share: Share) -> None:
    row = phone("Mei").get("/distributor/commissions/O-1-1-2").json()
    (listed,) = phone("Mei").get("/distributor/orders").json()["results"]

    assert (row["origin"], listed["share"]) == (None, "")
    assert not any(share.code in text for text in row["explanation"]["sentences"])


def test_an_unpaid_order_names_the_share_that_it_carries(share: Share) -> None:
    hua = Member.objects.get(nickname="Hua")
    ingest(order_by_share(hua, share, number="O-2", paid=False))

    (listed,) = phone("Lan").get("/distributor/orders?status=unpaid").json()["results"]

    assert (listed["order_no"], listed["share"]) == ("O-2", share.code)


@pytest.mark.slow
def test_it_costs_the_same_for_many_visits_days_and_shares(share: Share) -> None:
    lan = Member.objects.get(nickname="Lan")

    def queries(path: str) -> int:
        caller = Phone(lan)
        with CaptureQueriesContext(connection) as seen:
            assert caller.get(path).status_code == 200
        return len(seen)

    paths = [
        f"/shares/{share.code}/figures?{RANGE}", "/distributor/workspace", "/distributor/orders",
        "/distributor/commissions",
    ]  # fmt: skip
    fold_all()
    few = [queries(path) for path in paths]
    for number in range(200):
        a_visit(share, at=VISITED + number % 40 * DAY)
        a_share("Lan", channel="qq", label=f"Group {number}")
    for number in range(20):
        buyer = member(f"Buyer {number}")
        a_visit(share, by=buyer)
        ingest(order(buyer, number=f"B-{number}", placed_at=PLACED + number * DAY))
        if number == 10:
            fold_all()

    assert [queries(path) for path in paths] == few
