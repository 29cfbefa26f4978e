"""Settings in words, the preview of a change, and who changed what."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib import admin
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django import Settings

from backoffice import impacts, settings_index
from backoffice.concurrency import SEEN
from backoffice.previews import PREVIEW_ONLY, PREVIEWED
from backoffice.settings_admin import SettingsAdmin
from distribution.models import Policy as DistributionPolicy
from distribution.services import change_policy as change_distribution
from events.models import Event
from members.models import User
from orders.models import Policy
from orders.services import InvalidOrderPolicy, change_policy
from risk.models import Rule
from tests.cast import NOON, give
from tests.setting_forms import save_settings, token_in

pytestmark = pytest.mark.django_db

PAGE, CHANGES = "/admin/settings/", "/admin/settings/changes/"
FORM = {
    "protection_days": 7, "self_purchase": "upline", "refund_alarm_days": 7,
    "receipt_alarm_days": 30, "assumed_receipt_days": "",
}  # fmt: skip
LONGER = {**FORM, "protection_days": 10}
TAG = re.compile(r"<[^>]+>")


def form_url() -> str:
    return reverse("admin:orders_policy_change", args=[1])


def text_of(answer: Any) -> str:
    """Return what people read on a page, with single spaces."""
    return " ".join(TAG.sub(" ", answer.content.decode()).split())


@pytest.fixture
def as_editor(as_qian: Client, qian: User) -> Client:
    """Qian, who may see and change the order policy and nothing else."""
    give(qian, "view_policy", "change_policy")
    User.objects.filter(pk=qian.pk).update(last_name="钱", first_name="多")
    return as_qian


def pages() -> list[Any]:
    return [page for page in admin.site._registry.values() if isinstance(page, SettingsAdmin)]


def test_every_field_of_settings_is_said_in_words() -> None:
    unknown = {}
    for page in pages():
        table = settings_index.get(page.opts.label_lower)
        known = {row.field for row in table.settings} if table else set()
        columns = {field.name for field in page.opts.concrete_fields if field.editable}
        ignored = {"id", "stage", "name"} if page.model is Rule else {"id"}
        if missing := columns - known - ignored - set(page.readonly_fields):
            unknown[page.opts.label_lower] = missing

    assert unknown == {}


def test_every_setting_says_for_what_a_change_counts() -> None:
    silent = [
        f"{table.model}.{row.field}"
        for table in settings_index.tables()
        for row in table.settings
        if not row.law
    ]

    assert silent == []


def test_effects_are_of_settings_that_exist() -> None:
    models = {table.model: {row.field for row in table.settings} for table in
              settings_index.tables()}  # fmt: skip
    named = [button.rpartition(".") for button in impacts._sources]
    wrong = [(m, f) for m, _dot, f in named if m in models and f not in models[m]]

    assert wrong == []


def test_the_page_shows_values_in_words(as_editor: Client) -> None:
    text = text_of(as_editor.get(PAGE))

    assert "保护期（天） 对今后收货的订单生效；已收货的订单天数不变。 7 天" in text
    assert "发货后多少天自动确认收货" in text
    assert "不自动确认，只告警" in text


def test_people_see_the_settings_that_they_may_see(as_qian: Client, qian: User) -> None:
    give(qian, "view_sharingpolicy")
    text = text_of(as_qian.get(PAGE))

    assert "分享有效天数" in text
    assert "保护期（天）" not in text


def test_a_viewer_is_offered_no_change(as_qian: Client, qian: User) -> None:
    give(qian, "view_policy")
    assert "修改 保护期（天）" not in text_of(as_qian.get(PAGE))
    assert as_qian.post(form_url(), LONGER).status_code == 403
    assert Policy.current().protection_days == 7


def test_the_first_post_only_shows_what_would_change(as_editor: Client) -> None:
    answer = as_editor.post(form_url(), LONGER)
    text = text_of(answer)

    assert answer.status_code == 200
    assert "保护期（天） 7 天 → 10 天" in text
    assert "尚未保存" in text
    assert 'value="10"' in answer.content.decode()
    assert (Policy.current().protection_days, Event.objects.count()) == (7, 0)


def test_with_its_preview_a_change_is_saved(as_editor: Client) -> None:
    answer = save_settings(as_editor, form_url(), LONGER)

    assert (answer.status_code, answer["Location"]) == (302, f"{PAGE}#orders.policy")
    assert Policy.current().protection_days == 10
    event = Event.objects.get(name="orders.policy_changed")
    assert (event.actor_id, event.before, event.after) == (
        "qian", {"protection_days": 7}, {"protection_days": 10},
    )  # fmt: skip


def test_another_value_needs_another_preview(as_editor: Client) -> None:
    token = token_in(as_editor.post(form_url(), LONGER).content.decode())
    answer = as_editor.post(form_url(), {**FORM, "protection_days": 300, PREVIEWED: token})

    assert "7 天 → 300 天" in text_of(answer)
    assert Policy.current().protection_days == 7


def test_a_preview_of_what_was_saved_meanwhile_counts_no_more(
    as_editor: Client, feng: User
) -> None:
    token = token_in(as_editor.post(form_url(), LONGER).content.decode())
    change_policy(by=feng, at=NOON, protection_days=5)
    answer = as_editor.post(form_url(), {**LONGER, PREVIEWED: token})

    assert "5 天 → 10 天" in text_of(answer)
    assert Policy.current().protection_days == 5


@pytest.mark.parametrize("token", ["", "x", "0" * 64])
def test_a_forged_preview_saves_nothing(as_editor: Client, token: str) -> None:
    as_editor.post(form_url(), {**LONGER, PREVIEWED: token})

    assert Policy.current().protection_days == 7


def test_a_preview_while_typing_never_saves(as_editor: Client) -> None:
    token = token_in(as_editor.post(form_url(), LONGER).content.decode())
    answer = as_editor.post(form_url(), {**LONGER, PREVIEWED: token, PREVIEW_ONLY: "1"})

    assert answer.status_code == 200
    assert Policy.current().protection_days == 7
    assert as_editor.post(form_url(), {**FORM, PREVIEW_ONLY: "1"}).status_code == 200


def test_a_form_without_changes_is_no_change(as_editor: Client) -> None:
    assert as_editor.post(form_url(), FORM).status_code == 302
    assert Event.objects.count() == 0


def test_an_invalid_value_is_refused_at_its_field(as_editor: Client) -> None:
    answer = save_settings(as_editor, form_url(), {**FORM, "protection_days": 366})

    assert answer.status_code == 200
    assert answer.context["errors"]
    assert Policy.current().protection_days == 7


def test_the_service_refuses_what_the_database_refuses(qian: User) -> None:
    with pytest.raises(InvalidOrderPolicy):
        change_policy(by=qian, at=NOON, protection_days=366)
    assert (Policy.current().protection_days, Event.objects.count()) == (7, 0)


def test_the_preview_keeps_what_the_form_had_shown(as_editor: Client, feng: User) -> None:
    html = as_editor.get(form_url()).content.decode()
    seen = re.search(rf'name="{SEEN}" value="([^"]+)"', html)
    assert seen
    change_policy(by=feng, at=NOON, refund_alarm_days=3)
    answer = save_settings(as_editor, form_url(), {**LONGER, SEEN: seen[1]})

    assert answer.context["errors"]
    assert (Policy.current().protection_days, Policy.current().refund_alarm_days) == (7, 3)


def test_the_history_says_who_changed_what(as_editor: Client, feng: User) -> None:
    save_settings(as_editor, form_url(), LONGER)
    change_policy(by=feng, at=NOON, assumed_receipt_days=20)
    for page in (CHANGES, form_url()):
        text = text_of(as_editor.get(page))
        assert "保护期（天）: 7 天 → 10 天" in text
        assert "发货后多少天自动确认收货: 不自动确认，只告警 → 20 天" in text
        assert "钱多" in text
    assert "由钱多修改" in text_of(as_editor.get(PAGE))


def test_the_history_leaves_out_what_one_may_not_see(
    as_qian: Client, qian: User, feng: User
) -> None:
    give(qian, "view_sharingpolicy")
    change_policy(by=feng, at=NOON, protection_days=5)
    for page in (CHANGES, f"{CHANGES}?of=orders.policy"):
        assert "5 天" not in text_of(as_qian.get(page))


def test_the_history_is_narrowed_to_one_table(as_boss: Client, feng: User) -> None:
    change_policy(by=feng, at=NOON, protection_days=5)
    change_distribution(by=feng, at=NOON, binding_days=90)
    text = text_of(as_boss.get(f"{CHANGES}?of={DistributionPolicy._meta.label_lower}"))

    assert "永久 → 90 天" in text
    assert "7 天 → 5 天" not in text
    assert as_boss.get(f"{CHANGES}?of=no.such").status_code == 200


def test_more_changes_need_no_more_queries(as_boss: Client, feng: User) -> None:
    def count(page: str) -> int:
        with CaptureQueriesContext(connection) as seen:
            as_boss.get(page)
        return len(seen)

    change_policy(by=feng, at=NOON, protection_days=30)
    few = {page: count(page) for page in (PAGE, CHANGES)}
    for days in range(1, 9):
        change_policy(by=feng, at=NOON, protection_days=days)
    assert all(count(page) <= few[page] for page in few)


def test_a_risk_rule_is_one_line(as_boss: Client) -> None:
    text = text_of(as_boss.get(PAGE))

    assert re.search(r"拦截待核 · 阈值 \d+（.+?）", text)


def test_what_is_set_on_the_server_is_said_without_secrets(
    as_qian: Client, qian: User, settings: Settings
) -> None:
    settings.EMAIL_URL = "smtp://mail:secret@mail.example.com"
    settings.STAFF_IDLE_MINUTES = 45
    give(qian, "view_policy")
    assert "服务器设置" not in text_of(as_qian.get(PAGE))
    give(qian, "view_job")
    text = text_of(as_qian.get(PAGE))

    assert "45 分钟" in text
    assert "secret" not in text
    assert "mail.example.com" not in text
