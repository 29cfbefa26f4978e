"""The page that compares shares: most forwarded, least clicked, in a range of days."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from reports.models import ShareFigures
from tests.cast import give, staff
from tests.reports.folding import fold_all
from tests.reports.sharers import VISITED, a_share, a_visit, sign_in
from tests.shop import DAY, ingest, open_shop, order, sku

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
LIST = "admin:reports_sharefigures_changelist"


@pytest.fixture
def analyst(client: Client) -> Client:
    user = give(staff("Qian"), "view_sharefigures")
    client.force_login(user)
    client.cookies["django_language"] = "en"
    return client


@pytest.fixture
def shared(db: None) -> None:
    """The mask: two shares, three visits, an order; the cream: one share without a visit."""
    open_shop()
    sku("cream")
    chat, poster = a_share("Lan"), a_share("Mei", channel="poster", template="tpl-1")
    a_share("Lan", product="cream", at=VISITED + DAY)
    hua = sign_in("Hua", anonymous_id=a_visit(chat).anonymous_id)
    a_visit(chat, at=VISITED + 2 * DAY)
    a_visit(poster, at=VISITED + 2 * DAY)
    ingest(order(hua))
    fold_all()


def rows(page: Any) -> list[tuple[str, int, int]]:
    return [(row.name, row.sum_shares, row.sum_visits) for row in page.context["cl"].result_list]


def test_products_are_listed_from_the_most_forwarded(analyst: Client, shared: None) -> None:
    page = analyst.get(reverse(LIST))

    assert rows(page) == [("mask", 2, 3), ("cream", 1, 0)]
    text = page.content.decode()
    assert "109.90" in text  # sales
    assert "16.48" in text  # commissions of both tiers
    assert "33.33%" in text


def test_the_least_clicked_come_first(analyst: Client, shared: None) -> None:
    page = analyst.get(reverse(LIST), {"look": "unclicked"})

    assert [name for name, *_ in rows(page)] == ["cream", "mask"]


def test_a_range_of_days_counts_only_these(analyst: Client, shared: None) -> None:
    page = analyst.get(
        reverse(LIST), {"day_from": "2026-11-02", "day_to": "2026-11-30", "look": "visited"}
    )

    assert rows(page) == [("mask", 0, 2), ("cream", 1, 0)]


def test_days_without_anything_have_no_rows(analyst: Client, shared: None) -> None:
    assert rows(analyst.get(reverse(LIST), {"day_to": "2026-10-01"})) == []


def test_a_day_that_is_none_is_ignored(analyst: Client, shared: None) -> None:
    assert len(rows(analyst.get(reverse(LIST), {"day_from": "someday"}))) == 2


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        ("channel", {"WeChat chat", "poster"}),
        ("member", {"Lan", "Mei"}),
        ("template", {"tpl-1"}),
        ("no such kind", {"mask", "cream"}),
    ],
)
def test_figures_are_grouped(analyst: Client, shared: None, kind: str, names: set[str]) -> None:
    assert {name for name, *_ in rows(analyst.get(reverse(LIST), {"kind": kind}))} == names


def test_a_share_is_named_by_code_product_channel_and_member(analyst: Client, shared: None) -> None:
    found = [name for name, *_ in rows(analyst.get(reverse(LIST), {"kind": "share"}))]

    assert len(found) == 3
    assert any(name.endswith("mask · poster · Mei") for name in found)


@pytest.mark.parametrize("column", range(9))
@pytest.mark.parametrize("sign", ["", "-"])
def test_every_column_sorts(analyst: Client, shared: None, column: int, sign: str) -> None:
    assert len(rows(analyst.get(reverse(LIST), {"o": f"{sign}{column}"}))) == 2


def test_the_page_of_a_row_lists_its_days(analyst: Client, shared: None) -> None:
    row = ShareFigures.objects.get(kind="channel", key="chat", day="1970-01-01")

    text = analyst.get(reverse("admin:reports_sharefigures_change", args=[row.pk])).content.decode()

    assert "2026-11-03: 0 shares, 1 visits" in text
    assert "WeChat chat" in text


def test_two_hundred_shares_cost_what_one_costs(analyst: Client, shared: None) -> None:
    def queries() -> int:
        analyst.get(reverse(LIST), {"kind": "share"})
        with CaptureQueriesContext(connection) as seen:
            analyst.get(reverse(LIST), {"kind": "share", "day_from": "2026-11-01"})
        return len(seen)

    few = queries()
    for number in range(200):
        a_visit(a_share("Lan", channel="qq", label=f"Group {number}"))
    fold_all()

    assert queries() == few


def test_without_the_right_it_is_closed(client: Client, shared: None) -> None:
    client.force_login(staff("Feng"))

    assert client.get(reverse(LIST)).status_code == 403
