"""A visit is one visitor's day at a share; what it may bind follows the rules."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction

from catalog.models import Product
from distribution.models import Binding, Referral
from distribution.services import change_status, exit_distributor, leave
from members.models import Member, User
from sharing.bots import NAMED_BOTS, is_bot
from sharing.models import Share, SharingPolicy, Visit
from sharing.services import forget_traces, record_page
from sharing.services.visits import VisitUnknown
from sharing.visitors import new_anonymous_id, visitor_of
from tests.cast import NOON, member
from tests.distribution.people import set_policy, upline
from tests.sharing.things import PHONE, mask, rows, share, sign_in, visit
from tests.shop import DAY, distributor, make_referral


def test_a_visit_is_counted_once_for_a_visitor_and_day(lan: Member) -> None:
    code = share(lan).code

    first = visit(code, ip="203.0.113.7")
    again = visit(code, who=first.anonymous_id, at=NOON + timedelta(hours=11))
    tomorrow = visit(code, who=first.anonymous_id, at=NOON + timedelta(hours=13))
    other = visit(code)

    assert first.visit
    assert first.is_new
    assert not again.is_new
    assert again.visit == first.visit
    assert tomorrow.is_new
    assert other.is_new
    assert other.anonymous_id != first.anonymous_id == tomorrow.anonymous_id
    assert Visit.objects.count() == 3
    assert (first.visit.ip, first.visit.user_agent, first.visit.member) == (
        "203.0.113.7", PHONE, None,
    )  # fmt: skip


def test_a_visitor_learns_what_opens(lan: Member) -> None:
    distributor(lan)
    product = mask()

    result = visit(share(lan, "product", product.public_id).code)

    assert result.distributor
    assert result.distributor.member == lan
    assert result.facts
    assert result.facts.title == "mask"
    assert result.landing.url.startswith(f"/p/{product.public_id}?share=")
    assert not result.is_bound


def test_a_member_is_bound_by_a_visit_with_it_as_evidence(lan: Member, bo: Member) -> None:
    distributor(lan)

    result = visit(share(lan).code, by=bo, at=NOON + DAY)

    assert result.is_bound
    assert result.visit
    bound = Binding.objects.get()
    assert (bound.member, bound.source, bound.started_at) == (bo, "share", NOON + DAY)
    assert (bound.evidence_kind, bound.evidence_id) == ("sharing.visit", result.visit.public_id)
    assert (result.visit.member, result.visit.joined_at) == (bo, NOON + DAY)


def test_a_repeated_visit_says_again_that_the_member_is_bound(lan: Member, bo: Member) -> None:
    distributor(lan)
    code = share(lan).code
    first = visit(code, by=bo)
    again = visit(code, by=bo, at=NOON + timedelta(hours=1))
    assert again.is_bound
    assert again.visit == first.visit
    assert Binding.objects.count() == 1


def test_an_upline_that_the_member_has_stays(mei: Member, lan: Member, bo: Member) -> None:
    distributor(mei)
    distributor(lan)
    make_referral(mei, bo)

    result = visit(share(lan).code, by=bo, at=NOON + DAY, is_tapped=True)

    assert not result.is_bound
    assert upline(bo) == "Mei"


def test_only_a_tap_replaces_an_idle_upline(mei: Member, lan: Member, bo: Member) -> None:
    distributor(mei)
    distributor(lan)
    make_referral(mei, bo)
    set_policy(poach_after_days=10)
    code = share(lan).code

    assert not visit(code, by=bo, at=NOON + 20 * DAY).is_bound
    assert upline(bo) == "Mei"
    assert visit(code, by=bo, at=NOON + 21 * DAY, is_tapped=True).is_bound
    assert upline(bo) == "Lan"


def test_after_leaving_only_a_new_visit_or_a_tap_binds(lan: Member, bo: Member) -> None:
    distributor(lan)
    code = share(lan).code
    visit(code, by=bo)
    leave(member=bo, by=bo, at=NOON + timedelta(hours=1), reason="No thanks")

    same_day = visit(code, by=bo, at=NOON + timedelta(hours=2))
    assert not same_day.is_bound
    assert upline(bo) == ""

    tapped = visit(code, by=bo, at=NOON + timedelta(hours=3), is_tapped=True)
    assert tapped.is_bound


def test_after_leaving_the_visit_of_another_day_binds(lan: Member, bo: Member) -> None:
    distributor(lan)
    code = share(lan).code
    visit(code, by=bo)
    leave(member=bo, by=bo, at=NOON + timedelta(hours=1), reason="No thanks")
    assert visit(code, by=bo, at=NOON + DAY).is_bound


def test_the_own_share_counts_and_binds_nothing(lan: Member) -> None:
    distributor(lan)
    code = share(lan).code
    before = rows()

    result = visit(code, by=lan)

    assert (result.is_own, result.is_bound, result.visit) == (True, False, None)
    assert result.landing.url == f"/join?share={code}"
    assert rows() == before


@pytest.mark.parametrize("status", ["suspended", "frozen", "exited"])
def test_a_distributor_who_is_not_active_binds_nobody_and_is_not_shown(
    lan: Member, bo: Member, qian: User, status: str
) -> None:
    code, who = share(lan).code, distributor(lan)
    if status == "exited":
        exit_distributor(distributor=who, reason="gone", by=qian, at=NOON)
    else:
        change_status(distributor=who, to=status, reason="checked", by=qian, at=NOON)

    result = visit(code, by=bo, at=NOON + DAY)

    assert result.visit
    assert result.facts
    assert (result.is_bound, result.distributor) == (False, None)
    assert upline(bo) == ""
    # As if the member had never been one.
    stranger = visit(share(member("Chen")).code, by=bo, at=NOON + DAY)
    assert (stranger.is_bound, stranger.distributor) == (False, None)


def test_codes_that_open_nothing_are_all_alike(lan: Member, bo: Member) -> None:
    distributor(lan)
    off, expired, gone = (
        share(lan),
        share(lan, channel="qq"),
        share(lan, "product", mask().public_id),
    )
    Share.objects.filter(pk=off.pk).update(disabled_at=NOON)
    Share.objects.filter(pk=expired.pk).update(expires_at=NOON + timedelta(hours=1))
    Product.objects.filter(public_id=gone.target_id).update(status="off_sale")
    before, me = rows(), new_anonymous_id(NOON)
    codes = [
        off.code,
        expired.code,
        gone.code,
        "1234567890",
        "x",
        "",
        "a" * 64,
        "1" * 22,
        "码" * 10,
    ]

    results = [visit(code, by=bo, who=me, at=NOON + DAY) for code in codes]

    assert results == [results[0]] * len(codes)
    assert results[0].landing.url == "/"
    assert (results[0].share, results[0].distributor, results[0].is_bound) == (None, None, False)
    assert rows() == before


def test_bots_are_named() -> None:
    agents = [f"Mozilla/5.0 (compatible; {name.lower()}1.0)" for name in NAMED_BOTS]
    assert [agent for agent in agents if not is_bot(agent)] == []


@pytest.mark.parametrize("agent", [PHONE, "", "Mozilla/5.0 (Linux; Android 14) Chrome/130.0"])
def test_people_are_no_bots(agent: str) -> None:
    assert not is_bot(agent)


def test_bots_see_the_page_and_are_not_counted(lan: Member, bo: Member) -> None:
    distributor(lan)
    code = share(lan).code
    before = rows()

    result = visit(code, by=bo, user_agent="Googlebot/2.1")

    assert result.facts
    assert (result.visit, result.is_bound) == (None, False)
    assert rows() == before


def test_pages_are_added_without_parameters_and_not_twice_in_a_row(lan: Member) -> None:
    found = visit(share(lan).code).visit
    assert found

    for path in ("/p/1?token=secret", "/p/1", "/p/2#x", "/p/1"):
        record_page(visit=found.public_id, path=path, at=NOON + timedelta(hours=1))

    found.refresh_from_db()
    assert found.pages == ["/p/1", "/p/2", "/p/1"]


def test_a_visit_has_at_most_fifty_pages(lan: Member) -> None:
    found = visit(share(lan).code).visit
    assert found
    for number in range(60):
        record_page(visit=found.public_id, path=f"/p/{number}", at=NOON)
    found.refresh_from_db()
    assert len(found.pages) == 50


def test_pages_of_unknown_and_old_visits_are_refused(lan: Member) -> None:
    found = visit(share(lan).code).visit
    assert found
    before = rows()
    for name, at in (("no-such", NOON), (found.public_id, NOON + DAY)):
        with pytest.raises(VisitUnknown):
            record_page(visit=name, path="/", at=at)
    assert rows() == before


def test_traces_are_deleted_after_180_days(lan: Member) -> None:
    old = visit(share(lan).code, ip="203.0.113.7").visit
    new = visit(share(lan).code, ip="203.0.113.8", at=NOON + DAY).visit
    assert old
    assert new

    assert forget_traces(at=NOON + 180 * DAY + timedelta(minutes=1)) == 1
    assert forget_traces(at=NOON + 180 * DAY + timedelta(minutes=1)) == 0

    old.refresh_from_db()
    new.refresh_from_db()
    assert (old.ip, old.user_agent, old.has_traces) == (None, "", False)
    assert (new.ip, new.has_traces) == ("203.0.113.8", True)


def test_a_visit_belongs_to_one_member_for_ever(lan: Member, bo: Member, chen: Member) -> None:
    visit(share(lan).code, by=bo)
    for change in ({"member": chen}, {"member": None, "joined_at": None}):
        with pytest.raises(DatabaseError), transaction.atomic():
            Visit.objects.update(**change)
    with pytest.raises(DatabaseError), transaction.atomic():
        Visit.objects.all().delete()


def test_any_member_may_refer_without_binding(chen: Member, bo: Member) -> None:
    visit(share(chen).code, by=bo)
    assert Referral.objects.get().referrer == chen
    assert not Binding.objects.exists()


def test_a_shop_with_an_expiry_binds_no_longer(lan: Member, bo: Member) -> None:
    SharingPolicy.objects.update(share_days=1)
    distributor(lan)
    code = share(lan).code
    assert visit(code, by=bo, at=NOON + DAY).share is None
    assert not Binding.objects.exists()
    sign_in(bo, share=code, at=NOON + DAY)
    assert not Binding.objects.exists()


def test_anonymous_ids_are_ours_and_last_thirty_days() -> None:
    issued = new_anonymous_id(NOON)
    visitor = visitor_of(issued, at=NOON + 30 * DAY)

    assert len(issued) <= 64
    assert visitor
    assert visitor_of(issued, at=NOON + 31 * DAY) == ""
    nonce, when, signature = issued.split(".")
    later = str(int(when) + 86_400)
    for forged in ("", ".", "..", nonce, f"{nonce}.{later}.{signature}", f"x{issued}", f"{issued}x",
                   f"{nonce}.{when}.", f"{nonce}.{when}.{'A' * 22}", "码.1.2"):  # fmt: skip
        assert visitor_of(forged, at=NOON) == ""
