"""Every form of the back office, filled with what was made to break it.

Each POST is rolled back, so that every value meets the same shop. A refusal is a page, never a
fault; whatever the person typed, no page reads it as HTML, and no amount of it becomes money.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from itertools import cycle
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from backoffice import office, queues
from members.models import User
from tests.admin.forms import COUNTS, Field, Form
from tests.admin.hostile import AMOUNTS, DATES, HTML, TEXTS, VALUES, is_read_as_html, money, shown
from tests.admin.pages import PAGES, buttons, row, url, urls

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
ANY = "any"
OF_KIND = {
    "texts": TEXTS.values(),
    "amounts": AMOUNTS.values(),
    "days": DATES.values(),
    ANY: [EMPTY, WRONG, MANY, *VALUES.values()],
}
DAY = re.compile(r"(_at|_from|_until|_since|date|day)(_0|_1)?$")
KEPT = {"csrfmiddlewaretoken"}
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
    """Return each form once, however many pages show it."""
    if not FORMS:
        seen = set()
        for address in dict.fromkeys(addresses()):
            if any(address == url(page, "changelist") for page in PAGES[LISTS:]):
                continue
            for form in shown(client, address):
                key = (form.action, form.method, *(field.name for field in form.fields))
                if key not in seen:
                    seen.add(key)
                    FORMS.append((address, form))
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


def in_turn(kinds: Iterable[str], *, all_fields: bool = False) -> Variants:
    """Return what fills each field with the next hostile value of its kind.

    The values go round, so that each of them meets many fields, and each field one of them.
    """
    turns = {kind: cycle(OF_KIND[kind]) for kind in kinds}

    def variants(form: Form) -> Iterator[tuple[str, dict[str, list[str]]]]:
        names = form.filled("", all_fields=True) if all_fields else form.written()
        values = {
            field.name: [next(turns[kind])]
            for field in form.fields
            if field.name in names and field.name not in KEPT and not field.name.endswith(COUNTS)
            for kind in [kind_of(field) if kind_of(field) in turns else ANY]
            if kind in turns
        }
        if values:
            yield str({name: value[0][:40] for name, value in values.items()}), {
                **form.values(), **values,
            }  # fmt: skip

    return variants


def kind_of(field: Field) -> str:
    if field.kind in ("date", "datetime-local", "month") or DAY.search(field.name):
        return "days"
    return "amounts" if field.is_amount else "texts"


def test_texts_break_no_page(as_boss: Client) -> None:
    """All else is as the page has it, so that most of them are stored and shown."""
    assert crawl(as_boss, in_turn(["texts"])) == []


def test_amounts_and_days_break_no_page(as_boss: Client) -> None:
    assert crawl(as_boss, in_turn(["amounts", "days"])) == []


def test_forged_values_of_hidden_and_chosen_fields_break_no_page(as_boss: Client) -> None:
    assert crawl(as_boss, in_turn([ANY], all_fields=True)) == []


def test_forged_counts_of_rows_break_no_page(as_boss: Client) -> None:
    wrong = cycle((EMPTY, WRONG, "-1", MANY))

    def variants(form: Form) -> Iterator[tuple[str, Any]]:
        counts = [each.name for each in form.fields if each.name.endswith(COUNTS)]
        if counts:
            given = {name: [next(wrong)] for name in counts}
            yield str(given), {**form.values(), **given}

    assert crawl(as_boss, variants) == []


def test_a_form_without_its_fields_breaks_no_page(as_boss: Client) -> None:
    found = crawl(as_boss, lambda form: [("no fields", {})] if form.method == "post" else [])

    assert found == []


def test_one_wrong_amount_or_day_moves_no_money(as_boss: Client) -> None:
    """Each field of an amount or a day alone, while all others are as the page has them."""
    before, moved, wrong = money(), [], cycle(NO_MONEY.items())
    for address, form in every_form(as_boss):
        if form.method != "post" or "/change/" in address:
            continue
        for field, (label, text) in zip(form.amounts(), wrong, strict=False):
            with transaction.atomic():
                as_boss.raise_request_exception = False
                status = as_boss.post(form.action, {**form.values(), field: [text]}).status_code
                if status >= SERVER_FAULT or money() != before:
                    moved.append(f"{address} {field} with {label}: {status}")
                transaction.set_rollback(True)

    assert moved == []


def test_nul_is_refused_in_every_form(as_boss: Client) -> None:
    for address, form in every_form(as_boss):
        if form.method == "post" and form.written():
            answer = as_boss.post(form.action, form.filled("a\0b"))
            assert answer.status_code == 400, address
            assert "空字符" in answer.text or "NUL" in answer.text, address


PAIRS = [
    (re.compile(r"(.*)(_from|starts_at|_since|start|first)(.*)"), EARLY),
    (re.compile(r"(.*)(_until|_to|ends_at|end|last)(.*)"), LATE),
]


def reversed_days(form: Form) -> Iterator[tuple[str, dict[str, list[str]]]]:
    """Yield the form with every range of days ending before it starts, if it has any."""
    values = form.values()
    for field in form.written():
        for pattern, day in PAIRS:
            if pattern.fullmatch(field):
                values[field] = ["00:00" if field.endswith("_1") else day]
    if values != form.values():
        yield "reversed days", values


def test_reversed_days_are_refused_or_said_in_words(as_boss: Client) -> None:
    assert crawl(as_boss, reversed_days) == []
