"""Addresses of lists and pages with parameters that nobody would type by accident."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from itertools import cycle
from typing import Any
from urllib.parse import parse_qs, quote

import pytest
from django.contrib.admin.views.main import IGNORED_PARAMS
from django.db import transaction
from django.test import Client
from django.urls import reverse

from backoffice import office, queues
from backoffice.list_queries import COLUMNS, SORT
from members.models import User
from tests.admin.hostile import AMOUNTS, DATES, TEXTS, VALUES, is_read_as_html, shown
from tests.admin.pages import PAGES, buttons, name, row, url
from tests.admin.routes import RequestOf

pytestmark = [pytest.mark.usefixtures("shop"), pytest.mark.slow]

SERVER_FAULT = 500
NOT_UTF8 = "%ff%fe%c3%28"
KEYS = [
    "0",
    "-1",
    "99999999999999999999",
    "1%00",
    "%2e%2e",
    "x",
    "１",
    "1 OR 1=1",
    NOT_UTF8,
    "_",
    "a" * 300,
]
"""Parts of addresses where the key of a row stands."""  # fmt: skip
LOOKUPS = [
    "pk__in=x", "id__exact=1e9", "id__gt=", "pk__regex=(", "password__startswith=a", "e=1",
    "o=99.-x",
    "o=" + "9" * 400, "p=-1", "p=99999999999", "p=x", "all=", "_popup=1", "_to_field=x",
    "_facets=1", "is_active__exact=x", "by__password__startswith=a", f"{COLUMNS}=x.y", f"{SORT}=-x",
    f"q={NOT_UTF8}", "q=" + "x" * 5_000, "&".join(f"a{n}=1" for n in range(900)),
]  # fmt: skip


def fault(client: Client, address: str) -> list[str]:
    """Return what is wrong with the response to an address."""
    client.raise_request_exception = False
    with transaction.atomic():
        answer = client.get(address)
        transaction.set_rollback(True)
    if answer.status_code >= SERVER_FAULT:
        kind, error, _trace = answer.exc_info or (None, None, None)
        return [f"{address[:160]}: {kind.__name__ if kind else ''} {str(error)[:160]}"]
    if answer.streaming:
        b"".join(answer.streaming_content)
        return []
    text = answer.content.decode(errors="replace")
    wrong = is_read_as_html(text) or "Traceback (most recent" in text
    return [f"{address[:160]}: what was typed is read as HTML"] if wrong else []


DAYS = cycle([DATES["first"], DATES["last"], DATES["none"]])
TOO_MUCH = cycle([AMOUNTS["quintillion"], AMOUNTS["huge"], AMOUNTS["nan"]])
OTHERS = cycle([TEXTS["html"], AMOUNTS["huge"], "x"])
LOOKUP_ENDS = cycle(["", "__exact", "__id__exact", "__isnull"])
DAY_ENDS, AMOUNT_ENDS = cycle(["from", "to", "in", "from"]), cycle(["min", "max"])
IGNORED, TURNS = cycle(IGNORED_PARAMS), cycle(LOOKUPS)
MORE_KEYS = cycle(KEYS)
TYPED = cycle(value[:2_000] for value in VALUES.values())
"""Each in turn: every value meets many parameters, and every parameter one of them."""


def parameters(page: Any) -> Iterator[tuple[str, str]]:
    """Yield the parameters that filter a list, each with a hostile value of its kind."""
    for date in page.date_fields:
        yield f"{date}__{next(DAY_ENDS)}", next(DAYS)
    for amount in page.amount_fields:
        yield f"{amount}__{next(AMOUNT_ENDS)}", next(TOO_MUCH)
    for entry in (*page.chips, *page.list_filter):
        field = entry[0] if isinstance(entry, tuple) else getattr(entry, "parameter_name", entry)
        lookup = next(LOOKUP_ENDS)
        yield f"{field}{lookup}", next(OTHERS)
    yield from (("q", next(OTHERS)), (next(IGNORED), next(OTHERS)))


def addresses(page: Any) -> Iterator[str]:
    """Yield the list, or its sums, with each parameter set to a hostile value."""
    shown = cycle([url(page, "changelist"), url(page, "list_totals")])
    for parameter, value in parameters(page):
        yield f"{next(shown)}?{parameter}={quote(value)}"
    for lookup in LOOKUPS if name(page) == "members.member" else (next(TURNS), next(TURNS)):
        yield f"{url(page, 'changelist')}?{lookup}"


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_a_list_answers_whatever_it_is_asked(as_boss: Client, page: Any) -> None:
    assert [wrong for address in addresses(page) for wrong in fault(as_boss, address)] == []


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_reversed_days_and_amounts_are_said_in_words(as_boss: Client, page: Any) -> None:
    for field in page.date_fields:
        text = as_boss.get(
            url(page, "changelist"), {f"{field}__from": "2026-02-01", f"{field}__to": "2026-01-01"}
        ).text
        assert "开始日期晚于结束日期" in text, field
    for field in page.amount_fields:
        given = {f"{field}__min": "2", f"{field}__max": "1"}
        days = {f"{date}__in": "week" for date in page.date_fields[:1]}
        answer = as_boss.get(url(page, "changelist"), {**given, **days})
        assert "最低金额高于最高金额" in answer.text, field


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_the_key_of_no_row_is_said_in_words(as_boss: Client, page: Any) -> None:
    base = url(page, "changelist")
    pages = ["change", "history", "delete", *(each.path or each.name for each in _of_rows(page))]
    wrong = [
        problem
        for what in (*pages, "panel/notes")
        for problem in fault(as_boss, f"{base}{next(MORE_KEYS)}/{what}/")
    ]
    assert wrong == []


def _of_rows(page: Any) -> list[Any]:
    return [each for each in getattr(page, "pages", ()) if each.of_row]


@pytest.mark.parametrize("button", buttons(), ids=str)
def test_a_button_of_no_row_is_said_in_words(as_boss: Client, button: Any) -> None:
    address = button.url
    pk = str(row(button.page).pk)
    before, _pk, after = address.rpartition(f"/{pk}/")
    assert fault(as_boss, f"{before}/{next(MORE_KEYS)}/{after}") == []


@pytest.mark.parametrize("page", office.pages(), ids=lambda page: page.name)
def test_office_pages_answer_whatever_they_are_asked(as_boss: Client, page: Any) -> None:
    wrong = []
    for path in _paths(page):
        for field in _asked(as_boss, path):
            wrong += fault(as_boss, f"{path}?{field}={quote(next(TYPED))}")
        wrong += fault(as_boss, f"{path}?q={NOT_UTF8}")
    assert wrong == []


def _asked(client: Client, path: str) -> set[str]:
    """Return the parameters that a page takes: those of its links and of its forms."""
    answer = client.get(path)
    if answer.status_code != 200 or answer.streaming or "html" not in answer["Content-Type"]:
        return {"q"}
    links = re.findall(rf'(?:href|hx-get)="(?:{re.escape(path)})?\?([^"#]+)"', answer.text)
    linked = {key for link in links for key in parse_qs(unescape(link), keep_blank_values=True)}
    forms = [form for form in shown(client, path) if form.method == "get"]
    return {"q", "page", "row", *linked, *(each.name for form in forms for each in form.fields)}


def _paths(page: office.OfficePage) -> list[str]:
    path = f"/admin/{page.path}/"
    if "<" not in path:
        return [path]
    first, _, rest = path.partition("<")
    after = rest.partition(">")[2]
    tail = "".join("1/" for part in after.split("/") if part.startswith("<"))
    return [f"{first}{key}{'/' if tail else after}{tail}" for key in KEYS[::4]]


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_forms_that_an_address_fills_in_open(as_boss: Client, page: Any) -> None:
    """A link may fill in the fields of a form; a hostile link breaks nothing."""
    wrong = []
    for each in getattr(page, "pages", ()):
        if each.form is None:
            continue
        base = url(page, each.name, *([row(page).pk] if each.of_row else []))
        for field in each.form.base_fields:
            wrong += fault(as_boss, f"{base}?{field}={quote(next(TYPED))}")
    if page.has_add_permission(RequestOf(User.objects.get(username="boss"))):
        base = url(page, "add")
        for field in page.opts.fields:
            wrong += fault(as_boss, f"{base}?{field.name}={quote(next(TYPED))}")
    assert wrong == []


@pytest.mark.parametrize("queue", ["x", *KEYS])
def test_a_desk_that_does_not_exist_is_not_found(as_boss: Client, queue: str) -> None:
    assert as_boss.get(f"/admin/queues/{queue}/").status_code in (400, 404)


def test_searches_answer_whatever_they_are_asked(as_boss: Client) -> None:
    paths = [reverse("admin:search"), reverse("backoffice_find"), reverse("admin:autocomplete")]
    paths += [f"/admin/pick/{source}/" for source in ("members", "orders", "skus", "x")]
    wrong = [
        problem
        for path in paths
        for value in (*VALUES.values(), "*", "%", "_", "\\", " ", "a" * 5_000)
        for problem in fault(as_boss, f"{path}?{'s' if 'search' in path else 'q'}={quote(value)}")
    ]
    assert wrong == []
    assert queues.of(User.objects.get(username="boss"))


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_an_action_for_keys_of_no_row_does_nothing(as_boss: Client, page: Any) -> None:
    as_boss.raise_request_exception = False
    for action in page.get_actions(RequestOf(User.objects.get(username="boss"))):
        chosen = ["x", "", "-1", "9" * 30, "1 OR 1=1", "１.５"]
        values = {"action": action, "_selected_action": chosen, "reason": "检查"}
        answer = as_boss.post(url(page, "changelist"), values)
        assert answer.status_code < SERVER_FAULT, (action, answer.exc_info)
