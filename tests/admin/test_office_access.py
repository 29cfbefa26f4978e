"""Which role opens which office page, and what its menu shows."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import resolve

from backoffice import menu, office
from config.roles import ROLES, permissions_of
from members.models import User
from tests.cast import give, staff

pytestmark = [pytest.mark.django_db]

# Pages for all staff: they show only what the person may see, and notes ask the row's page.
FOR_EVERYBODY = {
    "badges", "data", "digest", "row_note", "security", "setting_changes", "settings", "todo",
}  # fmt: skip
PARAMETER = re.compile(r"<(?:(\w+):)?\w+>")
MENUS = {
    "Operations": {"home", "todo", "people", "orders", "marketing", "withdrawals"},
    "Finance": {"home", "todo", "people", "orders", "withdrawals", "closing"},
    "Administrators": {"home", "todo", "people", "orders"},
}


def with_role(role: str) -> User:
    """Return somebody with exactly the permissions of a role."""
    names = [
        f"{app}.{name}"
        for app, name in Permission.objects.values_list("content_type__app_label", "codename")
    ]
    granted = permissions_of(role, names) if role else []
    user = staff(role or "Nobody")
    rows = Permission.objects.filter(codename__in=[name.split(".")[1] for name in granted])
    user.user_permissions.set(
        [row for row in rows if f"{row.content_type.app_label}.{row.codename}" in granted]
    )
    return User.objects.get(pk=user.pk)


def address(page: office.OfficePage) -> str:
    path = PARAMETER.sub(lambda match: "1" if match[1] == "int" else "x", page.path)
    return f"/admin/{path}/"


def needed(page: office.OfficePage) -> tuple[str, ...]:
    return (page.permission,) if isinstance(page.permission, str) else page.permission


@pytest.mark.slow
@pytest.mark.parametrize("role", [*ROLES, ""])
def test_pages_open_for_those_with_the_right_only(role: str, no_static_files: None) -> None:
    user, client = with_role(role), Client()
    client.force_login(user)
    wrong = []
    for page in office.pages():
        is_open = not needed(page) or any(user.has_perm(name) for name in needed(page))
        answer = client.get(address(page))
        if (answer.status_code != 403) != is_open:
            wrong.append((page.name, answer.status_code))

    assert wrong == []


@pytest.mark.slow
def test_pages_send_strangers_to_the_sign_in(client: Client, no_static_files: None) -> None:
    answers = {page.name: client.get(address(page)) for page in office.pages()}

    assert {name for name, answer in answers.items() if answer.status_code != 302} == set()
    assert all(answer["Location"].startswith("/admin/login/") for answer in answers.values())


def test_few_pages_need_no_permission() -> None:
    assert {page.name for page in office.pages() if not needed(page)} == FOR_EVERYBODY


def test_permissions_of_pages_exist() -> None:
    existing = {
        f"{app}.{name}"
        for app, name in Permission.objects.values_list("content_type__app_label", "codename")
    }

    assert {name for page in office.pages() for name in needed(page)} - existing == set()


@pytest.mark.parametrize("role", ROLES)
def test_a_crew_has_six_jobs_at_most(role: str) -> None:
    rows = shown(with_role(role), "/admin/")

    assert {row["name"] for row in rows if not row["is_secondary"]} == MENUS[role]
    assert [row["name"] for row in rows if row["is_secondary"]] == ["settings", "data"]


@pytest.mark.parametrize(
    ("path", "job", "link"),
    [
        ("/admin/", "home", None),
        ("/admin/orders/order/", "orders", "/admin/orders/order/"),
        ("/admin/orders/order/1/change/", "orders", "/admin/orders/order/"),
        ("/admin/members/tag/", "people", None),
        ("/admin/sharing/visit/", "marketing", None),
        ("/admin/data/", "data", None),
    ],
)
def test_the_job_of_a_page_is_open(path: str, job: str, link: str | None) -> None:
    rows = shown(with_role("Operations"), path)
    (opened,) = [row for row in rows if row["is_open"]]

    assert opened["name"] == job
    assert [row["url"] for row in opened["links"] if row["is_current"]] == ([link] if link else [])
    assert all(row["links"] == [] for row in rows if not row["is_open"])


def test_a_list_of_a_job_that_one_does_not_have_is_of_all_data() -> None:
    rows = shown(with_role("Finance"), "/admin/sharing/visit/")

    assert [row["name"] for row in rows if row["is_open"]] == ["data"]


def test_the_menu_shows_no_link_that_would_be_refused(qian: User) -> None:
    rows = shown(give(qian, "view_member"), "/admin/members/member/")
    (people,) = [row for row in rows if row["name"] == "people"]

    assert [row["url"] for row in people["links"]] == ["/admin/members/member/"]


def test_the_menu_costs_no_query() -> None:
    qian = with_role("Operations")
    qian.get_all_permissions()
    with CaptureQueriesContext(connection) as seen:
        shown(qian, "/admin/orders/order/")

    assert len(seen) == 0


def shown(user: User, path: str) -> list[dict[str, Any]]:
    request = RequestFactory().get(path)
    request.user = user
    request.resolver_match = resolve(path)
    return menu.sidebar(request)
