"""Staff switch shares off, clear lines, and say where shares land."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse

from events.models import Event
from members.models import Member, User
from sharing.models import ForbiddenWord, HomePage, LandingPolicy, Share, SharingPolicy
from sharing.services import save_home
from tests.cast import NOON
from tests.setting_forms import save_settings
from tests.sharing.things import share, visit
from tests.shop import DAY, distributor

pytestmark = pytest.mark.slow

PRESS = {"_form_submitted": "True"}


def url(model: Any, what: str, *args: Any) -> str:
    return reverse(f"admin:sharing_{model._meta.model_name}_{what}", args=args)


@pytest.fixture
def boss(db: None) -> Client:
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(User.objects.create_superuser("boss"))
    return client


def press(client: Client, row: Any, what: str, **form: str) -> str:
    answer = client.post(url(type(row), what, row.pk), {**PRESS, **form})
    return [str(message) for message in get_messages(answer.wsgi_request)][-1]


def test_a_share_is_switched_off_and_on(boss: Client, lan: Member) -> None:
    opened = share(lan)

    assert press(boss, opened, "disable", reason="Spam") == "The share is switched off."
    opened.refresh_from_db()
    assert opened.disabled_at
    again = boss.post(url(Share, "disable", opened.pk), {**PRESS, "reason": "Spam"})
    assert "This share is switched off already. Reload the page." in again.content.decode()
    page = boss.get(url(Share, "change", opened.pk)).content.decode()
    assert url(Share, "enable", opened.pk) in page
    assert url(Share, "disable", opened.pk) not in page
    assert press(boss, opened, "enable", reason="Mistake") == "The share is switched on."


@pytest.mark.parametrize(
    ("state", "codes"), [("yes", "a"), ("off", "b"), ("expired", "c"), ("", "cba")]
)
def test_shares_are_filtered_by_their_state(
    boss: Client, lan: Member, state: str, codes: str
) -> None:
    for label in "abc":
        share(lan, label=label)
    Share.objects.filter(label="b").update(disabled_at=NOON)
    Share.objects.filter(label="c").update(expires_at=NOON + DAY / 24)
    shown = boss.get(url(Share, "changelist"), {"live": state}).context["cl"].result_list
    assert "".join(row.label for row in shown if row.label in codes) == codes
    assert len(shown) == len(codes)


def test_a_line_is_cleared(boss: Client, lan: Member) -> None:
    distributor(lan)
    home = save_home(member=lan, line="Hello", products=[], at=NOON)
    assert press(boss, home, "clear", reason="Insult") == "The line is cleared."
    assert HomePage.objects.get().line == ""


def test_the_page_of_a_visit_shows_its_traces(boss: Client, lan: Member, bo: Member) -> None:
    seen = visit(share(lan).code, by=bo, ip="203.0.113.7").visit
    assert seen
    listed = boss.get(url(type(seen), "changelist")).content.decode()
    assert "203.0.113.7" not in listed
    page = boss.get(url(type(seen), "change", seen.pk)).content.decode()
    assert "203.0.113.7" in page
    assert "MicroMessenger" in page


@pytest.mark.parametrize(
    "fields",
    [
        {"url": "https://mall.example.com/{price}"}, {"url": "javascript:alert(1)"},
        {"url": "http://mall.example.com/"}, {"url": "//evil.example.com"},
        {"mini_path": "/pages/x"}, {"mini_path": "https://x"}, {"mini_path": "pages/{name}"},
    ],
    ids=str,
)  # fmt: skip
def test_unsafe_landing_pages_are_refused(boss: Client, fields: dict[str, str]) -> None:
    body = {"kind": "product", "url": "", "mini_path": "", **fields}
    answer = boss.post(url(LandingPolicy, "add"), body)
    assert answer.status_code == 200
    assert answer.context["adminform"].form.errors
    assert not LandingPolicy.objects.exists()


def test_a_landing_page_is_set(boss: Client) -> None:
    body = {"kind": "product", "url": "https://m.example.com/{sku}?s={code}", "mini_path": ""}
    assert boss.post(url(LandingPolicy, "add"), body).status_code == 302
    assert LandingPolicy.objects.get().url == body["url"]
    page = url(LandingPolicy, "change", "product")
    assert boss.post(page, body).status_code == 302  # the same again
    assert boss.post(page, {**body, "url": "/goods/{sku}"}).status_code == 302
    assert boss.post(url(LandingPolicy, "delete", "product"), {"post": "yes"}).status_code == 302
    events = Event.objects.filter(name="sharing.landing_changed").order_by("pk")
    assert [(row.before["url"], row.after["url"]) for row in events] == [
        ("", body["url"]), (body["url"], "/goods/{sku}"), ("/goods/{sku}", ""),
    ]  # fmt: skip


def test_the_policy_is_changed_on_its_page(boss: Client) -> None:
    page = url(SharingPolicy, "change", 1)
    assert save_settings(boss, page, {"share_days": "30"}).status_code == 302
    assert SharingPolicy.current().share_days == 30
    assert save_settings(boss, page, {"share_days": "0"}).context["errors"]
    assert SharingPolicy.current().share_days == 30


def test_a_word_is_added(boss: Client) -> None:
    body = {"word": "全宇宙", "industry": "", "reason": "absolute"}
    assert boss.post(url(ForbiddenWord, "add"), body).status_code == 302
    assert ForbiddenWord.objects.filter(word="全宇宙").exists()
