"""Terms are handed over, published by another person, and stopped; refusals move nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.db import DatabaseError, transaction
from django.utils import translation

from common.errors import ReasonRequired, violated_constraint
from common.status import WrongStatus
from events.models import Event
from incentives.models import Budget, Metric, PeriodKind, Policy, Reward, Version
from incentives.services.drafts import create_draft, edit
from incentives.services.publication import (
    AwardsAboveShare,
    IncentiveChanged,
    IncentiveNotPublished,
    IncentiveStartInvalid,
    SelfApprovalForbidden,
    publish,
    return_to_draft,
    stop,
    submit,
)
from incentives.services.versions import (
    IncentiveInvalid,
    IncentiveNotLawful,
    IncentiveStopped,
)
from incentives.terms import seal_of
from members.models import User
from members.reviews import ReviewTooEarly
from promotions.models import Coupon
from tests.cast import NOON, staff
from tests.incentives.offers import draft, published, reward
from tests.shop import DAY, sku

pytestmark = pytest.mark.django_db
YEAR = timedelta(days=366)


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


def assert_nothing_published() -> None:
    assert not Version.objects.published().exists()
    assert not Budget.objects.exists()
    assert not Event.objects.filter(name="incentives.version_published").exists()


def test_another_person_publishes(qian: User, feng: User) -> None:
    version = draft(budget_awards=500, budget_amount=900_000)
    publish(version=version, by=feng, at=NOON + DAY)

    version.refresh_from_db()
    assert (version.status, version.number, version.published_by) == ("published", 1, feng)
    assert version.starts_at == version.published_at == NOON + DAY
    budget = Budget.objects.get(incentive=version.incentive)
    assert (budget.awards_limit, budget.amount_limit, budget.awards) == (500, 900_000, 0)
    event = Event.objects.get(name="incentives.version_published")
    assert event.data["number"] == 1


@pytest.mark.parametrize("name", ["Qian", "Feng"])
def test_an_editor_does_not_publish(name: str) -> None:
    version = draft()
    edit(version=version, by=staff("Feng"), at=NOON, rewards=[reward()])
    with pytest.raises(SelfApprovalForbidden):
        publish(version=version, by=staff(name), at=NOON)

    assert_nothing_published()


def test_who_hands_over_does_not_publish(feng: User) -> None:
    version = draft()
    submit(version=version, by=feng, at=NOON)
    with pytest.raises(SelfApprovalForbidden):
        publish(version=version, by=feng, at=NOON)

    assert_nothing_published()


def test_an_account_that_has_just_changed_does_not_publish() -> None:
    version = draft()
    newcomer = User.objects.create_user("new", is_staff=True)
    with pytest.raises(ReviewTooEarly):
        publish(version=version, by=newcomer, at=NOON)

    assert_nothing_published()


def test_no_version_starts_in_a_period_whose_terms_end_within_it(feng: User) -> None:
    first = published(period=PeriodKind.WEEK, ends_at=NOON + 3 * DAY)  # on a Wednesday
    version = draft(based_on=first, at=NOON + 4 * DAY, ends_at=None)
    with pytest.raises(IncentiveInvalid) as error:
        publish(version=version, by=feng, at=NOON + 4 * DAY)

    [text] = error.value.data["errors"]["starts_at"]
    assert "2026-11-09" in text
    assert Version.objects.published().get() == first
    monday = datetime(2026, 11, 8, 16, tzinfo=UTC)
    publish(version=version, by=feng, at=NOON + 4 * DAY, starts_at=monday)
    assert Version.objects.published().count() == 2


def test_what_was_read_is_what_is_published(qian: User, feng: User) -> None:
    version = draft()
    seal = seal_of(version)
    edit(version=version, by=qian, at=NOON, rewards=[reward(2_000)])
    with pytest.raises(IncentiveChanged):
        publish(version=version, by=feng, at=NOON, seal=seal)
    assert_nothing_published()

    publish(version=version, by=feng, at=NOON, seal=seal_of(version))
    assert version.status == "published"


def test_errors_of_fields_stop_the_hand_over_and_the_publication(qian: User, feng: User) -> None:
    version = draft(name="", rewards=[])
    with pytest.raises(IncentiveInvalid) as error:
        submit(version=version, by=qian, at=NOON)
    with pytest.raises(IncentiveInvalid):
        publish(version=version, by=feng, at=NOON)

    assert set(error.value.data["errors"]) == {"name", "rewards"}
    assert Version.objects.get().status == "draft"
    assert_nothing_published()


def test_a_coupon_that_ends_after_the_hand_over_is_not_published(qian: User, feng: User) -> None:
    coupon = Coupon.objects.create(
        name="新人券", amount=500, valid_days=30, created_at=NOON, created_by=qian,
        status="published", published_at=NOON,
        published_by=staff("Feng"),
    )  # fmt: skip
    version = draft(
        rewards=[reward(kind="coupon", coupon=coupon)], period=PeriodKind.CAMPAIGN,
        most_per_member=1,
    )  # fmt: skip
    submit(version=version, by=qian, at=NOON)
    Coupon.objects.update(status="ended", ended_at=NOON)
    with pytest.raises(IncentiveInvalid) as error:
        publish(version=version, by=feng, at=NOON)

    assert set(error.value.data["errors"]) == {"rewards.0.coupon"}
    assert Version.objects.get().status == "submitted"
    assert_nothing_published()


def test_unlawful_terms_stop_them_too(qian: User, feng: User) -> None:
    version = draft(metric=Metric.TEAM_SALES)
    with pytest.raises(IncentiveNotLawful) as error:
        submit(version=version, by=qian, at=NOON)
    with pytest.raises(IncentiveNotLawful):
        publish(version=version, by=feng, at=NOON)

    assert error.value.data["codes"] == ["team_sales"]
    assert_nothing_published()


def test_an_order_never_gives_more_than_the_settings_allow(feng: User) -> None:
    sku(price=2_000)
    version = draft(rewards=[reward(1_201)])
    with pytest.raises(AwardsAboveShare, match=r"60\.05%.*60%"):
        publish(version=version, by=feng, at=NOON)
    assert_nothing_published()

    Policy.objects.update(most_of_an_order=6_005)
    publish(version=version, by=feng, at=NOON)
    assert version.status == "published"


def test_a_version_starts_when_its_terms_or_its_publisher_say(feng: User) -> None:
    planned, other = draft(starts_at=NOON + 2 * DAY), draft(starts_at=NOON - DAY)
    publish(version=planned, by=feng, at=NOON)
    publish(version=other, by=feng, at=NOON, starts_at=NOON + 3 * DAY)

    assert planned.starts_at == NOON + 2 * DAY
    assert other.starts_at == NOON + 3 * DAY
    assert not Version.objects.running(NOON + DAY)
    assert list(Version.objects.running(NOON + 2 * DAY)) == [planned]


@pytest.mark.parametrize(
    "start", [NOON - timedelta(seconds=1), NOON + YEAR + timedelta(seconds=1), NOON + 9 * DAY],
    ids=["past", "too_late", "at_its_end"],
)  # fmt: skip
def test_other_starts_are_refused(start: object, feng: User) -> None:
    version = draft(ends_at=NOON + 9 * DAY if start == NOON + 9 * DAY else None)
    with pytest.raises(IncentiveStartInvalid):
        publish(version=version, by=feng, at=NOON, starts_at=start)  # type: ignore[arg-type]

    assert_nothing_published()


def test_the_next_version_takes_over_at_its_start() -> None:
    first = published(budget_awards=9)
    second = published(based_on=first, at=NOON + DAY, starts_at=NOON + 2 * DAY)

    assert second.number == 2
    assert list(Version.objects.running(NOON + DAY)) == [first]
    assert list(Version.objects.running(NOON + 2 * DAY)) == [second]
    assert Budget.objects.get().awards_limit == 9


@pytest.mark.parametrize("budget", [{"budget_awards": 20}, {"budget_amount": 900_000}])
def test_a_budget_does_not_change_before_its_version_starts(
    budget: dict[str, int], feng: User
) -> None:
    first = published(budget_awards=9)
    version = draft(based_on=first, **budget)
    with pytest.raises(IncentiveInvalid) as error:
        publish(version=version, by=feng, at=NOON, starts_at=NOON + DAY)

    assert set(error.value.data["errors"]) == set(budget)
    assert Version.objects.published().get() == first
    assert Budget.objects.get().awards_limit == 9
    publish(version=version, by=feng, at=NOON + DAY, starts_at=NOON + DAY)

    changed = Budget.objects.get()
    assert (changed.awards_limit, changed.amount_limit) == (
        version.budget_awards, version.budget_amount,
    )  # fmt: skip


def test_a_changed_budget_is_handed_over_before_the_day_it_starts(qian: User, feng: User) -> None:
    first = published(budget_awards=9)
    version = draft(based_on=first, budget_awards=20, starts_at=NOON + DAY)
    submit(version=version, by=qian, at=NOON)
    publish(version=version, by=feng, at=NOON + DAY)

    assert Budget.objects.get().awards_limit == 20


def test_a_version_never_starts_before_the_one_before_it(feng: User) -> None:
    first = published(starts_at=NOON + 5 * DAY)
    version = draft(based_on=first)
    with pytest.raises(IncentiveStartInvalid):
        publish(version=version, by=feng, at=NOON, starts_at=NOON + 4 * DAY)

    assert Version.objects.published().count() == 1


def test_all_versions_count_the_same(feng: User) -> None:
    first = published()
    version = draft(based_on=first)
    edit(
        version=version, by=staff("Qian"), at=NOON, rewards=[reward()], metric=Metric.OWN_UNITS,
        period=PeriodKind.WEEK,
    )  # fmt: skip
    with pytest.raises(IncentiveInvalid) as error:
        publish(version=version, by=feng, at=NOON)

    assert set(error.value.data["errors"]) == {"metric", "period"}
    assert Version.objects.published().count() == 1


def test_a_budget_covers_what_was_given(feng: User) -> None:
    first = published(budget_awards=9)
    Budget.objects.update(awards=5)
    version = draft(based_on=first)
    edit(version=version, by=staff("Qian"), at=NOON, rewards=[reward()], budget_awards=4)
    with pytest.raises(IncentiveInvalid) as error:
        publish(version=version, by=feng, at=NOON)

    assert set(error.value.data["errors"]) == {"budget_awards"}
    assert Budget.objects.get().awards_limit == 9


def test_a_reviewer_returns_a_draft_with_a_reason(qian: User, feng: User) -> None:
    version = draft()
    submit(version=version, by=qian, at=NOON)
    return_to_draft(version=version, by=feng, at=NOON, reason=" 预算太高 ")

    version.refresh_from_db()
    assert (version.status, version.return_reason, version.submitted_by) == (
        "draft", "预算太高", None,
    )  # fmt: skip
    submit(version=version, by=qian, at=NOON)
    assert Version.objects.get().return_reason == ""


@pytest.mark.parametrize("reason", ["", "  ", "长" * 201])
def test_a_return_and_a_stop_need_a_reason(reason: str, qian: User, feng: User) -> None:
    version, running = draft(), published()
    submit(version=version, by=qian, at=NOON)
    with pytest.raises(ReasonRequired):
        return_to_draft(version=version, by=feng, at=NOON, reason=reason)
    with pytest.raises(ReasonRequired):
        stop(incentive=running.incentive, by=feng, at=NOON, reason=reason)

    version.refresh_from_db()
    running.incentive.refresh_from_db()
    assert (version.status, running.incentive.stopped_at) == ("submitted", None)


def test_only_what_was_handed_over_is_returned(feng: User) -> None:
    version = draft()
    with pytest.raises(WrongStatus):
        return_to_draft(version=version, by=feng, at=NOON, reason="x")

    assert Version.objects.get().return_reason == ""


def test_what_is_published_is_not_published_again(feng: User) -> None:
    version = published()
    with pytest.raises(WrongStatus):
        publish(version=version, by=feng, at=NOON)

    assert Version.objects.get().number == 1


def test_a_stopped_incentive_no_longer_runs(feng: User) -> None:
    version = published()
    stop(incentive=version.incentive, by=feng, at=NOON + DAY, reason="卖完了")

    assert list(Version.objects.running(NOON + DAY - timedelta(seconds=1))) == [version]
    assert not Version.objects.running(NOON + DAY)
    assert Event.objects.get(name="incentives.incentive_stopped").data == {"reason": "卖完了"}
    with pytest.raises(IncentiveStopped):
        stop(incentive=version.incentive, by=feng, at=NOON + 2 * DAY, reason="again")
    version.incentive.refresh_from_db()
    assert version.incentive.stopped_at == NOON + DAY


def test_a_draft_of_a_stopped_incentive_is_not_published(qian: User, feng: User) -> None:
    first = published()
    version = create_draft(by=qian, at=NOON, based_on=first)
    stop(incentive=first.incentive, by=feng, at=NOON, reason="卖完了")
    with pytest.raises(IncentiveStopped):
        publish(version=version, by=feng, at=NOON)

    assert Version.objects.published().get() == first


def test_what_was_never_published_is_not_stopped(feng: User) -> None:
    version = draft()
    with pytest.raises(IncentiveNotPublished):
        stop(incentive=version.incentive, by=feng, at=NOON, reason="x")

    version.incentive.refresh_from_db()
    assert version.incentive.stopped_at is None


def test_reviewers_see_what_waits_for_them(qian: User, feng: User) -> None:
    version = draft()
    submit(version=version, by=qian, at=NOON)

    assert list(Version.objects.waiting_for(feng)) == [version]
    assert not Version.objects.waiting_for(qian)


def test_the_database_keeps_published_terms() -> None:
    version = published()
    [row] = version.rewards.all()
    attempts = {
        "version_fixed": lambda: Version.objects.update(budget_awards=1),
        "version_rewards_fixed": lambda: Reward.objects.update(amount=1),
    }

    assert violations(attempts) == list(attempts)
    assert violations({"": row.delete}) == ["version_rewards_fixed"]


def test_the_database_demands_two_people(qian: User) -> None:
    version = draft()
    attempts = {
        "version_four_eyes": lambda: Version.objects.filter(pk=version.pk).update(
            status="published", number=1, starts_at=NOON, published_at=NOON, published_by=qian
        ),
        "version_editors_append_only": lambda: Version.objects.update(editors=[]),
    }

    assert violations(attempts) == list(attempts)


def test_the_database_keeps_a_stop(feng: User) -> None:
    version = published()
    stop(incentive=version.incentive, by=feng, at=NOON, reason="卖完了")
    incentives = type(version.incentive).objects
    again = {"": lambda: incentives.update(stopped_at=None, stopped_by=None, stop_reason="")}

    assert violations(again) == ["incentive_stopped_once"]


def violations(attempts: dict[str, object]) -> list[str]:
    """Return the constraint that refuses each attempt."""
    names = []
    for attempt in attempts.values():
        with pytest.raises(DatabaseError) as error, transaction.atomic():
            attempt()  # type: ignore[operator]
        names.append(violated_constraint(error.value))
    return names
