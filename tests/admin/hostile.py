"""Texts that were made to break pages, and how to find out that one has."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html.parser import HTMLParser
from typing import Any

from django.apps import apps
from django.db import Error, connection, transaction
from django.db.models import CharField, F, TextField, Value
from django.db.models.functions import Cast, Concat
from django.test import Client
from django.urls import reverse

from ledger.models import Account, Transfer
from tests.admin.forms import Form, forms_of
from tests.admin.words import TYPED
from withdrawals.models import Attempt, Withdrawal

MARK = "tt-was-here"
HTML = f"\"'><b id={MARK}>{{{{7*7}}}}{{% now %}}<!-- 100%% %s %(name)s {{0}} \\ '; DROP TABLE x; --"
TEXTS = {
    "html": HTML,
    "script": f"</script></textarea></title><b id={MARK}>",
    "bidi": "\u202e\u2066gpj.exe\u2069\u200b\u0338\U0001f468\u200d\U0001f469\ufffd\ufeff",
    "formula": '=HYPERLINK("http://x.example","y")+cmd|\' /C calc\'!A0',
    "long": "长" * 20_000,
    "lines": "a\r\nSet-Cookie: x=1\r\n\r\n<b>",
}
AMOUNTS = {
    "quintillion": "1" + "0" * 18,
    "largest yuan": "9999999999999.99",
    "largest percent": "99999.99",
    "over an integer": "2147483648",
    "huge": "9" * 5_000,
    "exponent": "1e308",
    "negative": "-9223372036854775809",
    "nan": "NaN",
    "full-width": "１２．３４",
}
DATES = {
    "first": "0001-01-01",
    "last": "9999-12-31",
    "none": "2026-02-30",
    "moment": "9999-12-31 23:59:59",
    "zone": "0001-01-01T00:00:00+14:00",
    "first month": "0001-01",
    "last month": "9999-12",
}
VALUES = {**TEXTS, **AMOUNTS, **DATES}


KEYS = {
    "actor_id", "app", "code", "codename", "domain", "follower", "host", "key", "label",
    "subject_id", "username",
}  # fmt: skip
NAMED = {
    "alarms.alarm", "alarms.job", "auth.permission", "catalog.productpicture", "events.delivery",
    "events.event",
}  # fmt: skip
"""Fields and tables whose names the code knows: a person cannot write them."""


class _Marks(HTMLParser):
    found = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += dict(attrs).get("id") == MARK


def is_read_as_html(page: str) -> bool:
    """Whether a page has the element of a hostile text."""
    marks = _Marks()
    marks.feed(page)
    return marks.found > 0


def money() -> tuple[list[object], ...]:
    """Return all balances, transfers and payments."""
    return tuple(
        list(model.objects.order_by("pk").values())  # type: ignore[attr-defined]
        for model in (Account, Transfer, Withdrawal, Attempt)
    )


def store_everywhere(*texts: str) -> list[Any]:
    """Store a text in every field that people type into, also in what never changes otherwise.

    :param texts: the first one that a field can hold is stored
    :returns: the fields
    """
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        changed = [field for field in _typed() if _store(field, texts)]
        cursor.execute("SET LOCAL session_replication_role = origin")
    return changed


def _typed() -> Iterator[Any]:
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            is_text = isinstance(field, CharField | TextField) and not field.choices
            if is_text and field.name in TYPED - KEYS and model._meta.label_lower not in NAMED:
                yield field


def _store(field: Any, texts: Iterable[str]) -> bool:
    for text in texts:
        new = Concat(Value(text), Cast(F("pk"), TextField())) if field.unique else Value(text)
        try:
            with transaction.atomic():
                return bool(field.model._base_manager.update(**{field.name: new}))
        except Error:  # too long, or against a constraint
            continue
    return False


def shown(client: Client, address: str) -> list[Form]:
    """Return the forms of a page, without those of its frame: search, language, sign-out."""
    answer = client.get(address, follow=True)
    if answer.status_code != 200 or not answer["Content-Type"].startswith("text/html"):
        return []
    frame = (reverse("set_language"), reverse("admin:logout"))
    forms = forms_of(answer.getvalue().decode(), answer.request["PATH_INFO"])
    return [form for form in forms if form.action not in frame]
