"""Agreements have versions, and what a member accepts goes on record."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, transaction

from common.errors import PermissionMissing
from events.models import Event
from members.agreements import AgreementPublished, publish_agreement
from members.models import Agreement, AgreementAcceptance, Member, User
from tests.cast import NOON, give
from tests.members.api.client import ApiClient, problem_code

pytestmark = pytest.mark.django_db


@pytest.fixture
def operator(qian: User) -> User:
    return give(qian, "change_agreement")


def draft(text: str = "First", kind: str = "privacy") -> Agreement:
    return Agreement.objects.create(kind=kind, title="Privacy", text=text)


def publish(operator: User, text: str = "First") -> Agreement:
    row = draft(text)
    publish_agreement(agreement=row, by=operator, at=NOON)
    row.refresh_from_db()
    return row


def accept(member: Member, version: Any = 1, kind: str = "privacy") -> Any:
    return ApiClient(member).post(f"/agreements/{kind}/accept", {"version": version})


def test_the_newest_published_version_is_shown_without_a_login(operator: User) -> None:
    publish(operator, "First")
    publish(operator, "Second")
    draft("Not yet")

    answer = ApiClient().get("/agreements/privacy").json()

    assert answer == {
        "kind": "privacy", "version": 2, "title": "Privacy", "text": "Second",
        "published_at": "2026-11-01T12:00:00+08:00",
    }  # fmt: skip


@pytest.mark.parametrize("kind", ["privacy", "no_such_kind"])
def test_an_agreement_that_is_not_published_is_missing(lan: Member, kind: str) -> None:
    draft()

    assert problem_code(ApiClient().get(f"/agreements/{kind}")) == (404, "agreement_missing")
    assert problem_code(accept(lan, kind=kind)) == (404, "agreement_missing")
    assert not AgreementAcceptance.objects.exists()


def test_an_acceptance_is_recorded_once(lan: Member, operator: User) -> None:
    agreement = publish(operator)

    answers = [accept(lan) for _ in range(2)]

    assert [answer.json() for answer in answers] == [{"kind": "privacy", "version": 1}] * 2
    assert AgreementAcceptance.objects.get().agreement == agreement
    assert ApiClient(lan).get("/me").json()["accepted_agreements"] == {"privacy": 1}
    assert Event.objects.filter(name="members.agreement_accepted").count() == 1


def test_an_older_version_cannot_be_accepted(lan: Member, operator: User) -> None:
    publish(operator)
    publish(operator, "Second")

    response = accept(lan, 1)

    assert problem_code(response) == (409, "agreement_outdated")
    assert response.json()["data"] == {"version": 2}
    assert not AgreementAcceptance.objects.exists()


@pytest.mark.parametrize("version", [0, -1, "1", 1.0, None, 2**31])
def test_a_malformed_version_is_refused(lan: Member, operator: User, version: Any) -> None:
    publish(operator)

    assert problem_code(accept(lan, version)) == (400, "invalid_input")


def test_accepting_needs_a_member_with_the_scope(lan: Member, operator: User) -> None:
    publish(operator)
    body = {"version": 1}

    anonymous = ApiClient().post("/agreements/privacy/accept", body)
    reader = ApiClient(lan, scopes=["me:read"]).post("/agreements/privacy/accept", body)

    assert problem_code(anonymous) == (401, "not_signed_in")
    assert problem_code(reader) == (403, "scope_missing")


def test_publishing_needs_the_right_and_happens_once(operator: User, feng: User) -> None:
    agreement = draft()

    with pytest.raises(PermissionMissing):
        publish_agreement(agreement=agreement, by=feng, at=NOON)
    publish_agreement(agreement=agreement, by=operator, at=NOON)
    with pytest.raises(AgreementPublished):
        publish_agreement(agreement=agreement, by=operator, at=NOON)

    assert Agreement.objects.get().version == 1


def test_the_database_keeps_published_texts_and_acceptances(lan: Member, operator: User) -> None:
    publish(operator)
    accept(lan)

    for change in (
        lambda: Agreement.objects.update(text="Other"),
        lambda: AgreementAcceptance.objects.update(accepted_at=NOON),
        lambda: AgreementAcceptance.objects.all()._raw_delete("default"),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            change()
