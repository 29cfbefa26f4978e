"""The back office pins levels, edits the ladder, and says why a level counts."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse

from backoffice import impacts
from common import clock
from distribution.models import Level
from events.models import Event
from incentives.models import LevelCondition, LevelPin, LevelReview, LevelWarning
from incentives.services.levels import pin_level
from members.models import Member, User
from tests.cast import give, link, member
from tests.incentives.levels.ladder import (
    YUAN,
    asks,
    level,
    level_of,
    review,
    rows,
    silver_and_gold,
    sold,
)
from tests.shop import DAY, distributor, make_referral, plan, rule, sku

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

PRESS = {"_form_submitted": "True"}
REASON = "带新人"


@pytest.fixture
def lan(db: None) -> Member:
    """Sold for 120 yuan to Bo, ten days ago, and is Silver."""
    sku()
    now = clock.now()
    silver_and_gold()
    seller, buyer = member("Lan"), member("Bo")
    distributor(seller, at=now - 100 * DAY)
    make_referral(seller, buyer, at=now - 99 * DAY)
    sold(buyer, 120, placed_at=now - 11 * DAY)
    review(now - DAY)
    return seller


def words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def url(model: str, page: str, *args: Any) -> str:
    return reverse(f"admin:incentives_{model}_{page}", args=args)


def press(client: Client, button: str, who: Member, **form: Any) -> str:
    """Press a button; return its message, or the dialog if it stays open."""
    path = url("distributorlevel", button, who.distributor.pk)
    response = client.post(path, {**PRESS, **form})
    assert response.status_code == 200
    if "HX-Redirect" not in response.headers:
        return response.content.decode()
    return [str(message) for message in get_messages(response.wsgi_request)][-1]


def panel(client: Client, who: Member) -> str:
    path = reverse("admin:members_member_panel", args=[who.pk, "level"])
    return words(client.get(path).content.decode())


def test_the_page_of_a_person_says_where_they_stand(as_boss: Client, lan: Member) -> None:
    shown = panel(as_boss, lan)

    assert "Silver" in shown
    assert "¥120.00 · 1 单 · 1 位买家" in shown
    assert "还差 ¥180.00 · 1 位买家" in shown
    assert "→ Silver" in shown
    page = as_boss.get(reverse("admin:members_member_change", args=[lan.pk])).content.decode()
    assert reverse("admin:members_member_panel", args=[lan.pk, "level"]) in page


def test_a_member_who_is_no_distributor_has_no_such_panel(as_boss: Client, chen: Member) -> None:
    assert panel(as_boss, chen).strip() == ""


def test_a_level_is_pinned_and_unpinned_with_a_reason(as_boss: Client, lan: Member) -> None:
    gold = Level.objects.get(name="Gold")

    done = press(as_boss, "pin", lan, level=gold.pk, until="", reason=REASON)

    assert (done, level_of(lan)) == ("等级已锁定。", "Gold")
    pin = LevelPin.objects.get()
    assert (pin.reason, pin.pinned_by.username, pin.until) == (REASON, "boss", None)
    assert f"由 boss 锁定：{REASON}" in panel(as_boss, lan)
    assert press(as_boss, "unpin", lan, reason="结束") == "等级已取消锁定。"
    assert level_of(lan) == "Silver"


def test_a_pin_may_have_an_end(as_boss: Client, lan: Member) -> None:
    gold = Level.objects.get(name="Gold")
    until = clock.now() + 7 * DAY

    press(
        as_boss, "pin", lan, level=gold.pk, reason=REASON,
        until=until.astimezone(clock.SHANGHAI).strftime("%Y-%m-%dT%H:%M"),
    )  # fmt: skip

    assert abs(LevelPin.objects.get().until - until) < DAY / 1_000
    assert clock.format_moment(until) in panel(as_boss, lan)


@pytest.mark.parametrize(
    "form",
    [
        {"level": "", "until": "", "reason": " "},
        {"level": "", "until": "2020-01-01T12:00", "reason": REASON},
        {"level": "999999", "until": "", "reason": REASON},
        {"level": "x", "until": "", "reason": REASON},
        {"level": "", "until": "soon", "reason": REASON},
    ],
)
def test_a_refusal_stays_in_the_dialog(as_boss: Client, lan: Member, form: dict[str, str]) -> None:
    before = (rows(), Event.objects.count())

    shown = press(as_boss, "pin", lan, **form)

    assert 'name="reason"' in shown
    assert (rows(), Event.objects.count()) == before


def test_nobody_pins_their_own_level(as_boss: Client, boss: User, lan: Member) -> None:
    link(boss, lan)
    before = rows()

    assert "须由其他人处理" in press(as_boss, "pin", lan, level="", until="", reason=REASON)

    assert rows() == before


def test_staff_without_the_right_see_no_button(as_qian: Client, qian: User, lan: Member) -> None:
    give(qian, "view_distributorlevel", "view_distributor", "view_member")
    path = url("distributorlevel", "pin", lan.distributor.pk)

    assert path not in as_qian.get(url("distributorlevel", "change", lan.distributor.pk)).text
    assert as_qian.post(path, {**PRESS, "reason": REASON}).status_code == 403
    assert not LevelPin.objects.exists()
    give(qian, "pin_level")
    assert path in as_qian.get(url("distributorlevel", "change", lan.distributor.pk)).text


def test_the_dialog_says_what_a_pin_touches(lan: Member, qian: User) -> None:
    silver = Level.objects.get(name="Silver")
    plan(rule(1_000), rule(1_500, level=silver), at=clock.now() - DAY)

    def shown() -> list[tuple[str, str]]:
        button = "incentives.distributorlevel.pin"
        found = impacts.effects(button, lan.distributor, at=clock.now())
        return [(effect.figure, str(effect.text)) for effect in found]

    figures = shown()
    assert figures[0][0] == "Silver"
    assert (
        "¥120.00 · 1 单 · 1 位买家",
        "是已达成的直推业绩；Silver 要求 近 30 天 ¥100.00。",
    ) in figures
    assert figures[-1] == ("1 条规则", "在生效方案中只适用于 Silver：新订单按此计算。")
    pin_level(distributor=lan.distributor, level=None, reason=REASON, by=qian, at=clock.now())
    assert [figure for figure, _text in shown()][:2] == ["无", "Silver"]


@pytest.mark.parametrize(
    "model",
    ["distributorlevel", "levelcondition", "levelreview", "levelwarning", "levelpin"],
)
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_list_opens(as_boss: Client, lan: Member, model: str, language: str) -> None:
    pin_level(
        distributor=lan.distributor,
        level=None,
        reason=REASON,
        by=User.objects.get(),
        at=clock.now(),
    )
    review(clock.now() + 40 * DAY)
    as_boss.cookies["django_language"] = language

    page = as_boss.get(url(model, "changelist"))

    assert page.status_code == 200
    [row, *_] = page.context["cl"].result_list
    assert as_boss.get(url(model, "change", row.pk)).status_code == 200


def test_lists_say_why_and_until_when(as_boss: Client, lan: Member) -> None:
    review(clock.now() + 40 * DAY)
    warning = LevelWarning.objects.get()

    shown = words(as_boss.get(url("distributorlevel", "changelist")).text)
    reviews = words(as_boss.get(url("levelreview", "changelist")).text)

    assert clock.format_moment(warning.falls_at) in shown
    assert "直推业绩" in shown
    assert "业绩达标" in reviews
    assert LevelReview.objects.count() == 1


class TestLadder:
    FORM = {"window": "month", "min_orders": "", "min_buyers": "", "grace_days": "30"}

    def test_a_condition_is_written_in_yuan(self, as_boss: Client, db: None) -> None:
        bronze = level("Bronze", 1)

        response = as_boss.post(
            url("levelcondition", "add"), {**self.FORM, "level": bronze.pk, "min_sales": "2000"}
        )

        assert response.status_code == 302
        assert LevelCondition.objects.get().min_sales == 2_000 * YUAN
        assert Event.objects.get(name="incentives.ladder_changed").actor_id == "boss"

    def test_it_is_changed_and_removed(self, as_boss: Client, lan: Member) -> None:
        silver = Level.objects.get(name="Silver")
        path = url("levelcondition", "change", silver.pk)
        form = {**self.FORM, **hidden(as_boss, path), "min_sales": "", "min_orders": "4"}

        assert as_boss.post(path, form).status_code == 302

        row = LevelCondition.objects.get(level=silver)
        assert (row.min_sales, row.min_orders, row.window) == (None, 4, "month")
        as_boss.post(url("levelcondition", "delete", silver.pk), {"post": "yes"})
        assert not LevelCondition.objects.filter(level=silver).exists()
        assert level_of(lan) == "Silver"

    def test_it_says_who_reaches_it(self, as_boss: Client, lan: Member) -> None:
        shown = {
            name: words(as_boss.get(url("levelcondition", "panel", row.pk, "outlook")).text)
            for row in LevelCondition.objects.all()
            for name in [row.level.name]
        }

        assert "现已达标 1" in shown["Silver"]
        assert "现有 1" in shown["Silver"]
        assert "现已达标 0" in shown["Gold"]

    @pytest.mark.parametrize(
        ("changed", "field"),
        [
            ({"min_sales": ""}, "min_sales"),
            ({"min_sales": "0"}, "min_sales"),
            ({"min_sales": "-5"}, "min_sales"),
            ({"min_sales": "many"}, "min_sales"),
            ({"min_sales": "5", "grace_days": "0"}, "grace_days"),
            ({"min_sales": "5", "window": "century"}, "window"),
            ({"min_sales": "5", "min_buyers": "0"}, "min_buyers"),
        ],
    )
    def test_nonsense_is_refused_beside_its_field(
        self, as_boss: Client, db: None, changed: dict[str, str], field: str
    ) -> None:
        bronze = level("Bronze", 1)
        before = (rows(), Event.objects.count())

        page = as_boss.post(
            url("levelcondition", "add"), {**self.FORM, "level": bronze.pk, **changed}
        )

        assert list(page.context["adminform"].form.errors) == [field]
        assert (rows(), Event.objects.count()) == before

    def test_a_ladder_that_leads_down_is_refused(self, as_boss: Client, db: None) -> None:
        bronze, silver = level("Bronze", 1), level("Silver", 2)
        asks(bronze, "month", min_sales=100 * YUAN)

        page = as_boss.post(
            url("levelcondition", "add"), {**self.FORM, "level": silver.pk, "min_sales": "99"}
        )

        [text] = page.context["adminform"].form.errors["min_sales"]
        assert "Bronze" in text
        assert "¥100.00" in text


def hidden(client: Client, path: str) -> dict[str, str]:
    """Return the hidden fields with which a form says which version of the row it shows."""
    form = client.get(path).context["adminform"].form
    return {field.html_name: str(field.value() or "") for field in form if field.is_hidden}
