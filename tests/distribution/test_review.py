"""Operations approve or reject applications, never their own."""

from __future__ import annotations

import pytest

from common.errors import ReasonRequired
from common.status import WrongStatus
from distribution.models import Application, Binding, Distributor, Policy, Referral, Source
from distribution.services import apply, approve, change_status, enrol_by_staff, reject
from distribution.services.enrolment import AlreadyDistributor, SelfReviewForbidden
from members.models import Member, User
from tests.cast import NOON
from tests.distribution.people import REASON, last_event, rows, set_policy, upline
from tests.shop import DAY, distributor, make_referral

Status = Application.Status


@pytest.fixture
def waiting(mei: Member) -> Application:
    return apply(member=mei, at=NOON)


def test_approving_makes_a_distributor(waiting: Application, mei: Member, qian: User) -> None:
    enrolled = approve(application=waiting, by=qian, at=NOON + DAY)

    waiting.refresh_from_db()
    assert (waiting.status, waiting.decided_by, waiting.decided_at) == (
        Status.APPROVED, qian, NOON + DAY,
    )  # fmt: skip
    assert (enrolled.member, enrolled.status, enrolled.since) == (mei, "active", NOON + DAY)
    event = last_event("approved")
    assert (event.before, event.after, event.actor_id) == (
        {"status": "submitted"}, {"status": "approved"}, "qian",
    )  # fmt: skip


def test_rejecting_stores_the_reason(waiting: Application, qian: User) -> None:
    reject(application=waiting, by=qian, at=NOON + DAY, reason=" Not now ")

    waiting.refresh_from_db()
    assert (waiting.status, waiting.reason) == (Status.REJECTED, "Not now")
    assert not Distributor.objects.exists()
    assert last_event("rejected").data["reason"] == "Not now"


def test_a_decided_application_cannot_be_decided_again(
    waiting: Application, qian: User, feng: User
) -> None:
    stale = Application.objects.get()
    reject(application=waiting, by=qian, at=NOON, reason=REASON)
    before = rows()

    with pytest.raises(WrongStatus):
        approve(application=stale, by=feng, at=NOON)
    with pytest.raises(WrongStatus):
        reject(application=stale, by=feng, at=NOON, reason=REASON)

    assert rows() == before


@pytest.mark.parametrize("reason", ["", "  ", "x" * 201])
def test_rejecting_needs_a_reason(waiting: Application, qian: User, reason: str) -> None:
    before = rows()

    with pytest.raises(ReasonRequired):
        reject(application=waiting, by=qian, at=NOON, reason=reason)

    assert rows() == before


def test_reviewing_or_enrolling_oneself_is_refused(
    waiting: Application, mei: Member, lan: Member, qian: User
) -> None:
    qian.member = mei
    before = rows()

    with pytest.raises(SelfReviewForbidden):
        approve(application=waiting, by=qian, at=NOON)
    with pytest.raises(SelfReviewForbidden):
        reject(application=waiting, by=qian, at=NOON, reason=REASON)
    with pytest.raises(SelfReviewForbidden):
        enrol_by_staff(member=mei, by=qian, at=NOON)

    assert rows() == before


def test_an_unbound_applicant_is_bound_to_the_inviter_whatever_the_policy(
    mei: Member, lan: Member, qian: User
) -> None:
    set_policy(
        binding_trigger=Policy.BindingTrigger.FIRST_ORDER,
        binding_audience=Policy.BindingAudience.NEW,
    )
    application = apply(member=lan, at=NOON + DAY, code=distributor(mei).code)

    approve(application=application, by=qian, at=NOON + 2 * DAY)

    bound = Binding.objects.get()
    assert (bound.member, bound.distributor.member, bound.source) == (lan, mei, Source.INVITE_CODE)
    assert bound.started_at == NOON + 2 * DAY
    assert (bound.evidence_kind, bound.evidence_id) == (
        "distribution.application", application.public_id,
    )  # fmt: skip
    assert Referral.objects.get(member=lan).referrer == mei
    assert last_event("approved").data["invitation"] == "bound"


def test_an_invite_code_poaches_nobody(mei: Member, lan: Member, bo: Member, qian: User) -> None:
    set_policy(poach_after_days=1)
    distributor(mei)
    make_referral(mei, bo)
    application = apply(member=bo, at=NOON + 5 * DAY, code=distributor(lan).code)

    approve(application=application, by=qian, at=NOON + 5 * DAY)

    assert upline(bo) == "Mei"
    assert Distributor.objects.filter(member=bo).exists()


def test_an_inactive_inviter_binds_nobody(mei: Member, lan: Member, qian: User) -> None:
    inviter = distributor(mei)
    application = apply(member=lan, at=NOON, code=inviter.code)
    change_status(
        distributor=inviter, to=Distributor.Status.SUSPENDED, by=qian, at=NOON + DAY, reason=REASON
    )

    approve(application=application, by=qian, at=NOON + 2 * DAY)

    assert upline(lan) == ""
    assert last_event("approved").data["invitation"] == "not_active"


def test_a_stale_page_binds_to_the_inviter_of_the_second_submission(
    mei: Member, lan: Member, bo: Member, qian: User
) -> None:
    apply(member=bo, at=NOON, code=distributor(mei).code)
    stale = Application.objects.get()
    reject(application=Application.objects.get(), by=qian, at=NOON, reason=REASON)
    apply(member=bo, at=NOON + DAY, code=distributor(lan).code)

    approve(application=stale, by=qian, at=NOON + 2 * DAY)

    assert upline(bo) == "Lan"


def test_staff_enrol_a_member_and_approve_the_open_application(
    waiting: Application, mei: Member, qian: User
) -> None:
    enrolled = enrol_by_staff(member=mei, by=qian, at=NOON + DAY)

    waiting.refresh_from_db()
    assert (waiting.status, waiting.route, waiting.decided_by) == (
        Status.APPROVED, Application.Route.STAFF, qian,
    )  # fmt: skip
    assert enrolled.member == mei
    assert last_event("enrolled").data["route"] == "staff"
    before = rows()
    with pytest.raises(AlreadyDistributor):
        enrol_by_staff(member=mei, by=qian, at=NOON + DAY)
    assert rows() == before


def test_an_applicant_who_already_is_a_distributor_is_not_approved(
    waiting: Application, mei: Member, qian: User
) -> None:
    distributor(mei)
    before = rows()

    with pytest.raises(AlreadyDistributor):
        approve(application=waiting, by=qian, at=NOON + DAY)

    assert rows() == before
