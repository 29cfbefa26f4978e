"""Every page opens for those who may see it, and for nobody else."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from unfold.admin import ModelAdmin

from backoffice import office
from members.models import User
from tests.admin.pages import PAGES, name, url, urls
from tests.admin.words import LANGUAGES, faults_in

pytestmark = [pytest.mark.usefixtures("shop"), pytest.mark.slow]

DAYS = [("2026-11-01", "a day"), ("someday", "no day")]
ELSEWHERE = re.compile(
    r"""(?:src|href|action|data-[\w-]*url)=["']\s*(?:https?:)?//[^"']*|url\(\s*["']?(?:https?:)?//"""
)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_page_opens_in_one_language_and_asks_no_other_host(
    as_boss: Client, page: Any, language: str, typed: list[str]
) -> None:
    as_boss.cookies["django_language"] = language
    for each in urls(page):
        answer = as_boss.get(each)
        assert answer.status_code == 200, each
        assert answer.headers["Content-Language"] == language
        assert_stays_here(answer)
        html = answer.content.decode()
        assert "(&#x27;" not in html, f"{each} shows a tuple"
        assert faults_in(html, language, typed) == [], each


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_a_stranger_is_sent_to_the_login(client: Client, page: Any) -> None:
    for each in urls(page):
        answer = client.get(each)
        assert answer.status_code == 302, each
        assert answer.url.startswith(reverse("admin:login")), each


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_staff_without_rights_see_nothing(as_qian: Client, page: Any) -> None:
    for each in urls(page):
        assert as_qian.get(each).status_code == 403, each


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_the_right_to_view_opens_list_and_row_but_changes_nothing(
    as_qian: Client, qian: User, page: Any
) -> None:
    qian.user_permissions.set(
        Permission.objects.filter(
            content_type__app_label=page.opts.app_label, codename=f"view_{page.opts.model_name}"
        )
    )
    for each in urls(page):
        expected = 403 if each.endswith(("/add/", "/delete/")) else 200
        assert as_qian.get(each).status_code == expected, each
    answer = as_qian.get(url(page, "change", page.model._default_manager.last().pk))
    assert "_save" not in answer.content.decode()


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES, ids=name)
def test_a_search_for_anything_opens(as_boss: Client, page: Any) -> None:
    for words in ("Mei", "%_'\"", "a:b", "坚果", "commission:cash", "  "):
        assert as_boss.get(url(page, "changelist"), {"q": words}).status_code == 200


def test_nobody_pages_a_million_rows_far(as_boss: Client) -> None:
    events = reverse("admin:events_event_changelist")
    assert as_boss.get(events, {"p": "1000"}).status_code == 200
    assert as_boss.get(events, {"p": "1001"}).status_code == 302


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_filter_opens(as_boss: Client, page: Any) -> None:
    answer = as_boss.get(url(page, "changelist"))
    for spec in answer.context["cl"].filter_specs:
        for choice in spec.choices(answer.context["cl"]):
            for field in choice["form"]:
                for value, _label in getattr(field.field, "choices", DAYS):
                    given = {field.name: value}
                    assert as_boss.get(url(page, "changelist"), given).status_code == 200, given


def test_the_first_page_asks_no_other_host(as_boss: Client) -> None:
    assert_stays_here(as_boss.get(reverse("admin:index")))


def assert_stays_here(answer: HttpResponse) -> None:
    assert "script-src 'self' 'unsafe-eval'" in answer.headers["Content-Security-Policy"]
    assert ELSEWHERE.findall(answer.content.decode()) == []


def test_the_check_for_other_hosts_finds_one() -> None:
    for bad in ('<script src="https://cdn.example/x.js">', "<a href='//x'>", "url(http://x/a.png)"):
        assert ELSEWHERE.search(bad)
    assert not ELSEWHERE.search('<a href="/admin/">')


def test_the_login_page_is_guarded_too(client: Client) -> None:
    answer = client.get(reverse("admin:login"))
    assert answer.status_code == 200
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
    assert not ELSEWHERE.search(answer.content.decode())


def test_every_admin_wears_the_same_dress() -> None:
    assert [name(page) for page in PAGES if not isinstance(page, ModelAdmin)] == []


def test_the_language_is_switched_by_a_click(as_boss: Client) -> None:
    members = reverse("admin:members_member_changelist")
    assert "会员等级" in as_boss.get(members).content.decode()
    as_boss.post(reverse("set_language"), {"language": "en", "next": members})
    page = as_boss.get(members).content.decode()
    assert "Grade" in page
    assert "会员等级" not in page


def test_all_data_shows_only_what_one_may_see(as_qian: Client, qian: User) -> None:
    qian.user_permissions.set(Permission.objects.filter(codename="view_product"))
    page = as_qian.get(office.url("data")).content.decode()
    assert reverse("admin:catalog_product_changelist") in page
    assert reverse("admin:ledger_transfer_changelist") not in page


def test_all_rooms_have_their_models_in_the_admin() -> None:
    shown = {page.opts.app_label for page in PAGES}
    assert {"members", "catalog", "ledger", "events", "auth"} <= shown
    assert admin.site.is_registered(User)
