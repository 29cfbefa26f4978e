"""The database refuses invalid changes."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction

from common.errors import violated_constraint
from members.models import Member, User
from risk.models import RuleName
from risk.services import close, note, release
from tests.cast import NOON
from tests.risk.shop import LATER, assess, place_order, screened_for
from tests.shop import DAY, open_shop

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture(autouse=True)
def story(db: None, qian: User) -> None:
    """Two holds: Lan's is open; Mei's is released, its case closed with a note."""
    bo = open_shop()
    screened_for(RuleName.BINDING_BURST)
    place_order(bo, "O-1")
    mei = assess(Member.objects.get(nickname="Mei"), at=NOON + DAY).holds[0]
    note(case=mei.case, by=qian, at=LATER, text="Asked her.")
    release(hold=mei, by=qian, at=LATER, reason="known in person")
    close(case=mei.case, by=qian, at=LATER, reason="all is well")
    assess(Member.objects.get(nickname="Lan"), at=NOON + DAY)


def rule_of(statement: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        with pytest.raises(DatabaseError) as error, transaction.atomic():
            cursor.execute(statement)
    return violated_constraint(error.value)


@pytest.mark.parametrize("table", ["assessment", "note", "screenedorder"])
@pytest.mark.parametrize(
    "statement", ["UPDATE {} SET at = now()", "DELETE FROM {}", "TRUNCATE {} CASCADE"]
)
def test_assessments_notes_and_screened_orders_are_append_only(table: str, statement: str) -> None:
    assert rule_of(statement.format(f"risk_{table}")).endswith("_append_only")


@pytest.mark.parametrize("table", ["hold", "case", "rule"])
@pytest.mark.parametrize("statement", ["DELETE FROM {}", "TRUNCATE {} CASCADE"])
def test_holds_cases_and_rules_are_not_deleted(table: str, statement: str) -> None:
    assert rule_of(statement.format(f"risk_{table}")).endswith("_append_only")


@pytest.mark.parametrize(
    ("statement", "rule"),
    [
        ("UPDATE risk_hold SET since = now()", "risk_hold_append_only"),
        ("UPDATE risk_hold SET rule = 'refund_rate'", "risk_hold_append_only"),
        ("UPDATE risk_rule SET name = 'refund_rate'", "risk_rule_append_only"),
        ("UPDATE risk_case SET member_id = member_id", "risk_case_append_only"),
        (
            ("UPDATE risk_hold SET released_at = NULL, released_by_id = NULL, release_reason = ''"
            " WHERE released_at IS NOT NULL"),
            "risk_hold_end_final",
        ),
        (
            ("UPDATE risk_case SET status = 'open', closed_at = NULL, closed_by_id = NULL,"
            " conclusion = '' WHERE status = 'closed'"),
            "risk_case_status_transitions",
        ),
        (
            "UPDATE risk_hold SET released_at = now() WHERE released_at IS NULL",
            "risk_hold_released_has_releaser",
        ),
        (
            ("UPDATE risk_hold SET released_at = now(), release_reason = 'x',"
            " released_by_id = NULL WHERE released_at IS NULL"),
            "risk_hold_released_has_releaser",
        ),
        (
            ("UPDATE risk_hold SET released_at = now(), release_reason = '',"
            " released_by_id = (SELECT min(id) FROM members_user) WHERE released_at IS NULL"),
            "risk_hold_released_has_releaser",
        ),
        (
            "UPDATE risk_case SET status = 'closed' WHERE status = 'open'",
            "risk_case_closed_has_closer",
        ),
        ("UPDATE risk_rule SET effect = 'block' WHERE stage = 'order'",
         "risk_rule_orders_hold_only"),
        ("UPDATE risk_rule SET threshold = 0", "risk_rule_has_threshold"),
        (
            ("INSERT INTO risk_assessment (subject_kind, subject_id, stage, member_id, rule,"
            " outcome, evidence, at) SELECT subject_kind, subject_id, stage, member_id, rule,"
            " 'perhaps', evidence, at FROM risk_assessment LIMIT 1"),
            "assessment_outcome_valid",
        ),
        (
            ("INSERT INTO risk_assessment (subject_kind, subject_id, stage, member_id, rule,"
            " outcome, evidence, at) SELECT subject_kind, subject_id, stage, member_id, 'mood',"
            " outcome, evidence, at FROM risk_assessment LIMIT 1"),
            "assessment_rule_valid",
        ),
        (
            ("INSERT INTO risk_hold (public_id, subject_kind, subject_id, member_id, rule, outcome,"
            " assessment_id, case_id, since, release_reason) SELECT 'x', subject_kind, subject_id,"
            " member_id, rule, outcome,"
            " (SELECT max(id) FROM risk_assessment WHERE outcome <> 'hold'), case_id, since, ''"
            " FROM risk_hold WHERE released_at IS NULL"),
            "risk_hold_unique_open",
        ),
        (
            ("INSERT INTO risk_case (public_id, subject_kind, subject_id, member_id, status,"
            " opened_at, conclusion) SELECT 'x', subject_kind, subject_id, member_id, 'open',"
            " opened_at, '' FROM risk_case WHERE status = 'open'"),
            "risk_case_unique_open",
        ),
    ],
)  # fmt: skip
def test_the_database_refuses(statement: str, rule: str) -> None:
    assert rule_of(statement) == rule
