"""The database refuses what no service does: awards that change what they are for, lost moves."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction

from common.errors import violated_constraint
from incentives.models import Award, AwardPosting, Contribution, Metric, PeriodClosing, PeriodKind
from ledger.chart import Asset
from members.models import Member
from tests.cast import NOON
from tests.incentives.engine.story import NOVEMBER, RELEASED, buy, complete_by, merge
from tests.incentives.offers import published, reward

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture
def award(lan: Member, bo: Member) -> Award:
    published(
        metric=Metric.OWN_ORDERS, period=PeriodKind.MONTH, reach="steps",
        rewards=[reward(1_000, threshold=1)],
    )  # fmt: skip
    buy(bo)
    complete_by(RELEASED)
    return Award.objects.get()


def refusal(statement: str, *values: object) -> str:
    """Run a statement and check what is deferred; return the constraint that refuses it."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement, values)
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    except DatabaseError as error:
        return violated_constraint(error)
    finally:
        connection.cursor().execute("SET CONSTRAINTS ALL DEFERRED")
    return ""


@pytest.mark.parametrize(
    "column", ["incentive_id", "period_start", "side", "kind", "asset", "reward_id"]
)
def test_what_an_award_is_for_never_changes(award: Award, column: str) -> None:
    assert refusal(f"UPDATE incentives_award SET {column} = {column}") == (
        "incentives_award_append_only"
    )


def test_an_award_stays_with_its_step(award: Award) -> None:
    stays = "award_stays_with_step"
    for step in ("from:2:cash", "friend:1:cash", f"from:1:cash:other:{award.pk + 1}"):
        assert refusal("UPDATE incentives_award SET step = %s", step) == stays


def test_an_award_ends_for_another_one_only_if_there_is_one(award: Award) -> None:
    ended = f"{award.step}:other:{award.pk}"
    assert refusal("UPDATE incentives_award SET step = %s", ended) == "award_has_another"


def test_a_step_names_another_friend_only_after_a_merge(
    lan: Member, bo: Member, chen: Member, dan: Member
) -> None:
    published(metric=Metric.REFERRED_BUYERS, rewards=[reward(700, asset=Asset.POINTS)])
    buy(bo)
    complete_by(RELEASED)
    rename = "UPDATE incentives_award SET step = %s"
    to_dan, to_chen = (f"friend:{who.pk}:points" for who in (dan, chen))
    assert refusal(rename, to_chen) == "award_stays_with_step"

    merge(bo, chen, is_followed=False)

    for step in (to_dan, f"friend:{chen.pk}:cash", f"friend:{chen.pk}"):
        assert refusal(rename, step) == "award_stays_with_step"
    assert refusal(rename, to_chen) == ""


def test_an_award_goes_to_the_survivor_only(
    award: Award, lan: Member, bo: Member, chen: Member
) -> None:
    move = "UPDATE incentives_award SET member_id = %s"
    assert refusal(move, bo.pk) == "award_stays_with_member"

    merge(lan, chen)

    award.refresh_from_db()
    assert award.member == chen
    assert refusal(move, lan.pk) == "award_stays_with_member"


def test_awards_and_moves_are_never_deleted(award: Award) -> None:
    for table in ("award", "awardposting", "contribution", "budget"):
        assert refusal(f"DELETE FROM incentives_{table}") == f"incentives_{table}_append_only"
    assert refusal("UPDATE incentives_awardposting SET change = 5") == (
        "incentives_awardposting_append_only"
    )


def test_what_was_given_is_the_sum_of_the_moves(award: Award) -> None:
    sums = "award_posted_is_sum_of_moves"
    assert refusal("UPDATE incentives_award SET posted = 900") == sums
    assert refusal("UPDATE incentives_award SET moves = 2") == sums
    insert = (
        "INSERT INTO incentives_awardposting (award_id, number, change, at)"
        " SELECT id, 2, 5, now() FROM incentives_award"
    )
    assert refusal(insert) == sums
    both = f"UPDATE incentives_award SET posted = 1005, moves = 2; {insert}"
    assert refusal(both) == ""


def test_a_refused_award_is_not_given(award: Award) -> None:
    Award.objects.filter(pk=award.pk).update(status="taken_back", target=0, posted=0, moves=2)
    AwardPosting.objects.create(award=award, number=2, change=-1_000, at=NOON)
    Award.objects.filter(pk=award.pk).update(status="refused", refusal="budget", target=5)

    assert refusal(
        "UPDATE incentives_award SET status = 'granted', refusal = '', posted = 5"
    ) == "award_status_transitions"  # fmt: skip


def test_an_award_has_a_reason_exactly_while_it_is_refused(award: Award) -> None:
    constraint = "award_refused_with_reason"
    assert refusal("UPDATE incentives_award SET refusal = 'budget'") == constraint
    with transaction.atomic():
        AwardPosting.objects.create(award=award, number=2, change=-1_000, at=NOON)
        Award.objects.update(status="taken_back", target=0, posted=0, moves=2)
    assert refusal("UPDATE incentives_award SET status = 'refused', target = 5") == constraint
    award.refresh_from_db()
    assert (award.status, award.refusal) == ("taken_back", "")


def test_after_a_close_contributions_stay(award: Award) -> None:
    PeriodClosing.objects.create(
        incentive=award.incentive, period_start=NOVEMBER, closed_at=RELEASED, status="counting"
    )

    fixed = "contribution_fixed_at_close"
    for change in ("value = 2", "value = 0, paid = 0", "member_id = member_id + 1",
                   "period_start = '2026-12-01'"):  # fmt: skip
        assert refusal(f"UPDATE incentives_contribution SET {change}") == fixed
    row = Contribution.objects.get()
    columns = "incentive_id, version_id, member_id, period_start, value, paid, counted, happened_at"
    copy = (
        f"INSERT INTO incentives_contribution ({columns}, order_id)"
        f" SELECT {columns.replace('counted', 'false')}, order_id + 1"
        " FROM incentives_contribution"
    )
    assert refusal(copy) == fixed
    assert Contribution.objects.get() == row


def test_a_contribution_stays_with_its_order(award: Award) -> None:
    assert refusal("UPDATE incentives_contribution SET order_id = order_id") == (
        "incentives_contribution_append_only"
    )
