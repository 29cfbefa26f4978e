"""No English and no machine word on a Chinese page, and no Chinese on an English one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, ClassVar

import pytest
from django.contrib import admin
from django.test import Client, override_settings

from backoffice import office
from tests.admin.pages import PAGES, buttons, name, row, url
from tests.admin.words import CHINESE, LANGUAGES, chinese_in, english_in, faults_in

pytestmark = [pytest.mark.usefixtures("shop"), pytest.mark.slow]

INLINE_COUNTS = re.compile(r'name="([\w-]+_FORMS)" value="(\d+)"')


@pytest.fixture(params=LANGUAGES)
def language(request: pytest.FixtureRequest, as_boss: Client) -> str:
    as_boss.cookies["django_language"] = request.param
    return str(request.param)


def faults(client: Client, path: str, language: str, typed: list[str]) -> list[str]:
    answer = client.get(path, follow=True)
    if not answer.headers["Content-Type"].startswith("text/html"):
        return []  # a file, whose words its own tests know
    html = answer.getvalue().decode()
    return [f"{path}: {fault}" for fault in faults_in(html, language, typed)]


def own_pages(page: Any) -> Iterator[str]:
    """Yield the addresses of the pages beside the list and its row."""
    for each in getattr(page, "pages", ()):
        if each.form is not None:
            yield url(page, each.name, *([row(page).pk] if each.of_row else []))


@pytest.mark.parametrize("page", [page for page in PAGES if getattr(page, "pages", ())], ids=name)
def test_pages_beside_lists_speak_one_language(
    as_boss: Client, page: Any, language: str, typed: list[str]
) -> None:
    found = [fault for path in own_pages(page) for fault in faults(as_boss, path, language, typed)]
    assert found == []


@pytest.mark.parametrize("button", buttons(), ids=str)
def test_dialogs_speak_one_language(
    as_boss: Client, button: Any, language: str, typed: list[str]
) -> None:
    assert faults(as_boss, button.url, language, typed) == []


@pytest.mark.parametrize("path", [page.path for page in office.pages() if "<" not in page.path])
def test_office_pages_speak_one_language(
    as_boss: Client, path: str, language: str, typed: list[str]
) -> None:
    assert faults(as_boss, f"/admin/{path}/", language, typed) == []


@pytest.mark.parametrize(
    "path", ["", "password_change/", "no/such/page/", "orders/order/0/change/", "logout/"]
)
def test_other_pages_speak_one_language(
    as_boss: Client, path: str, language: str, typed: list[str]
) -> None:
    assert faults(as_boss, f"/admin/{path}", language, typed) == []


@pytest.mark.parametrize("path", ["login/", "password_reset/", "password_reset/done/"])
def test_the_door_speaks_one_language(client: Client, path: str, typed: list[str]) -> None:
    for language in LANGUAGES:
        client.cookies["django_language"] = language
        assert faults(client, f"/admin/{path}", language, typed) == []


def test_errors_of_forms_are_in_the_language_of_the_page(
    as_boss: Client, language: str, typed: list[str]
) -> None:
    for page in PAGES:
        if page.has_add_permission(_AsBoss()):
            counts = INLINE_COUNTS.findall(as_boss.get(url(page, "add")).content.decode())
            answer = as_boss.post(url(page, "add"), dict(counts))
            assert faults_in(answer.content.decode(), language, typed) == [], name(page)


class _AsBoss:
    GET: ClassVar[dict[str, str]] = {}

    class user:  # noqa: N801 - as a request has it
        is_active = is_superuser = is_staff = True

        @staticmethod
        def has_perm(*_args: Any) -> bool:
            return True


def test_a_fault_of_ours_is_said_in_words_too(as_boss: Client, language: str) -> None:
    as_boss.raise_request_exception = False
    with override_settings(ROOT_URLCONF="tests.admin.broken_urls"):
        answer = as_boss.get("/admin/broken/", headers={"accept-language": language})

    assert answer.status_code == 500
    assert bool(CHINESE.search(answer.content.decode())) == (language == "zh-hans")
    assert 'href="/admin/"' in answer.content.decode()


def test_the_check_finds_words_of_the_other_language() -> None:
    assert english_in(["已用 foo 付款"], [])
    assert english_in(["closing.no_bill"], [])
    assert chinese_in(["Order 订单"], [])
    assert english_in(["由 Mei 付款，编号 e20260001，TT-0001"], ["Mei"]) == []
    assert chinese_in(["Product 每日坚果"], ["每日坚果"]) == []


def test_every_list_is_headed_by_its_name_in_the_menu(as_boss: Client) -> None:
    for page in PAGES:
        answer = as_boss.get(url(page, "changelist"))
        title = str(admin.site._registry[page.model].opts.label_lower)
        assert "<h1>" in answer.content.decode(), title
