"""The reports of the back office: who sees them, what they show, and their files."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from xml.etree import ElementTree

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from backoffice.exports import ask_export, claim_export, write_export
from backoffice.models import Export
from catalog.models import Category, Product, Sku
from events.models import Event
from members.models import Member
from reports.admin.catalogue import REPORTS
from reports.models import SalesFigures
from tests.cast import NOON, give, member, staff
from tests.reports.folding import fold_all
from tests.reports.sharers import a_share, a_visit, sign_in
from tests.shop import DAY, PLACED, ingest, line, open_shop, order, refund, with_refund

pytestmark = pytest.mark.django_db
NOVEMBER = {"first": "2026-11-01", "last": "2026-11-30"}
PAGE = "admin:office_reports"
SPACE = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


@pytest.fixture
def analyst(client: Client) -> Client:
    client.force_login(give(staff("Qian"), "view_salesfigures"))
    client.cookies["django_language"] = "en"
    return client


@pytest.fixture
def sold(db: None) -> None:
    """Bo bought two masks and returned one; Hua came by a share and bought a cream."""
    bo = open_shop()
    care = Category.objects.create(code="care", name="care", parent=Category.objects.get())
    cream = Product.objects.create(name='=cmd|" /C calc"!A1', category=care)
    Sku.objects.create(product=cream, code="cream", price=5_000)
    share = a_share("Lan")
    hua = sign_in("Hua", anonymous_id=a_visit(share).anonymous_id)
    bought = order(bo, line(quantity=2), region="浙江省")
    ingest(with_refund(bought, refund(10_990, quantity=1)))
    ingest(order(hua, line("cream", price=5_000), number="O-2"))
    fold_all()


def get(client: Client, report: str, **values: str) -> Any:
    return client.get(reverse(PAGE), {"report": report, **NOVEMBER, **values})


def cells(page: Any) -> list[list[str]]:
    return [[cell["text"] for cell in row["cells"]] for row in page.context["lines"]]


@pytest.mark.slow
@pytest.mark.parametrize("report", REPORTS)
def test_a_report_is_shown_before_and_after_the_first_sale(analyst: Client, report: str) -> None:
    assert get(analyst, report).status_code == 200
    ingest(order(open_shop()))
    fold_all()
    assert get(analyst, report).status_code == 200


def test_days_show_sales_orders_and_commissions(analyst: Client, sold: None) -> None:
    page = get(analyst, "sales")

    [day] = [row for row in cells(page) if row[0] == "2026-11-02"]
    assert day[1:6] == ["2", "2", "3", "¥159.90", "¥159.90"]
    assert day[6:] == ["¥109.90", "40.7%", "¥15.99", "¥7.99", "15.0%"]
    assert len(cells(page)) == 30
    assert [cell["text"] for cell in page.context["total"]["cells"]][:2] == ["total", "2"]
    cards = {card["title"]: card for card in page.context["cards"]}
    assert (cards["Sales"]["now"], cards["Sales"]["before"]) == ("¥159.90", "¥0.00")
    assert cards["Sales"]["change"] is None  # there was nothing before


def test_products_are_listed_by_sales_and_by_what_is_asked(analyst: Client, sold: None) -> None:
    cream = Product.objects.get(skus__code="cream").name

    assert [row[0] for row in cells(get(analyst, "products"))] == ["mask", cream]
    by_refunds = get(analyst, "products", sort="returned")
    assert [row[0] for row in cells(by_refunds)] == ["mask", cream]
    assert cells(get(analyst, "products", sort="drop table")) == cells(get(analyst, "products"))


@pytest.mark.slow
def test_categories_are_a_tree(analyst: Client, sold: None) -> None:
    lines = get(analyst, "categories").context["lines"]

    assert [(line["cells"][0]["text"], line["depth"]) for line in lines] == [
        ("beauty", 0), ("care", 1),
    ]  # fmt: skip
    assert [line["cells"][1]["text"] for line in lines] == ["2", "1"]


@pytest.mark.slow
def test_provinces_and_channels_have_names(analyst: Client, sold: None) -> None:
    assert {row[0] for row in cells(get(analyst, "provinces"))} == {"浙江", "not known"}
    assert {row[0] for row in cells(get(analyst, "channels"))} == {
        "WeChat chat", "without a share",
    }  # fmt: skip


@pytest.mark.slow
def test_the_return_rate_is_shown_by_product(analyst: Client, sold: None) -> None:
    page = get(analyst, "returns")

    assert cells(page)[0] == ["mask", "¥109.90", "50.0%", "1", "2", "¥109.90"]
    assert {card["title"]: card["now"] for card in page.context["cards"]}["Return rate"] == "40.7%"


@pytest.mark.slow
def test_the_funnel_leads_from_the_share_to_the_order(analyst: Client, sold: None) -> None:
    [row] = cells(get(analyst, "funnel"))

    assert row == ["WeChat chat", "1", "1", "0", "1", "1", "1", "100.0%", "¥50.00", "¥7.50"]


@pytest.mark.slow
def test_retention_and_the_ends_of_visits_are_shown(analyst: Client, sold: None) -> None:
    assert cells(get(analyst, "retention"))[0][:2] == ["2026-11", "2"]
    [row] = cells(get(analyst, "visits"))
    assert row[:4] == ["the page that the share opens", "1", "0", "1"]


@pytest.mark.slow
@pytest.mark.parametrize("report", ["products", "distributors", "categories"])
def test_a_row_leads_to_its_page_if_the_person_may_open_it(
    analyst: Client, sold: None, report: str
) -> None:
    assert [row["url"] for row in get(analyst, report).context["lines"]] == ["", ""]

    analyst.force_login(give(staff("Qian"), "view_product", "view_category", "view_distributor"))
    for row in get(analyst, report).context["lines"]:
        assert analyst.get(row["url"]).status_code == 200


@pytest.mark.slow
def test_a_day_leads_to_the_orders_that_were_paid_on_it(analyst: Client, sold: None) -> None:
    ingest(order(Member.objects.get(nickname="Bo"), number="O-9", placed_at=PLACED + DAY))
    assert {row["url"] for row in get(analyst, "sales").context["lines"]} == {""}

    analyst.force_login(give(staff("Qian"), "view_order"))
    [url] = [
        row["url"]
        for row in get(analyst, "sales").context["lines"]
        if row["cells"][0]["text"] == "2026-11-02"
    ]
    orders = analyst.get(url).context["cl"].result_list

    assert {row.number for row in orders} == {"O-1", "O-2"}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("days", "said"),
    [
        ({"first": "2026-11-30", "last": "2026-11-01"}, "lies after the last one"),
        ({"first": "2001-01-01", "last": "2026-11-01"}, "from 2010 to 2099"),
        ({"first": "2015-01-01", "last": "2026-11-01"}, "at most 1096 days"),
        ({"first": "tomorrow", "last": "2026-11-01"}, "Enter a valid date"),
        ({"first": "0001-01-01", "last": "9999-12-31"}, "from 2010 to 2099"),
    ],
)
def test_a_wrong_range_is_said_in_words_and_stays_in_the_form(
    analyst: Client, days: dict[str, str], said: str
) -> None:
    page = get(analyst, "sales", **days)

    text = page.content.decode()
    assert page.status_code == 200
    assert said in text
    assert f'value="{days["first"]}"' in text
    assert page.context["result"] is None


@pytest.mark.slow
def test_an_unknown_report_is_not_found(analyst: Client) -> None:
    assert get(analyst, "salaries").status_code == 404


def test_without_the_right_no_report_and_no_file_is_open(client: Client, sold: None) -> None:
    url = f"{reverse(PAGE)}?report=sales"
    assert client.get(url).status_code == 302
    client.force_login(give(staff("Feng"), "view_sharefigures", "export_list"))

    assert client.get(url).status_code == 403
    assert client.post(url, {"format": "xlsx"}).status_code == 403
    assert not Export.objects.exists()


def export(client: Client, report: str, kind: str) -> Any:
    url = f"{reverse(PAGE)}?{urlencode({'report': report, **NOVEMBER})}"
    return client.post(url, {"format": kind})


def worksheet(workbook: bytes) -> ElementTree.Element:
    with zipfile.ZipFile(io.BytesIO(workbook)) as file:
        return ElementTree.fromstring(file.read("xl/worksheets/sheet1.xml"))


@pytest.fixture
def media(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def exporter(analyst: Client) -> Client:
    analyst.force_login(give(staff("Qian"), "export_list"))
    return analyst


@pytest.mark.slow
def test_a_file_has_all_rows_and_never_a_formula(exporter: Client, sold: None) -> None:
    answer = export(exporter, "products", "xlsx")

    sheet = worksheet(answer.content)
    table = [
        ["".join(cell.itertext()) for cell in row.iter(f"{SPACE}c")]
        for row in sheet.iter(f"{SPACE}row")
    ]
    cream = Product.objects.get(skus__code="cream").name
    assert "attachment" in answer["Content-Disposition"]
    assert [row[0] for row in table] == ["Product", "mask", cream, "total"]
    assert (table[1][4], table[3][4]) == ("109.9", "159.9")
    assert list(sheet.iter(f"{SPACE}f")) == []  # formulas


@pytest.mark.slow
def test_a_csv_has_plain_numbers_and_a_mark_for_spreadsheets(exporter: Client, sold: None) -> None:
    text = export(exporter, "products", "csv").content.decode("utf-8-sig")

    assert "'=cmd" in text
    assert "mask,1,1,2,109.90,109.90,109.90,50.0%" in text


def test_every_file_is_on_record(exporter: Client, sold: None) -> None:
    export(exporter, "returns", "csv")

    row = Export.objects.get()
    assert (row.by.username, row.label, row.format) == ("qian", "reports.salesfigures", "csv")
    assert (row.rows, row.status) == (3, Export.Status.DONE)
    assert "report=returns&first=2026-11-01&last=2026-11-30" in row.query
    assert "Reports" in exporter.get(reverse("admin:office_exports")).content.decode()


@pytest.mark.slow
def test_without_the_right_to_export_there_is_no_file(analyst: Client, sold: None) -> None:
    answer = export(analyst, "products", "xlsx")

    assert answer.status_code == 302
    assert not Export.objects.exists()
    assert "Export (XLSX)" not in get(analyst, "products").content.decode()


@pytest.mark.slow
def test_an_unknown_kind_of_file_is_not_found(exporter: Client, sold: None) -> None:
    assert export(exporter, "products", "exe").status_code == 404


@pytest.mark.slow
def test_a_worker_writes_the_same_file(exporter: Client, sold: None, media: None) -> None:
    """As of a report with more than five thousand rows."""
    sent = export(exporter, "products", "csv").content.decode("utf-8-sig")
    recorded = Export.objects.get()
    asked = ask_export(
        by=recorded.by, label=recorded.label, query=recorded.query, search="", kind="csv",
        columns=recorded.columns, expected=3, at=NOON,
    )  # fmt: skip

    write_export(export=claim_export(at=NOON) or asked, now=lambda: NOON)

    asked.refresh_from_db()
    assert (asked.status, asked.rows) == (Export.Status.DONE, 3)
    answer = exporter.get(reverse("admin:office_export_file", args=[asked.public_id]))
    assert b"".join(answer.streaming_content).decode("utf-8-sig") == sent


def test_a_worker_writes_nothing_for_a_person_without_the_right(
    exporter: Client, sold: None, media: None
) -> None:
    feng = give(staff("Feng"), "export_list")
    asked = ask_export(
        by=feng, label="reports.salesfigures", query="report=sales&first=2026-11-01"
        "&last=2026-11-30", search="", kind="csv", columns=[], expected=3, at=NOON,
    )  # fmt: skip

    write_export(export=claim_export(at=NOON) or asked, now=lambda: NOON)

    asked.refresh_from_db()
    assert (asked.status, asked.path) == (Export.Status.FAILED, "")


@pytest.mark.slow
def test_looking_changes_nothing(analyst: Client, sold: None) -> None:
    before = list(SalesFigures.objects.order_by("pk").values_list()), Event.objects.count()

    for report in REPORTS:
        get(analyst, report)

    after = list(SalesFigures.objects.order_by("pk").values_list()), Event.objects.count()
    assert after == before


@pytest.mark.slow
@pytest.mark.parametrize("report", REPORTS)
def test_many_rows_cost_as_many_queries_as_few(analyst: Client, sold: None, report: str) -> None:
    def queries() -> int:
        get(analyst, report)
        with CaptureQueriesContext(connection) as seen:
            get(analyst, report)
        return len(seen)

    few = queries()
    shelf = Category.objects.get(code="care")
    buyers = [Member.objects.get(nickname="Bo"), member("Chen")]
    for number in range(20):
        product = Product.objects.create(name=f"product {number}", category=shelf)
        Sku.objects.create(product=product, code=f"s-{number}", price=100)
        ingest(
            order(buyers[number % 2], line(f"s-{number}", price=100), number=f"N-{number}",
                  placed_at=PLACED + number * DAY)
        )  # fmt: skip
    fold_all()

    assert queries() == few
