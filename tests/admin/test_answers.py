"""What every response of the back office carries, and what it does not believe."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.conf import settings
from django.test import Client, RequestFactory
from django.urls import reverse

from backoffice import office, panels, queues
from backoffice.dialogs import _page_of
from backoffice.panels import Panel
from members.models import Member, User
from tests.admin.pages import PAGES, buttons, name, row, url, urls
from tests.admin.routes import custom_routes
from tests.admin.test_access_table import TABLE
from tests.cast import give

pytestmark = [pytest.mark.usefixtures("shop", "no_static_files"), pytest.mark.slow]

ELSEWHERE = [
    "https://evil.example/", "//evil.example/", "///evil.example", "/\\evil.example",
    "https:evil.example",
    "javascript:alert(1)", "\t//evil.example", "http://testserver@evil.example/", "https:///evil.example",
]  # fmt: skip


def addresses() -> list[str]:
    found = [address for page in PAGES for address in urls(page)]
    found += [button.url for button in buttons()]
    found += [f"/admin/{page.path}/" for page in office.pages() if "<" not in page.path]
    return found


LOADED = re.compile(
    r"""<(?:script|img|link|iframe|source|video|audio|object|embed|form|use)\b[^>]*?"""
    r"""\b(?:src|href|action|data|poster|srcset)\s*=\s*["']?(?:[a-z]+:)?//([^/"'\s>]+)""",
    re.IGNORECASE,
)
CSS_URL = re.compile(r"""(?:url\(|@import)\s*["']?(?:[a-z]+:)?//""", re.IGNORECASE)


def test_pages_stay_in_no_cache_and_no_frame_and_load_nothing_foreign(as_boss: Client) -> None:
    """Browsers of a shared desk and proxies keep none of it."""
    wrong = []
    for address in addresses():
        answer = as_boss.get(address, follow=True)
        if not is_safe(answer.headers):
            wrong.append(address)
        if not answer.streaming and "html" in answer["Content-Type"]:
            wrong += [f"{address}: {host}" for host in LOADED.findall(answer.text)]
            wrong += [f"{address}: a style" for _found in CSS_URL.findall(answer.text)]

    assert wrong == []


def is_safe(headers: Any) -> bool:
    policy, cached = headers["Content-Security-Policy"], headers["Cache-Control"]
    return (
        ("no-store" in cached or "private" in cached)
        and headers["X-Frame-Options"] == "DENY"
        and headers["X-Content-Type-Options"] == "nosniff"
        and "default-src 'self'" in policy
        and "frame-ancestors 'none'" in policy
        and headers["Referrer-Policy"] == "same-origin"
    )


def test_no_style_or_script_of_the_office_names_another_server() -> None:
    folder = settings.BASE_DIR / "static" / "twotier"
    files = [file for ending in ("css", "js") for file in folder.rglob(f"*.{ending}")]
    wrong = [
        file.name
        for file in files
        if CSS_URL.search(text := file.read_text(encoding="utf-8"))
        or re.search(r"""(?:fetch|import|open)\(\s*["'`]https?://""", text)
    ]

    assert wrong == []
    assert len(files) > 10


def test_every_post_needs_the_token(boss: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(boss)
    routes = {route.name: route for route in custom_routes()}
    targets = [routes[each].address() for each in TABLE]
    targets += [f"/admin/{page.path}/" for page in office.pages() if "<" not in page.path]
    targets += [
        url(page, what)
        for page in PAGES
        for what in ("changelist", "add", "list_view_save", "list_columns", "list_export")
    ]
    targets += [reverse("set_language"), reverse("admin:logout"), reverse("admin:password_change")]
    wrong = [target for target in targets if client.post(target, {}).status_code != 403]

    assert wrong == []


def test_a_request_with_a_foreign_origin_is_refused(boss: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(boss)
    client.get("/admin/")
    token = client.cookies["csrftoken"].value if "csrftoken" in client.cookies else "x" * 32
    answer = client.post(
        reverse("set_language"),
        {"csrfmiddlewaretoken": token, "language": "en"},
        headers={"origin": "https://evil.example"},
    )

    assert answer.status_code == 403


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8000", "localhost.evil.example", "a@b"]
)
def test_a_foreign_host_gets_nothing(as_boss: Client, host: str) -> None:
    for path in ("/admin/", "/admin/login/", "/admin/orders/order/"):
        answer = as_boss.get(path, headers={"host": host})

        assert answer.status_code == 400
        assert "evil" not in answer.text


def test_a_forwarded_host_is_not_believed(as_boss: Client) -> None:
    answer = Client().get("/admin/", headers={"x-forwarded-host": "evil.example"})

    assert "evil" not in answer["Location"]


@pytest.mark.parametrize("target", ELSEWHERE)
def test_nothing_leads_elsewhere(as_boss: Client, boss: User, target: str) -> None:
    boss.set_password("a long enough secret")
    boss.save()
    signing_in = Client().post(
        "/admin/login/", {"username": "boss", "password": "a long enough secret", "next": target}
    )
    signed = as_boss.get("/admin/login/", {"next": target})
    language = as_boss.post(reverse("set_language"), {"language": "en", "next": target})
    answers = [signing_in, signed, language]
    answers += [
        as_boss.post(f"/admin/{path}?next={target}", {"next": target})
        for path in ("second_factor/", "password_change/", "logout/", "login/")
    ]
    for answer in answers:
        leads_to = answer.headers.get("Location", "/")
        assert re.match(r"/(?![/\\])", leads_to), leads_to


@pytest.mark.parametrize("target", ELSEWHERE)
def test_a_dialog_leads_back_to_pages_of_the_office_only(target: str) -> None:
    for page in (target, f"{target}/admin/members/member/1/change/"):
        request = RequestFactory().get("/", headers={"hx-current-url": page})

        assert _page_of(request) == ""


def test_a_saved_view_cannot_lead_elsewhere(as_boss: Client) -> None:
    members = next(page for page in PAGES if name(page) == "members.member")
    for what in ("list_view_save", "list_columns", "list_export"):
        answer = as_boss.post(
            url(members, what), {"query": "//evil.example/?q=1#", "name": "x", "format": "csv"}
        )
        assert not answer.headers.get("Location", "/admin/").startswith("//")
        assert answer.headers.get("Location", "/admin/").startswith("/admin/")


PANELS = [(page, panel) for page in PAGES for panel in panels.of_model(name(page))]


@pytest.mark.parametrize(
    ("page", "panel"), PANELS, ids=[f"{name(page)}.{panel.name}" for page, panel in PANELS]
)
def test_a_panel_needs_the_right_to_its_page_and_its_own(
    qian: User, page: Any, panel: Panel
) -> None:
    opts = page.opts
    address = url(page, "panel", row(page).pk, panel.name)
    own = panel.permission.rpartition(".")[2]
    page_right = f"view_{opts.model_name}"
    client = Client()
    client.force_login(qian)
    assert client.get(address).status_code == 403
    if own and own != page_right:
        qian = give(qian, own)
        client.force_login(qian)
        assert client.get(address).status_code == 403  # without the page
        qian.user_permissions.clear()
        client.force_login(give(User.objects.get(pk=qian.pk), page_right))
        assert client.get(address).status_code == 403  # without its own
        client.force_login(give(User.objects.get(pk=qian.pk), own))
    else:
        client.force_login(give(qian, page_right))
    assert client.get(address).status_code == 200


def test_a_panel_of_another_page_is_not_found(as_boss: Client) -> None:
    for page, panel in PANELS:
        other = next(
            other for other, _panel in PANELS
            if all(each.name != panel.name for each in panels.of_model(name(other)))
        )  # fmt: skip
        address = url(other, "panel", row(other).pk, panel.name)
        assert as_boss.get(address).status_code == 404, (page, address)


def test_a_desk_opens_no_row_of_another_table(as_boss: Client) -> None:
    """The key in the address is looked up among the rows of the queue only."""
    for queue in queues.of(User.objects.get(username="boss")):
        if queue.desk is None:
            continue
        keys = set(queue.all_rows().values_list("pk", flat=True))
        foreign = next(key for key in range(1, 10**6) if key not in keys)
        base = office.url(f"queue_{queue.name}")
        assert "不存在" in as_boss.get(f"{base}?row={foreign}").text, queue.name
        gone = as_boss.post(f"{base}?row={foreign}", {"action": "approve"}, follow=True)
        assert "不存在" in gone.text, queue.name


def test_notes_need_the_right_to_the_row(qian: User) -> None:
    client = Client()
    client.force_login(qian)
    lu = Member.objects.get(nickname="Lu")
    for label in ("members.member", "orders.order", "members.user", "auth.group", "x.y", "x"):
        answer = client.post(f"/admin/notes/{label}/{lu.pk}/", {"note": "x"})
        assert answer.status_code in (403, 404), label
