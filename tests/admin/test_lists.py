"""Every list with each of its filters, sortings, columns, sums and exports."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from django.db import connection
from django.db.models import DateField
from django.test import Client
from django.test.utils import CaptureQueriesContext

from backoffice.base import LargeTable
from backoffice.columns import is_amount
from backoffice.filters import _field
from tests.admin.pages import PAGES, name, url

pytestmark = [pytest.mark.usefixtures("shop"), pytest.mark.slow]

LARGE = [page for page in PAGES if isinstance(page, LargeTable)]
WITHOUT_DATES = {
    "ledger.account",  # balances as they are now
    "ledger.period",  # a dozen a year
    "withdrawals.person",  # one a person, looked up by name
    "reports.sharefigures",  # has days of its own
}


def open_list(client: Client, page: Any, **given: str) -> Any:
    answer = client.get(url(page, "changelist"), given)
    assert answer.status_code == 200, given
    return answer


@pytest.mark.parametrize("page", LARGE, ids=name)
def test_a_list_that_grows_has_dates(page: Any) -> None:
    assert bool(page.date_fields) == (name(page) not in WITHOUT_DATES)


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_what_a_list_declares_exists(page: Any) -> None:
    for date in page.date_fields:
        assert isinstance(_field(page.model, date), DateField), date
    default = list(page.list_display)
    for column in page.choosable_columns(default):
        assert hasattr(page, column) or hasattr(page.model, column), column
    chips = {*page.chips}
    parameters = {
        entry[0] if isinstance(entry, tuple) else getattr(entry, "parameter_name", entry)
        for entry in page.list_filter
    }
    choices = {field.name for field in page.opts.fields if field.choices}
    assert chips <= parameters | choices


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_filter_of_a_list_answers(as_boss: Client, page: Any) -> None:
    for date in page.date_fields:
        open_list(as_boss, page, **{f"{date}__from": "2026-11-01", f"{date}__to": "2026-12-31"})
    for amount in page.amount_fields:
        days = {f"{page.date_fields[0]}__in": "month"} if page.date_fields else {}
        open_list(as_boss, page, **{f"{amount}__min": "0.01", f"{amount}__max": "9,999"}, **days)
    for select in open_list(as_boss, page).context["bar"].chips:
        for option in select.options:
            assert as_boss.get(url(page, "changelist") + option.url).status_code == 200, option


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_sorting_of_a_list_answers(as_boss: Client, page: Any) -> None:
    days = {f"{page.date_fields[0]}__in": "days30"} if page.date_fields else {}
    shown = open_list(as_boss, page, **days).context["cl"]
    for number, column in enumerate(shown.list_display):
        if column in (shown.sortable_by or shown.list_display):
            for order in (str(number), f"-{number}"):
                open_list(as_boss, page, o=order, **days)


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_column_is_shown_and_exported(as_boss: Client, page: Any) -> None:
    columns = page.choosable_columns(list(page.list_display))
    shown = open_list(as_boss, page, columns=".".join(columns))
    assert [name for name in shown.context["cl"].list_display if name != "action_checkbox"] == (
        columns
    )
    query = {"query": f"columns={'.'.join(columns)}"}
    answer = as_boss.post(url(page, "list_export"), {"format": "csv", **query})
    titles, *rows = csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert len(titles) >= len(columns)
    assert bool(rows) == bool(shown.context["cl"].result_list)
    assert all("<" not in cell for row in rows for cell in row if not cell.startswith("{"))
    assert as_boss.post(url(page, "list_export"), {"format": "xlsx", **query}).status_code == 200


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_the_totals_of_a_list_answer(as_boss: Client, page: Any) -> None:
    with CaptureQueriesContext(connection) as seen:
        answer = as_boss.get(url(page, "list_totals"))
    assert answer.status_code == 200
    assert len(answer.content) > 20
    assert len(seen) <= 14, [query["sql"] for query in seen]


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_amounts_are_marked_as_amounts(page: Any) -> None:
    """A sum needs a column that people can compare it with."""
    columns = page.choosable_columns(list(page.list_display))
    if page.sum_fields:
        assert any(is_amount(page, column) for column in columns)
