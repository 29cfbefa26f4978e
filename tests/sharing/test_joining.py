"""Visits join the member who signs in, once, and bind the member then."""

from __future__ import annotations

from datetime import timedelta

from distribution.models import Binding, Policy
from distribution.services import leave
from members.models import Member
from sharing.models import Share, Visit, VisitorClaim
from sharing.visitors import new_anonymous_id
from tests.cast import NOON, member
from tests.distribution.people import set_policy, upline
from tests.sharing.things import rows, share, sign_in, visit
from tests.shop import DAY, distributor, make_referral


def test_visits_join_at_the_sign_in_and_bind(lan: Member, bo: Member) -> None:
    distributor(lan)
    came = visit(share(lan).code)

    sign_in(bo, anonymous_id=came.anonymous_id, at=NOON + DAY)

    joined = Visit.objects.get()
    assert (joined.member, joined.joined_at) == (bo, NOON + DAY)
    assert not joined.is_new_member
    bound = Binding.objects.get()
    assert (bound.started_at, bound.evidence_id) == (NOON + DAY, joined.public_id)


def test_the_first_of_several_visits_binds(mei: Member, lan: Member, bo: Member) -> None:
    distributor(mei)
    distributor(lan)
    first = visit(share(mei).code)
    visit(share(lan).code, who=first.anonymous_id, at=NOON + timedelta(hours=1))

    sign_in(bo, anonymous_id=first.anonymous_id, at=NOON + DAY)

    assert upline(bo) == "Mei"


def test_a_sharer_who_is_no_distributor_is_passed_over(
    chen: Member, lan: Member, bo: Member
) -> None:
    distributor(lan)
    first = visit(share(chen).code)
    visit(share(lan).code, who=first.anonymous_id, at=NOON + timedelta(hours=1))
    sign_in(bo, anonymous_id=first.anonymous_id, at=NOON + DAY)
    assert upline(bo) == "Lan"


def test_the_share_of_a_sign_in_is_a_visit(lan: Member, bo: Member) -> None:
    distributor(lan)
    code = share(lan).code

    sign_in(bo, share=code, at=NOON + DAY)
    sign_in(bo, share=code, at=NOON + DAY + timedelta(hours=1))

    assert Visit.objects.get().member == bo
    assert upline(bo) == "Lan"


def test_the_share_of_a_sign_in_is_no_second_visit(lan: Member, bo: Member) -> None:
    code = share(lan).code
    came = visit(code)
    sign_in(bo, share=code, anonymous_id=came.anonymous_id, at=NOON + timedelta(hours=1))
    assert Visit.objects.count() == 1


def test_the_visit_that_brought_a_new_member_is_marked(lan: Member) -> None:
    came = visit(share(lan).code, at=NOON - DAY)
    visit(share(lan, channel="qq").code, who=came.anonymous_id, at=NOON - DAY / 2)
    bo = member("Bo")  # joins at NOON

    sign_in(bo, anonymous_id=came.anonymous_id, at=NOON)

    marks = list(Visit.objects.order_by("at").values_list("is_new_member", flat=True))
    assert marks == [True, False]


def test_new_members_only_is_obeyed(lan: Member, bo: Member) -> None:
    distributor(lan)
    set_policy(binding_audience=Policy.BindingAudience.NEW)
    sign_in(bo, share=share(lan).code, at=NOON + DAY)
    assert upline(bo) == ""


def test_an_anonymous_id_joins_one_member_once(lan: Member, bo: Member, chen: Member) -> None:
    distributor(lan)
    code = share(lan).code
    came = visit(code)
    sign_in(bo, anonymous_id=came.anonymous_id, at=NOON + timedelta(hours=1))

    # Who replays it gets another id, and the visits stay with Bo.
    replayed = visit(code, who=came.anonymous_id, at=NOON + timedelta(hours=2))
    before = rows()
    sign_in(chen, anonymous_id=came.anonymous_id, at=NOON + timedelta(hours=3))

    assert replayed.anonymous_id != came.anonymous_id
    assert replayed.visit != came.visit
    assert rows() == before
    assert VisitorClaim.objects.get().member == bo


def test_visits_older_than_thirty_days_are_not_joined(lan: Member, bo: Member) -> None:
    distributor(lan)
    came = visit(share(lan).code)
    before = rows()
    sign_in(bo, anonymous_id=came.anonymous_id, at=NOON + 30 * DAY + timedelta(minutes=1))
    assert rows() == before


def test_forged_ids_and_unknown_shares_join_nothing(lan: Member, bo: Member) -> None:
    distributor(lan)
    came = visit(share(lan).code)
    before = rows()
    for forged in (came.anonymous_id[:-1], f"{came.anonymous_id}x", "x" * 64):
        sign_in(bo, anonymous_id=forged, share="1234567890", at=NOON + DAY)
    assert rows() == before


def test_an_existing_binding_wins(mei: Member, lan: Member, bo: Member) -> None:
    distributor(mei)
    distributor(lan)
    make_referral(mei, bo)
    set_policy(poach_after_days=1)
    sign_in(bo, share=share(lan).code, at=NOON + 10 * DAY)
    assert upline(bo) == "Mei"


def test_after_leaving_older_visits_bind_nobody(lan: Member, bo: Member) -> None:
    distributor(lan)
    came = visit(share(lan, channel="qq").code)
    make_referral(lan, bo)
    leave(member=bo, by=bo, at=NOON + timedelta(hours=1), reason="No thanks")

    sign_in(bo, anonymous_id=came.anonymous_id, at=NOON + timedelta(hours=2))

    assert Visit.objects.get().member == bo
    assert upline(bo) == ""


def test_the_own_shares_bind_nobody(lan: Member) -> None:
    distributor(lan)
    came = visit(share(lan).code)
    sign_in(lan, anonymous_id=came.anonymous_id, share=share(lan).code, at=NOON + DAY)
    assert not Binding.objects.exists()


def test_a_visit_with_a_session_joins_the_earlier_ones(lan: Member, bo: Member) -> None:
    came = visit(share(lan).code)
    visit(share(lan, channel="qq").code, by=bo, who=came.anonymous_id, at=NOON + timedelta(hours=1))
    assert {row.member for row in Visit.objects.all()} == {bo}


def test_the_visit_of_the_day_joins_who_signs_in_later(lan: Member, bo: Member) -> None:
    distributor(lan)
    code = share(lan).code
    came = visit(code)
    again = visit(code, by=bo, who=came.anonymous_id, at=NOON + timedelta(hours=1))
    assert again.visit
    assert again.visit.member == bo
    assert again.is_bound
    assert Visit.objects.count() == 1


def test_two_members_of_one_device_are_two_visitors(lan: Member, bo: Member, chen: Member) -> None:
    distributor(lan)
    code, device = share(lan).code, new_anonymous_id(NOON)

    first = visit(code, by=bo, who=device)
    second = visit(code, by=chen, who=device, at=NOON + timedelta(hours=1))

    assert (first.is_bound, second.is_bound) == (True, True)
    assert first.visit
    assert second.visit
    assert (first.visit.member, second.visit.member) == (bo, chen)
    assert first.anonymous_id == device != second.anonymous_id


def test_a_share_that_was_switched_off_since_binds_nobody(lan: Member, bo: Member) -> None:
    distributor(lan)
    came = visit(share(lan).code)
    Share.objects.update(disabled_at=NOON + timedelta(hours=1))
    sign_in(bo, anonymous_id=came.anonymous_id, at=NOON + DAY)
    assert Visit.objects.get().member == bo
    assert upline(bo) == ""
