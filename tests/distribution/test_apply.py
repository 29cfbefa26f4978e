"""Members apply to become distributors; thresholds only skip the review."""

from __future__ import annotations

import pytest

from common.errors import TwotierError
from distribution.models import Application, Distributor, Policy, PurchaseTotals
from distribution.services import apply, approve, change_status, exit_distributor, reject
from distribution.services.applications import AlreadySubmitted, UnknownInviteCode
from distribution.services.enrolment import AlreadyDistributor
from members.models import Member, User
from tests.cast import NOON, member
from tests.distribution.people import REASON, last_event, rows, set_policy, upline
from tests.shop import DAY, distributor, make_referral

Status = Application.Status
Route = Application.Route


def bought(member: Member, *, spend: int = 0, orders: int = 0) -> None:
    PurchaseTotals.objects.create(member=member, protected_spend=spend, protected_orders=orders)


def test_an_application_waits_for_its_review(mei: Member) -> None:
    application = apply(member=mei, at=NOON, statement="  I know many people ")

    assert (application.status, application.route, application.statement) == (
        Status.SUBMITTED, Route.REVIEW, "I know many people",
    )  # fmt: skip
    assert not Distributor.objects.exists()
    event = last_event("applied")
    assert (event.before, event.after, event.actor_id) == (
        None, {"status": "submitted"}, mei.public_id,
    )  # fmt: skip


def test_a_shop_open_to_all_enrols_at_once(mei: Member) -> None:
    set_policy(applications=Policy.Applications.OPEN)

    application = apply(member=mei, at=NOON)

    assert (application.status, application.route, application.decided_by) == (
        Status.APPROVED,
        Route.OPEN,
        None,
    )
    assert mei.distributor.status == Distributor.Status.ACTIVE
    assert last_event("approved").before == {"status": "submitted"}


@pytest.mark.parametrize(("spend", "route"), [(9_999, Route.REVIEW), (10_000, Route.FAST_TRACK)])
def test_enough_protected_spend_skips_the_review(mei: Member, spend: int, route: Route) -> None:
    set_policy(fast_track_spend=10_000)
    bought(mei, spend=spend)

    application = apply(member=mei, at=NOON)

    assert application.route == route
    assert Distributor.objects.filter(member=mei).exists() == (route == Route.FAST_TRACK)


def test_only_referred_buyers_with_protected_orders_count(mei: Member) -> None:
    set_policy(fast_track_buyers=2)
    friends = [member(f"Friend {number}") for number in range(4)]
    for friend in friends:
        make_referral(mei, friend)
    bought(friends[0], orders=1)
    bought(friends[1], orders=0)
    first = apply(member=mei, at=NOON)
    assert first.status == Status.SUBMITTED

    other = member("Other")
    for number in range(2):
        friend = member(f"Buyer {number}")
        make_referral(other, friend)
        bought(friend, orders=1)

    assert apply(member=other, at=NOON).route == Route.FAST_TRACK
    assert other.distributor


def test_an_invite_code_names_the_inviter(mei: Member, lan: Member) -> None:
    inviter = distributor(mei)

    application = apply(member=lan, at=NOON, code=f" {inviter.code.upper()} ")

    assert (application.status, application.route, application.invited_by) == (
        Status.SUBMITTED,
        Route.INVITE,
        inviter,
    )
    assert upline(lan) == ""


def test_an_invited_applicant_of_an_open_shop_is_bound_at_once(mei: Member, lan: Member) -> None:
    set_policy(applications=Policy.Applications.OPEN)

    apply(member=lan, at=NOON, code=distributor(mei).code)

    assert upline(lan) == "Mei"


@pytest.mark.parametrize("to", [None, "suspended", "frozen", "exited"])
def test_a_code_of_no_active_distributor_is_refused(
    mei: Member, lan: Member, qian: User, to: str | None
) -> None:
    inviter = distributor(mei)
    if to:
        change_status(
            distributor=inviter, to=Distributor.Status(to), by=qian, at=NOON, reason=REASON
        )
    before = rows()

    with pytest.raises(UnknownInviteCode):
        apply(member=lan, at=NOON, code=inviter.code if to else "nobody")

    assert rows() == before


def test_a_second_submission_is_refused(mei: Member) -> None:
    apply(member=mei, at=NOON)
    before = rows()

    with pytest.raises(AlreadySubmitted):
        apply(member=mei, at=NOON + DAY, statement="Again")

    assert rows() == before


def test_distributors_and_exited_distributors_cannot_apply(
    mei: Member, lan: Member, qian: User
) -> None:
    distributor(mei)
    exit_distributor(distributor=distributor(lan), by=qian, at=NOON, reason=REASON)
    before = rows()

    for person in (mei, lan):
        with pytest.raises(AlreadyDistributor):
            apply(member=person, at=NOON + DAY)

    assert rows() == before


def test_a_rejected_applicant_may_apply_again_and_is_reviewed(
    mei: Member, lan: Member, qian: User
) -> None:
    first = apply(member=lan, at=NOON)
    reject(application=first, by=qian, at=NOON, reason="Too few words")
    set_policy(applications=Policy.Applications.OPEN)

    again = apply(member=lan, at=NOON + DAY, statement="More words", code=distributor(mei).code)

    assert again.pk == first.pk
    again.refresh_from_db()
    assert (again.status, again.reason, again.decided_at, again.decided_by) == (
        Status.SUBMITTED, "", None, None,
    )  # fmt: skip
    assert (again.route, again.submitted_at, again.statement) == (
        Route.INVITE, NOON + DAY, "More words",
    )  # fmt: skip
    assert last_event("applied").before == {"status": "rejected"}
    assert not Distributor.objects.filter(member=lan).exists()
    approve(application=again, by=qian, at=NOON + DAY)
    assert upline(lan) == "Mei"


def test_every_error_has_its_own_message() -> None:
    refusals: set[type[TwotierError]] = {AlreadySubmitted, AlreadyDistributor}
    assert len({str(error()) for error in refusals}) == 2
    assert "abc" in str(UnknownInviteCode(invite_code="abc"))
