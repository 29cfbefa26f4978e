"""The blocks of the reports on the home of the back office."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.http import HttpRequest
from django.test import Client
from django.test.utils import CaptureQueriesContext

from backoffice import home
from members.models import Member
from reports.admin import home as blocks
from tests.cast import give, member, staff
from tests.reports.folding import fold_all
from tests.reports.sharers import a_share, a_visit, sign_in
from tests.shop import DAY, PLACED, ingest, open_shop, order

pytestmark = pytest.mark.django_db
AT = PLACED + 5 * DAY
OURS = {"sold", "earned", "funnel", "best_products", "best_distributors"}


def request(*rights: str) -> HttpRequest:
    asked = HttpRequest()
    asked.user = give(staff("Qian"), *rights)
    return asked


@pytest.fixture
def sold(db: None) -> None:
    """Bo bought a mask, and so did Hua, who came by a share of Lan's."""
    bo = open_shop()
    seen = a_visit(a_share("Lan"))
    hua = sign_in("Hua", anonymous_id=seen.anonymous_id)
    ingest(order(bo), order(hua, number="O-2"))
    fold_all()


def test_thirty_days_are_drawn_and_added_up(sold: None) -> None:
    shown = blocks.sold(request(), AT)

    assert len(shown["chart"]["table"]["rows"]) == 30
    assert [value for _title, value in shown["figures"]] == ["¥219.80", "2", "100.0%"]
    assert "first=2026-10-09&last=2026-11-07" in shown["url"]
    assert [value for _title, value in blocks.earned(request(), AT)["figures"]] == [
        "¥21.98", "¥10.98", "¥0.00",
    ]  # fmt: skip


def test_the_funnel_compares_members_and_orders_with_visits(sold: None) -> None:
    steps = blocks.funnel(request(), AT)["steps"]

    assert [step["number"] for step in steps] == ["1", "1", "1", "1"]
    assert [step["rate"] for step in steps] == ["", "", "100.0%", "100.0%"]


def test_the_best_are_named_and_lead_to_their_pages(sold: None) -> None:
    [mask] = blocks.best_products(request(), AT)["rows"]
    assert (mask["name"], mask["sales"], mask["orders"], mask["url"]) == (
        "mask",
        "¥219.80",
        "2",
        "",
    )

    best = blocks.best_distributors(request("view_distributor"), AT)["rows"]
    assert [(row["place"], row["name"], row["width"]) for row in best] == [
        (1, "Lan", 100), (2, "Mei", 1),
    ]  # fmt: skip
    assert best[0]["url"].endswith(f"/{Member.objects.get(nickname='Lan').distributor.pk}/change/")


def test_before_the_first_sale_nothing_is_the_best(db: None) -> None:
    assert blocks.best_products(request(), AT)["rows"] == []
    assert blocks.best_distributors(request(), AT)["rows"] == []
    assert [step["width"] for step in blocks.funnel(request(), AT)["steps"]] == [0, 0, 0, 0]


def test_only_those_with_the_right_see_the_blocks(sold: None) -> None:
    def seen(asked: HttpRequest) -> set[str]:
        return {shown["block"].name for shown in home.blocks(asked, at=AT)}

    assert OURS.isdisjoint(seen(request()))
    assert seen(request("view_salesfigures")) >= OURS


@pytest.mark.slow
def test_the_home_costs_as_many_queries_for_a_year_as_for_a_day(client: Client, sold: None) -> None:
    client.force_login(give(staff("Qian"), "view_salesfigures"))

    def queries() -> int:
        client.get("/admin/")
        with CaptureQueriesContext(connection) as asked:
            assert client.get("/admin/").status_code == 200
        return len(asked)

    few = queries()
    buyers: list[Any] = [Member.objects.get(nickname="Bo"), member("Chen")]
    ingest(
        *(order(buyers[n % 2], number=f"N-{n}", placed_at=PLACED + n * 10 * DAY) for n in range(30))
    )
    fold_all()

    assert queries() == few
