"""Every form of the back office, filled with what was made to break it.

Each POST is rolled back, so that every value meets the same shop. A refusal is a page, never a
fault; whatever the person typed, no page reads it as HTML, and no amount of it becomes money.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from itertools import product
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from backoffice import office, queues
from members.models import User
from tests.admin.forms import COUNTS, Form
from tests.admin.hostile import AMOUNTS, DATES, HTML, TEXTS, VALUES, is_read_as_html, money, shown
from tests.admin.pages import PAGES, buttons, name, row, url, urls

pytestmark = [pytest.mark.usefixtures("shop"), pytest.mark.slow]

SERVER_FAULT = 500
LISTS = 3
"""Lists have the same forms beside them; test_hostile_lists opens each list."""
Variants = Callable[[Form], Iterable[tuple[str, dict[str, list[str]]]]]
LEAST = 300
"""So many forms there are at least: fewer mean that pages were not read."""
COOKIES = {"sessionid", "csrftoken", "messages", "django_language"}
EMPTY, WRONG, MANY = "", "x", "1000000000"
EARLY, LATE = "2026-01-02", "2026-01-01"
NO_MONEY = {"quintillion": AMOUNTS["quintillion"], "last": DATES["last"], "html": HTML}
"""Values that no field of an amount, a number or a day can be: they move nothing."""


def own_pages(page: Any) -> Iterator[str]:
    for each in getattr(page, "pages", ()):
        yield url(page, each.name, *([row(page).pk] if each.of_row else []))


def desks() -> Iterator[str]:
    for queue in queues.of(User.objects.get(username="boss")):
        if queue.desk:
            found = queue.all_rows().order_by("pk").last()
            yield office.url(f"queue_{queue.name}") + (f"?row={found.pk}" if found else "")


def addresses() -> Iterator[str]:
    """Yield every page that has a form."""
    for page in PAGES:
        yield from urls(page)
        yield from own_pages(page)
    for button in buttons():
        yield button.url
    for page in office.pages():
        if "<" not in page.path:
            yield f"/admin/{page.path}/"
    yield from desks()
    yield reverse("admin:password_change")


def posted(client: Client, form: Form, values: dict[str, Any]) -> Any:
    """Return the response to a form; what it changed is rolled back."""
    with transaction.atomic():
        client.raise_request_exception = False
        send = client.post if form.method == "post" else client.get
        answer = send(form.action, values)
        if answer.streaming:
            b"".join(answer.streaming_content)
        elif answer.status_code == 302:  # what is shown next has the typed text, too
            answer.next = client.get(answer["Location"])
        transaction.set_rollback(True)
    return answer


def faults(client: Client, form: Form, values: dict[str, Any]) -> list[str]:
    """Return what is wrong with the response to a form."""
    answer = posted(client, form, values)
    pages = [page for page in (answer, getattr(answer, "next", None)) if page is not None]
    wrong = []
    for page in pages:
        if page.status_code >= SERVER_FAULT:
            wrong.append(f"{page.status_code} {_reason(page)}")
        elif not page.streaming and "html" in page["Content-Type"]:
            text = page.content.decode()
            if is_read_as_html(text):
                wrong.append("read as HTML")
            if "Traceback (most recent call last)" in text:
                wrong.append("traceback")
    wrong += [f"a cookie {key}" for key in answer.cookies if key not in COOKIES]
    return wrong


def _reason(answer: Any) -> str:
    kind, error, _trace = getattr(answer, "exc_info", None) or (None, None, None)
    return f"{kind.__name__ if kind else ''}: {str(error)[:160]}"


FORMS: list[tuple[str, Form]] = []
"""The forms of all pages with their addresses, read once a process."""


def every_form(client: Client) -> list[tuple[str, Form]]:
    if not FORMS:
        for address in dict.fromkeys(addresses()):
            is_usual = not any(address == url(page, "changelist") for page in PAGES[LISTS:])
            FORMS.extend((address, form) for form in shown(client, address) if is_usual)
    assert len(FORMS) > LEAST
    return FORMS


def crawl(client: Client, variants: Variants) -> list[str]:
    """Return the faults of every form, filled in each of several ways."""
    found = {
        f"{address} → {form.action} with {label}: {fault}"
        for address, form in every_form(client)
        for label, values in variants(form)
        for fault in faults(client, form, values)
    }
    assert client.get("/admin/").status_code == 200, "one of them signed the person out"
    return sorted(found)


@pytest.mark.parametrize("value", VALUES)
def test_what_is_typed_breaks_no_page(as_boss: Client, value: str) -> None:
    found = crawl(as_boss, lambda form: [(value, form.filled(VALUES[value]))])

    assert found == []


@pytest.mark.parametrize("value", [EMPTY, WRONG, MANY, *TEXTS])
def test_forged_values_of_hidden_and_chosen_fields_break_no_page(
    as_boss: Client, value: str
) -> None:
    text = TEXTS.get(value, value)
    found = crawl(as_boss, lambda form: [(value or "nothing", form.filled(text, all_fields=True))])

    assert found == []


def test_forged_counts_of_rows_break_no_page(as_boss: Client) -> None:
    def variants(form: Form) -> Iterator[tuple[str, Any]]:
        counts = [each.name for each in form.fields if each.name.endswith(COUNTS)]
        for text in (EMPTY, WRONG, "-1", MANY) if counts else ():
            yield f"{text} rows", {**form.values(), **{name: [text] for name in counts}}

    assert crawl(as_boss, variants) == []


def test_a_form_without_its_fields_breaks_no_page(as_boss: Client) -> None:
    assert crawl(as_boss, lambda _form: [("no fields", {})]) == []


def test_one_wrong_amount_or_day_moves_no_money(as_boss: Client) -> None:
    """Each field of an amount or a day alone, while all others are as the page has them."""
    before, moved = money(), []
    for address, form in every_form(as_boss):
        if form.method != "post" or "/change/" in address:
            continue
        for field, (label, text) in product(form.amounts(), NO_MONEY.items()):
            with transaction.atomic():
                as_boss.raise_request_exception = False
                status = as_boss.post(form.action, {**form.values(), field: [text]}).status_code
                if status >= SERVER_FAULT or money() != before:
                    moved.append(f"{address} {field} with {label}: {status}")
                transaction.set_rollback(True)

    assert moved == []


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_nul_is_refused_in_every_form(as_boss: Client, page: Any) -> None:
    for address in [*urls(page), *own_pages(page)]:
        for form in shown(as_boss, address):
            if form.method == "post" and form.written():
                with transaction.atomic():
                    answer = as_boss.post(form.action, form.filled("a\0b"))
                    transaction.set_rollback(True)
                assert answer.status_code == 400, address
                assert "空字符" in answer.text or "NUL" in answer.text, address


PAIRS = [
    (re.compile(r"(.*)(_from|starts_at|_since|start|first)(.*)"), EARLY),
    (re.compile(r"(.*)(_until|_to|ends_at|end|last)(.*)"), LATE),
]


def reversed_days(form: Form) -> dict[str, list[str]]:
    """Return the form with every range of days ending before it starts."""
    values = form.values()
    for field in form.written():
        for pattern, day in PAIRS:
            if pattern.fullmatch(field):
                values[field] = ["00:00" if field.endswith("_1") else day]
    return values


def test_reversed_days_are_refused_or_said_in_words(as_boss: Client) -> None:
    assert crawl(as_boss, lambda form: [("reversed days", reversed_days(form))]) == []
