"""A draft is one page: values in yuan, errors beside their fields, and nothing half saved."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from distribution.models import Level
from events.models import Event
from incentives.models import Reward, Version
from incentives.services.publication import submit
from members.models import User
from promotions.models import Coupon
from tests.cast import NOON, give, staff
from tests.incentives.admin.forms import form, incentive_url, row, url
from tests.shop import sku

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


def saved() -> Any:
    rewards = list(Reward.objects.order_by("pk").values())
    return list(Version.objects.order_by("pk").values()), rewards, Event.objects.count()


def test_terms_and_rewards_are_edited_in_yuan(as_boss: Client, boss: User, sprint: Version) -> None:
    page = as_boss.get(url(sprint)).text
    assert 'value="100.00"' in page
    assert 'value="10.00"' in page

    data = form(
        row(threshold_text="88.50", value="8"), row(threshold_text="2000", value="¥ 50"),
        version=sprint, budget_amount="1000", min_amount="20",
    )  # fmt: skip
    assert as_boss.post(url(sprint), data).headers["Location"] == url(sprint)

    sprint.refresh_from_db()
    assert (sprint.budget_amount, sprint.min_amount, sprint.editors[-1]) == (
        100_000, 2_000, boss.pk,
    )  # fmt: skip
    assert list(sprint.rewards.order_by("threshold").values_list("threshold", "amount")) == [
        (8_850, 800), (200_000, 5_000),
    ]  # fmt: skip
    assert Event.objects.latest("pk").name == "incentives.version_edited"


def test_channels_are_chosen_and_read_in_words(as_boss: Client, sprint: Version) -> None:
    data = form(version=sprint, channels=["poster", "moments"])
    assert as_boss.post(url(sprint), data).headers["Location"] == url(sprint)

    sprint.refresh_from_db()
    assert sorted(sprint.channels) == ["moments", "poster"]
    assert "朋友圈" in as_boss.get(url(sprint)).text
    as_boss.post(url(sprint), form(version=sprint))
    sprint.refresh_from_db()
    assert sprint.channels == []


@pytest.mark.parametrize(
    ("values", "stored"),
    [
        ({"kind": "amount", "asset": "points", "value": "30"},
         {"asset": "points", "amount": 30, "rate": None}),
        ({"kind": "percent", "value": "2.5", "most": "88"},
         {"asset": "cash", "rate": 250, "most": 8_800, "amount": None}),
        ({"kind": "boost", "value": "150", "days": "7", "asset": "points"},
         {"asset": "", "rate": 15_000, "days": 7}),
        ({"kind": "factor", "value": "200", "days": "30"}, {"asset": "", "rate": 20_000}),
    ],
)  # fmt: skip
def test_a_value_is_read_by_its_kind(
    as_boss: Client, sprint: Version, values: dict[str, str], stored: dict[str, Any]
) -> None:
    data = form(row(**values), version=sprint)

    assert as_boss.post(url(sprint), data).status_code == 302

    reward = sprint.rewards.get()
    assert {name: getattr(reward, name) for name in stored} == stored


def test_a_gift_a_level_and_a_coupon_are_picked(
    as_boss: Client, boss: User, sprint: Version
) -> None:
    gift, gold = sku("thermos"), Level.objects.create(rank=1, name="金牌")
    coupon = Coupon.objects.create(
        name="十元券", amount=1_000, valid_days=7, status="published", created_at=NOON,
        published_at=NOON, created_by=boss, published_by=staff("Feng"),
    )  # fmt: skip
    data = form(
        row(kind="gift", gift="thermos"), row(kind="level", level=gold.pk, days="30"),
        row(kind="coupon", coupon=coupon.pk), version=sprint,
    )  # fmt: skip

    assert as_boss.post(url(sprint), data).status_code == 302

    rewards = {reward.kind: reward for reward in sprint.rewards.all()}
    assert rewards["gift"].gift == gift
    assert (rewards["level"].level, rewards["level"].days) == (gold, 30)
    assert rewards["coupon"].coupon == coupon
    page = as_boss.get(url(sprint)).text
    for name in ("thermos", "金牌", "十元券"):
        assert name in page


def test_places_of_a_contest_are_a_range(as_boss: Client, sprint: Version) -> None:
    data = form(
        row(first_rank="1", value="100"), row(first_rank="2", last_rank="3", value="50"),
        version=sprint, reach="rank",
    )  # fmt: skip

    assert as_boss.post(url(sprint), data).status_code == 302

    rows = sprint.rewards.order_by("first_rank").values_list("first_rank", "last_rank", "threshold")
    assert list(rows) == [(1, 1, None), (2, 3, None)]


def test_a_pool_is_saved_without_what_its_form_hides(as_boss: Client, sprint: Version) -> None:
    gold = Level.objects.create(rank=1, name="金牌")
    data = form(
        row(kind="percent", value="1"), version=sprint, metric="team_pool", audience="levels",
        levels=[gold.pk], reach="each", takes_back_after_close="on",
    )  # fmt: skip

    assert as_boss.post(url(sprint), data).status_code == 302

    sprint.refresh_from_db()
    assert (sprint.metric, sprint.takes_back_after_close) == ("team_pool", False)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"value": "abc"}, "value"),
        ({"value": "-1"}, "value"),
        ({"value": "0"}, "value"),
        ({"value": ""}, "value"),
        ({"value": "99999999999"}, "value"),
        ({"asset": "points", "value": "1.5"}, "value"),
        ({"kind": "percent", "value": "100.01"}, "value"),
        ({"kind": "percent", "value": "5", "most": "x"}, "most"),
        ({"kind": "boost", "value": "100", "days": "7"}, "value"),
        ({"kind": "factor", "value": "2000", "days": "7"}, "value"),
        ({"kind": "factor", "value": "200"}, "days"),
        ({"kind": "level"}, "level"),
        ({"kind": "level", "level": "7", "days": "3"}, "level"),
        ({"kind": "gift"}, "gift"),
        ({"kind": "gift", "gift": "nothing"}, "gift"),
        ({"kind": "coupon"}, "coupon"),
        ({"kind": "car"}, "kind"),
        ({"threshold_text": ""}, "threshold_text"),
        ({"threshold_text": "-5"}, "threshold_text"),
        ({"threshold_text": "0"}, "threshold_text"),
        ({"side": "boss"}, "side"),
    ],
)
def test_a_wrong_reward_shows_an_error_beside_its_field(
    as_boss: Client, sprint: Version, values: dict[str, str], field: str
) -> None:
    before = saved()

    response = as_boss.post(url(sprint), form(row(**values), version=sprint))

    assert response.status_code == 200
    assert field in response.context["inline_admin_formsets"][0].formset.errors[-1]
    assert saved() == before


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": ""}, "name"), ({"name": "x" * 41}, "name"), ({"metric": "heads"}, "metric"),
        ({"period": "century"}, "period"), ({"budget_amount": "0"}, "budget_amount"),
        ({"budget_amount": "-3"}, "budget_amount"), ({"budget_awards": "0"}, "budget_awards"),
        ({"budget_awards": "1.5"}, "budget_awards"), ({"min_amount": "abc"}, "min_amount"),
        ({"close_days": "-1"}, "close_days"), ({"most_per_member": "0"}, "most_per_member"),
        ({"audience": "levels"}, "levels"), ({"audience": "segments"}, "segments"),
        ({"channels": ["television"]}, "channels"),
        ({"levels": ["x"], "audience": "levels"}, "levels"), ({"products": ["7"]}, "products"),
        ({"starts_at": "2026-12-02T00:00", "ends_at": "2026-12-01T00:00"}, "ends_at"),
        ({"starts_at": "soon"}, "starts_at"), ({"confirm_above": "x"}, "confirm_above"),
    ],
)  # fmt: skip
def test_a_wrong_term_shows_an_error_beside_its_field(
    as_boss: Client, sprint: Version, changes: dict[str, Any], field: str
) -> None:
    before = saved()

    response = as_boss.post(url(sprint), form(version=sprint, **changes))

    assert response.status_code == 200
    assert field in response.context["adminform"].form.errors
    assert saved() == before


def test_a_wrong_term_reads_as_the_service_says_it(as_boss: Client, sprint: Version) -> None:
    """The pages of drafts have one text for one rule, and say it once."""
    changes = {"friend_days": "400", "close_days": "367", "budget_awards": "0"}

    response = as_boss.post(url(sprint), form(version=sprint, **changes))

    errors = response.context["adminform"].form.errors
    assert {name: errors.get(name) for name in changes} == {
        "friend_days": ["请填写 1 到 366 之间的值。"], "close_days": ["请填写 0 到 366 之间的值。"],
        "budget_awards": ["请填写 1 到 1000000000 之间的值。"],
    }  # fmt: skip
    assert not response.context["inline_admin_formsets"][0].formset.non_form_errors()


@pytest.mark.parametrize("value", ["100", "1001"])
def test_a_wrong_multiple_reads_as_the_service_says_it(
    as_boss: Client, sprint: Version, value: str
) -> None:
    data = form(row(kind="boost", value=value, days="7"), version=sprint)

    errors = as_boss.post(url(sprint), data).context["inline_admin_formsets"][0].formset.errors

    assert errors[-1]["value"] == ["请填写 101 到 1000（%）：200 即 2 倍。"]


def test_the_form_that_was_opened_is_saved(as_boss: Client, boss: User) -> None:
    as_boss.post(reverse("admin:office_incentive_templates"), {"template": "month_units"})
    version = Version.objects.get()
    seen = as_boss.get(url(version)).context["seen"]
    as_boss.post(url(version, "check"), form(row()))  # as its script does

    data = form(row(), version=version, name="我的", _seen=seen, _hand_over="1")
    response = as_boss.post(url(version), data)

    assert response.headers["Location"] == url(version, "submit")
    version.refresh_from_db()
    assert version.name == "我的"


def test_a_draft_that_another_person_changed_is_not_overwritten(
    as_boss: Client, sprint: Version
) -> None:
    seen = as_boss.get(url(sprint)).context["seen"]
    as_boss.post(url(sprint), form(version=sprint, name="另一名"))
    before = saved()

    response = as_boss.post(url(sprint), form(version=sprint, name="我的", _seen=seen))

    assert response.status_code == 200
    assert "另一名" in response.text
    assert saved() == before


def test_handing_over_follows_the_save(as_boss: Client, sprint: Version) -> None:
    response = as_boss.post(url(sprint), form(version=sprint, _hand_over="1"))

    assert response.headers["Location"] == url(sprint, "submit")


def test_what_is_handed_over_is_only_shown(as_boss: Client, sprint: Version, qian: User) -> None:
    submit(version=sprint, by=qian, at=NOON)
    before = saved()

    page = as_boss.get(url(sprint)).text

    assert "rewards-TOTAL_FORMS" not in page
    assert "¥1,000.00" in page
    assert as_boss.post(url(sprint), form(version=sprint)).status_code in (302, 403)
    assert saved() == before


def test_a_draft_is_discarded_with_its_incentive(as_boss: Client, sprint: Version) -> None:
    as_boss.post(url(sprint, "delete"), {"post": "yes"})

    assert not Version.objects.exists()
    assert as_boss.get(incentive_url(sprint)).status_code == 302


def test_who_may_only_look_saves_nothing(sprint: Version) -> None:
    client = Client()
    client.force_login(give(staff("Yan"), "view_version", "view_incentive"))
    before = saved()

    assert client.get(url(sprint)).status_code == 200
    assert client.post(url(sprint), form(version=sprint)).status_code == 403
    assert client.post(url(sprint, "check"), form(version=sprint)).status_code == 403
    assert saved() == before


def checked(client: Client, version: Version, *rows: dict[str, Any], **terms: Any) -> Any:
    response = client.post(url(version, "check"), form(*rows, **terms))
    assert response.status_code == 200
    return response.json()


def test_a_draft_is_checked_while_it_is_typed(as_boss: Client, sprint: Version) -> None:
    before = saved()

    found = checked(
        as_boss, sprint, row(value="x"), row(threshold_text="2000"), row(threshold_text="2000"),
        budget_amount="0",
    )  # fmt: skip

    assert list(found["rows"]) == ["0", "2"]
    assert "value" in found["rows"]["0"]
    assert "threshold_text" in found["rows"]["2"]
    assert "budget_amount" in found["fields"]
    assert (found["sentence"], found["worst"]) == ("", "")
    assert saved() == before


def test_the_sentence_and_the_worst_case_follow_what_is_typed(
    as_boss: Client, sprint: Version
) -> None:
    found = checked(as_boss, sprint, row(threshold_text="1000", value="10"))

    assert "¥1,000.00" in found["sentence"]
    assert "%" in found["worst"]
    assert (found["fields"], found["rows"], found["findings"]) == ({}, {}, [])


def test_what_the_law_forbids_is_said_while_it_is_typed(as_boss: Client, sprint: Version) -> None:
    found = checked(as_boss, sprint, metric="team_sales")

    assert "团队" in "".join(found["findings"])


def test_an_empty_row_is_not_wrong_yet(as_boss: Client, sprint: Version) -> None:
    found = checked(as_boss, sprint, row(), row(threshold_text="", value=""))

    assert found["rows"] == {}


def test_templates_lead_to_a_draft(as_boss: Client, boss: User) -> None:
    page = reverse("admin:office_incentive_templates")
    assert "week_sprint" in as_boss.get(page).text

    response = as_boss.post(page, {"template": "week_sprint"})

    drafted = Version.objects.get()
    assert response.headers["Location"] == url(drafted)
    assert (drafted.template, drafted.status, drafted.editors) == (
        "week_sprint", "draft", [boss.pk],
    )  # fmt: skip
    assert drafted.rewards.count() == 3
    assert as_boss.get(url(drafted)).status_code == 200


def test_a_draft_may_start_from_nothing(as_boss: Client) -> None:
    as_boss.post(reverse("admin:office_incentive_templates"), {"template": ""})

    assert not Version.objects.get().rewards.exists()


def test_an_unknown_template_drafts_nothing(as_boss: Client) -> None:
    response = as_boss.post(reverse("admin:office_incentive_templates"), {"template": "likes"})

    assert response.status_code == 302
    assert not Version.objects.exists()
