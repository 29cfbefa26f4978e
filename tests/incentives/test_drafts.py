"""Drafts of incentives: created blank, from a template or a version; edited; discarded."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.utils import translation

from common.status import WrongStatus
from events.models import Event
from incentives.models import Incentive, Metric, PeriodKind, Reward, Version
from incentives.services.drafts import IncentiveHasDraft, create_draft, discard, edit
from incentives.services.publication import stop, submit
from incentives.services.versions import (
    CampaignPublished,
    IncentiveInvalid,
    IncentiveNotLawful,
    IncentiveStopped,
)
from incentives.templates import UnknownTemplate
from members.models import User
from tests.cast import NOON, staff
from tests.incentives.offers import draft, published, reward
from tests.shop import DAY

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


def stored(version: Version) -> tuple[object, ...]:
    """Return everything of a version that an edit could change."""
    row = Version.objects.filter(pk=version.pk).values_list().get()
    return (*row, *version.rewards.order_by("pk").values_list())


def test_a_blank_draft_knows_its_author(qian: User) -> None:
    version = create_draft(by=qian, at=NOON)

    assert (version.status, version.number, version.editors) == ("draft", None, [qian.pk])
    assert version.incentive.created_by == qian
    [event] = Event.objects.filter(name="incentives.version_drafted")
    assert (event.subject_id, event.actor_id) == (version.public_id, "qian")


def test_an_edit_replaces_terms_and_rewards(qian: User, feng: User) -> None:
    version = draft()
    edit(
        version=version, by=feng, at=NOON + DAY, rewards=[reward(500), reward(600, threshold=9)],
        name="月度奖励", period=PeriodKind.MONTH, reach=Version.Reach.STEPS,
    )  # fmt: skip

    assert (version.name, version.period, version.edited_at) == ("月度奖励", "month", NOON + DAY)
    rows = version.rewards.values_list("threshold", "amount")
    assert list(rows) == [(1, 500), (9, 600)]
    assert version.editors == [qian.pk, feng.pk]


def test_an_edit_records_old_and_new_values_of_what_changed() -> None:
    version = draft(name="A")
    edit(version=version, by=staff("Feng"), at=NOON, rewards=version.rewards.all(), name="B")

    event = Event.objects.filter(name="incentives.version_edited").latest("pk")
    assert (event.before, event.after) == ({"name": "A"}, {"name": "B"})


def test_values_that_a_kind_does_not_use_are_left_out() -> None:
    kept_by_the_form = Reward(
        kind="percent", asset="cash", rate=500, amount=900, days=3, threshold=7, first_rank=1
    )
    version = draft(metric=Metric.OWN_SALES, rewards=[kept_by_the_form])

    row = version.rewards.get()
    assert (row.rate, row.amount, row.days, row.threshold, row.first_rank) == (
        500, None, None, 1, None,
    )  # fmt: skip


def test_a_value_that_cannot_be_stored_is_refused_by_field() -> None:
    version = draft()
    before = stored(version)
    with pytest.raises(IncentiveInvalid) as error:
        edit(
            version=version, by=staff("Feng"), at=NOON, rewards=[reward(-5)], budget_awards=0,
            starts_at=NOON, ends_at=NOON - DAY,
        )  # fmt: skip

    assert set(error.value.data["errors"]) == {"rewards.0.amount", "budget_awards", "ends_at"}
    assert stored(version) == before


def test_what_is_no_completed_order_is_refused_when_it_is_entered() -> None:
    version = draft()
    before = stored(version)
    with pytest.raises(IncentiveNotLawful, match="article 7"):
        edit(version=version, by=staff("Feng"), at=NOON, rewards=[reward()], metric="headcount")

    assert stored(version) == before


def test_only_terms_are_edited() -> None:
    version = draft()
    with pytest.raises(TypeError, match="number"):
        edit(version=version, by=staff("Feng"), at=NOON, rewards=[], number=7)


def test_a_draft_that_was_handed_over_stays_as_it_is(qian: User) -> None:
    version = draft()
    submit(version=version, by=qian, at=NOON)
    before = stored(version)
    with pytest.raises(WrongStatus):
        edit(version=version, by=qian, at=NOON, rewards=[reward(9)])
    with pytest.raises(WrongStatus):
        discard(version=version, by=qian, at=NOON)

    assert stored(version) == before


def test_the_next_version_begins_with_the_terms_of_the_last(qian: User) -> None:
    first = published(period=PeriodKind.MONTH, budget_awards=9, rewards=[reward(700)])
    second = create_draft(by=qian, at=NOON + DAY, based_on=first)

    assert second.incentive == first.incentive
    assert (second.budget_awards, second.period, second.name) == (9, "month", first.name)
    assert second.rewards.get().amount == 700
    assert first.rewards.count() == 1


def test_terms_are_copied_into_another_incentive(qian: User) -> None:
    first = published()
    copy = create_draft(by=qian, at=NOON + DAY, based_on=first, as_new=True)

    assert copy.incentive != first.incentive
    assert copy.rewards.get().amount == first.rewards.get().amount


def test_an_incentive_has_one_draft(qian: User) -> None:
    first = published()
    create_draft(by=qian, at=NOON, based_on=first)
    with pytest.raises(IncentiveHasDraft):
        create_draft(by=qian, at=NOON, based_on=first)

    assert first.incentive.versions.count() == 2


def test_a_stopped_incentive_gets_no_version(qian: User, feng: User) -> None:
    first = published()
    stop(incentive=first.incentive, by=feng, at=NOON, reason="卖完了")
    with pytest.raises(IncentiveStopped):
        create_draft(by=qian, at=NOON, based_on=first)

    assert first.incentive.versions.count() == 1
    assert create_draft(by=qian, at=NOON, based_on=first, as_new=True).pk


def test_a_campaign_keeps_its_terms(qian: User) -> None:
    first = published(
        metric=Metric.OWN_SALES, period=PeriodKind.CAMPAIGN, starts_at=NOON + DAY,
        ends_at=NOON + 9 * DAY,
    )  # fmt: skip
    with pytest.raises(CampaignPublished):
        create_draft(by=qian, at=NOON, based_on=first)

    assert first.incentive.versions.count() == 1
    assert create_draft(by=qian, at=NOON, based_on=first, as_new=True).period == "campaign"


def test_discarding_the_only_draft_removes_the_incentive(qian: User) -> None:
    discard(version=draft(), by=qian, at=NOON)

    assert not Version.objects.exists()
    assert not Incentive.objects.exists()
    assert Event.objects.filter(name="incentives.version_discarded").count() == 1


def test_discarding_a_next_version_keeps_the_published_one(qian: User) -> None:
    first = published()
    discard(version=create_draft(by=qian, at=NOON, based_on=first), by=qian, at=NOON)

    assert list(first.incentive.versions.all()) == [first]


def test_an_unknown_template_is_refused(qian: User) -> None:
    with pytest.raises(UnknownTemplate):
        create_draft(by=qian, at=NOON, template="push_three")

    assert not Incentive.objects.exists()
