"""Every file of the office: in one language, and never a formula."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from backoffice import office
from closing.models import JournalFormat
from members.models import User
from tests.admin.exported import content_of, formulas_in, tables_of
from tests.admin.hostile import TEXTS, store_everywhere
from tests.admin.pages import PAGES, name, url
from tests.admin.words import chinese_in, english_in, typed_words
from withdrawals.models import Withdrawal

pytestmark = [pytest.mark.usefixtures("shop"), pytest.mark.slow]

LANGUAGES = {"zh-hans": english_in, "en": chinese_in}
FORMULA = '=HYPERLINK("http://x.example";"y")'

LISTS = {"members.member", "members.user", "orders.order", "ledger.transfer", "catalog.product"}
SOME = [page for page in PAGES if name(page) in LISTS]
"""One mechanism exports all lists: large and small ones, with and without secrets."""


def files() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield the address of each file, with the method and the values that ask for it."""
    for page in PAGES:
        for kind in ("csv", "xlsx"):
            yield "post", url(page, "list_export"), {"format": kind, "query": ""}
    paid = Withdrawal.objects.earliest("pk").member
    month = {"month": "2026-11", "format": "xlsx", "reason": "核对"}
    yield "post", "/admin/ledger/period/withholding/", month
    yield "post", "/admin/ledger/period/statement/", {**month, "member": paid.public_id}
    yield "post", "/admin/closing/payroll/export/", month
    yield "post", "/admin/liability/?day=2026-11-30", {"format": "csv"}
    for chosen in JournalFormat.objects.all():
        values = {"month": "2026-11", "format": chosen.pk, "first": "2026-11-01",
                  "last": "2026-11-30", "period": "month"}  # fmt: skip
        yield "post", "/admin/journal/", values


def ask(client: Client, method: str, address: str, values: dict[str, Any]) -> Any:
    answer = getattr(client, method)(address, values)
    return answer if "attachment" in answer.headers.get("Content-Disposition", "") else None


@pytest.fixture(params=LANGUAGES)
def language(request: pytest.FixtureRequest, as_boss: Client) -> str:
    as_boss.cookies["django_language"] = request.param
    return str(request.param)


def test_files_speak_one_language(as_boss: Client, language: str) -> None:
    typed = sorted(typed_words(), key=len, reverse=True)
    wrong, count = [], 0
    for method, address, values in files():
        if "journal" in address:
            continue  # the accounting system decides the words of its file
        answer = ask(as_boss, method, address, values)
        if answer is None:
            continue
        count += 1
        for table in tables_of(answer):
            texts = [cell for row in table for cell in row if isinstance(cell, str)]
            wrong += [f"{address}: {fault}" for fault in LANGUAGES[language](texts, typed)]

    assert wrong == []
    assert count >= len(PAGES)


@pytest.fixture
def formulas(shop: None, db: None) -> None:
    """Store a formula in every field that people type into."""
    store_everywhere(FORMULA, "=1+1", "+1+1")


def test_no_file_has_a_formula(as_boss: Client, formulas: None) -> None:
    wrong, seen = [], 0
    for method, address, values in files():
        answer = ask(as_boss, method, address, values)
        if answer is None:
            continue
        content = content_of(answer)
        seen += b"HYPERLINK" in content or content.startswith(b"PK")
        wrong += [f"{address}: {cell}" for cell in formulas_in(answer, content)]

    assert wrong == []
    assert seen > len(PAGES)


def test_a_file_is_saved_and_never_shown_or_cached(as_boss: Client) -> None:
    for method, address, values in files():
        answer = ask(as_boss, method, address, values)
        if answer is not None:
            assert answer["X-Content-Type-Options"] == "nosniff", address
            assert "no-store" in answer["Cache-Control"], address


@pytest.mark.parametrize("page", SOME, ids=name)
def test_an_export_of_a_forged_list_is_refused_in_words(as_boss: Client, page: Any) -> None:
    as_boss.raise_request_exception = False
    for query in (
        "password__startswith=a", "e=1", "o=99.-1", "o=1&pk__in=x", "o=" + "9" * 5_000,
        "pk__in=x", "id__gt=", "p=-1", "columns=x.y.z",
        "q=" + "x" * 9_000, "sort=-password", "q=%ff",
        "a" * 9_000, "&" * 2_000, "//evil.example",
    ):  # fmt: skip
        for what in ("list_export", "list_view_save", "list_columns"):
            with transaction.atomic():
                values = {
                    "query": query,
                    "format": "csv",
                    "name": "x",
                    "column": ["password", "pk"],
                }
                answer = as_boss.post(url(page, what), values)
                transaction.set_rollback(True)
            assert answer.status_code < 500, (what, query, answer.exc_info)
            assert answer.headers.get("Location", "/admin/").startswith("/admin/")


@pytest.mark.parametrize("text", [*TEXTS.values(), " ", ""])
def test_the_name_of_a_view_is_text(as_boss: Client, text: str) -> None:
    members = next(page for page in PAGES if name(page) == "members.member")
    as_boss.post(url(members, "list_view_save"), {"query": "", "name": text})
    shown = as_boss.get(url(members, "list_views")).text

    assert "<b id=" not in shown


def test_an_exported_file_has_no_column_that_the_list_does_not_offer(as_boss: Client) -> None:
    users = next(page for page in PAGES if name(page) == "members.user")
    values = {"query": "columns=password.username.last_login.is_superuser", "format": "csv"}
    answer = as_boss.post(url(users, "list_export"), values)
    if answer.status_code == 200:
        assert User.objects.get(username="boss").password not in answer.content.decode()


def test_office_pages_with_files_are_known() -> None:
    """A page whose name says that it sends a file is among those above, or has tests of its own."""
    known = {"export_file", "exports", "mall_import_file", "payout_batch_file"}
    names = {page.name for page in office.pages() if "export" in page.name or "file" in page.name}

    assert names <= known
