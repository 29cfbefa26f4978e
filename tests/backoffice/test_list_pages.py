"""Beside a list: its totals, its columns, its saved views."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from backoffice import saved_views, totals
from backoffice.models import MAX_QUERY_LENGTH, ColumnChoice, SavedView
from backoffice.saved_views import (
    InvalidViewName,
    NotYourView,
    TooManyFilters,
    TooManyViews,
    save_view,
)
from members.models import User
from orders.models import Order
from tests.cast import NOON, give
from tests.shop import ingest, open_shop, order

pytestmark = pytest.mark.django_db
LIST = "orders.order"


def url(name: str, *args: Any) -> str:
    return reverse(f"admin:orders_order_{name}", args=args)


def signed_in(user: User, *permissions: str) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(give(user, *permissions))
    return client


@pytest.fixture
def orders(db: None) -> None:
    bo = open_shop()
    ingest(*(order(bo, number=f"E{number}") for number in (1, 2, 3)))


def shown(client: Client, **given: str) -> str:
    return client.get(url("list_totals"), given).content.decode()


def test_totals_count_and_add_up_the_filtered_rows(as_boss: Client, orders: None) -> None:
    client = as_boss
    everything = shown(client)
    none = shown(client, placed_at__from="2027-01-01")

    assert "3" in everything
    assert "¥329.70" in everything
    assert "¥0.00" in none


def test_many_rows_are_estimated_and_added_up_only_by_days(
    as_boss: Client, orders: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(totals, "EXACT_ROWS", 2)
    without = totals.totals(Order.objects.all(), ["id"])
    by_days = totals.totals(Order.objects.all(), ["id"], has_dates=True)

    assert (without.is_exact, without.sums) == (False, None)
    assert without.count >= 2
    assert by_days.sums
    assert by_days.sums[0].amount == sum(Order.objects.values_list("id", flat=True))


def test_sums_that_take_too_long_are_left_out(
    orders: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(totals, "MAX_SECONDS", 0.001)
    slow = Order.objects.extra(where=["pg_sleep(0.05) IS NOT NULL"])

    assert totals.totals(slow, ["id"]) == totals.Totals(3, is_exact=True, sums=None)
    assert Order.objects.count() == 3  # the transaction goes on


def test_totals_of_a_wrong_filter_are_empty(as_boss: Client, orders: None) -> None:
    assert shown(as_boss, placed_at__from="nonsense") == ""


def test_points_are_not_added_to_money(as_boss: Client, shop_with_points: None) -> None:
    answer = as_boss.get(reverse("admin:ledger_account_list_totals")).content.decode()

    assert "¥12.00" in answer
    assert "1,200" in answer


@pytest.fixture
def shop_with_points(db: None) -> None:
    from ledger import services as ledger  # noqa: PLC0415
    from ledger.chart import Asset, Kind, Reason  # noqa: PLC0415
    from tests.cast import member  # noqa: PLC0415

    for asset, payer in ((Asset.CASH, Kind.COMMISSION_EXPENSE), (Asset.POINTS, Kind.ISSUED)):
        ledger.transfer(
            key=str(asset), debit=ledger.platform_account(payer, asset),
            credit=ledger.account(member("Mei"), asset), amount=1_200, reason=Reason.COMMISSION,
            source=ledger.Source("orders.order", "o1"), effective_at=NOON,
        )  # fmt: skip


def test_a_person_chooses_columns_and_their_order(qian: User, feng: User, orders: None) -> None:
    client, other = signed_in(qian, "view_order"), signed_in(feng, "view_order")
    answer = client.post(url("list_columns"), {"column": ["placed_at", "number", "public_id"]})
    columns = client.get(answer["Location"]).context["cl"].list_display

    assert columns == ["placed_at", "number", "public_id"]
    assert "buyer" in other.get(url("changelist")).context["cl"].list_display

    client.post(url("list_columns"), {"reset": "1", "column": ["number"]})
    assert "buyer" in client.get(url("changelist")).context["cl"].list_display


def test_unknown_columns_are_not_chosen(qian: User) -> None:
    client = signed_in(qian, "view_order")
    client.post(url("list_columns"), {"column": ["number", "delete", "buyer__phone_encrypted"]})

    assert ColumnChoice.objects.get().columns == ["number"]
    given = {"columns": "buyer.password.phone_encrypted"}
    assert client.get(url("changelist"), given).context["cl"].list_display == ["number", "buyer"]


def test_the_sorting_stays_when_columns_change(qian: User, orders: None) -> None:
    client = signed_in(qian, "view_order")
    placed = client.get(url("changelist")).context["cl"].list_display.index("placed_at")
    answer = client.post(
        url("list_columns"), {"column": ["number", "placed_at"], "query": f"o=-{placed}"}
    )

    assert answer["Location"].endswith("?sort=-placed_at")


def test_a_view_is_saved_without_page_and_search(qian: User, orders: None) -> None:
    client = signed_in(qian, "view_order")
    query = "placed_at__in=week&q=13800001111&p=3&o=-4&status="
    client.post(url("list_view_save"), {"name": " Last  week ", "query": query})
    view = SavedView.objects.get()

    assert (view.owner, view.label, view.name) == (qian, LIST, "Last week")
    assert "13800001111" not in view.query
    assert sorted(view.query.split("&")) == ["placed_at__in=week", "sort=-placed_at"]
    page = client.get(f"{url('changelist')}?{view.query}")
    assert page.status_code == 200


def test_shared_views_are_seen_by_colleagues_who_cannot_remove_them(qian: User, feng: User) -> None:
    mine = save_view(
        owner=qian, label=LIST, name="Mine", query="status=paid", is_shared=False, at=NOON
    )
    ours = save_view(
        owner=qian, label=LIST, name="Ours", query="status=paid", is_shared=True, at=NOON
    )
    client = signed_in(feng, "view_order")
    page = client.get(url("list_views")).content.decode()

    assert ("Ours" in page, "Mine" in page) == (True, False)
    client.post(url("list_view_remove", ours.pk))
    assert set(SavedView.objects.all()) == {mine, ours}
    with pytest.raises(NotYourView):
        saved_views.remove_view(owner=feng, label=LIST, pk=ours.pk)
    saved_views.remove_view(owner=qian, label=LIST, pk=ours.pk)
    assert set(SavedView.objects.all()) == {mine}


def test_a_view_of_one_name_is_replaced(qian: User) -> None:
    for query in ("status=paid", "status=closed"):
        save_view(owner=qian, label=LIST, name="V", query=query, is_shared=False, at=NOON)

    assert SavedView.objects.get().query == "status=closed"


@pytest.mark.parametrize("name", ["", "   ", "x" * 41])
def test_a_view_needs_a_name(qian: User, name: str) -> None:
    with pytest.raises(InvalidViewName):
        save_view(owner=qian, label=LIST, name=name, query="", is_shared=False, at=NOON)
    assert not SavedView.objects.exists()


def test_a_view_has_a_limit_of_filters(qian: User) -> None:
    query = "q" * (MAX_QUERY_LENGTH + 1)
    with pytest.raises(TooManyFilters):
        save_view(owner=qian, label=LIST, name="V", query=query, is_shared=False, at=NOON)
    assert not SavedView.objects.exists()


def test_a_person_has_a_limit_of_views(qian: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(saved_views, "MAX_VIEWS", 1)
    save_view(owner=qian, label=LIST, name="V", query="", is_shared=False, at=NOON)
    save_view(owner=qian, label=LIST, name="V", query="a=1", is_shared=False, at=NOON)

    with pytest.raises(TooManyViews):
        save_view(owner=qian, label=LIST, name="W", query="", is_shared=False, at=NOON)
    assert SavedView.objects.get().query == "a=1"


def test_nobody_opens_what_lies_beside_a_list_without_its_permission(qian: User) -> None:
    client = signed_in(qian, "view_refund")
    gets = [url("list_totals"), url("list_views")]
    posts = [url("list_columns"), url("list_view_save"), url("list_export"),
             url("list_view_remove", 1)]  # fmt: skip

    assert [client.get(address).status_code for address in gets] == [403, 403]
    assert {client.post(address, {"format": "csv"}).status_code for address in posts} == {403}
    assert not SavedView.objects.exists()
    assert not ColumnChoice.objects.exists()


def test_changes_need_a_post(as_boss: Client) -> None:
    for name in ("list_columns", "list_view_save", "list_export"):
        assert as_boss.get(url(name)).status_code == 405


def test_amounts_are_shown_with_the_sign_of_yuan(as_boss: Client, orders: None) -> None:
    page = as_boss.get(url("changelist")).content.decode()

    assert '<span class="tt-yuan" data-fen="10990">¥109.90</span>' in page
    assert "2026-11-02 12:00" in page
