"""An exit counts at once; the rows of the bindings to the distributor are updated behind it."""

from __future__ import annotations

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from distribution import tasks
from distribution.models import Binding, Distributor
from distribution.queries import preview_reassignment, team, team_counts, upline_chains
from distribution.services import (
    Purchase,
    assign,
    end_bindings_to_exited,
    exit_distributor,
    expire_bindings,
    import_binding,
    leave,
    reassign,
    record_purchases,
)
from distribution.services.unbind import NoUpline
from members.models import Member, User
from tests.cast import NOON, member
from tests.distribution.people import REASON, end_bindings, rows, set_policy, upline, uplines
from tests.shop import DAY, distributor, make_referral

EXIT = NOON + 5 * DAY
recorded = pytest.mark.parametrize("recorded", [False, True], ids=["behind", "recorded"])


def leave_business(who: Member, qian: User, *, recorded: bool) -> None:
    exit_distributor(distributor=who.distributor, by=qian, at=EXIT, reason=REASON)
    if recorded:
        end_bindings()


@transaction.atomic
def crash_in_batch() -> None:
    end_bindings_to_exited(limit=2)
    raise KeyboardInterrupt


def ends(who: Member) -> list[tuple[object, str]]:
    """Return the ends of all bindings of a member once everything is on record."""
    end_bindings()
    bindings = Binding.objects.filter(member=who).order_by("started_at", "pk")
    return list(bindings.values_list("ended_at", "end_reason"))


@pytest.fixture
def lans_team(mei: Member, lan: Member, bo: Member, chen: Member) -> None:
    """Mei brought Lan, Lan brought Bo, Bo brought Chen; all but Chen are distributors."""
    for person in (mei, lan, bo):
        distributor(person)
    make_referral(mei, lan)
    make_referral(lan, bo)
    make_referral(bo, chen)


def test_an_exit_costs_the_same_with_many_members(mei: Member, lan: Member, qian: User) -> None:
    for person in (mei, lan):
        distributor(person)
    make_referral(mei, member("Only one"))
    for number in range(30):
        make_referral(lan, member(f"Member {number}"))

    counts = []
    for person in (mei, lan):
        with CaptureQueriesContext(connection) as captured:
            leave_business(person, qian, recorded=False)
        counts.append(len(captured))

    assert counts[0] == counts[1]
    assert not Binding.objects.exclude(ended_at=None).exists()
    assert not Binding.objects.running().exists()


def test_a_batch_costs_the_same_with_many_members(mei: Member, lan: Member, qian: User) -> None:
    for person in (mei, lan):
        distributor(person)
    make_referral(mei, member("Only one"))
    for number in range(30):
        make_referral(lan, member(f"Member {number}"))

    counts = []
    for person in (mei, lan):
        leave_business(person, qian, recorded=False)
        with CaptureQueriesContext(connection) as captured:
            end_bindings()
        counts.append(len(captured))

    assert counts[0] == counts[1]
    assert Binding.objects.filter(end_reason="upline_exit", ended_at=EXIT).count() == 31


@recorded
def test_uplines_are_those_of_their_time(
    lans_team: None, bo: Member, chen: Member, qian: User, recorded: bool
) -> None:
    leave_business(bo, qian, recorded=recorded)

    assert uplines(chen, 1, 4, 5, 6) == ["Bo", "Bo", "", ""]
    assert uplines(bo, 4, 6) == ["Lan", "Lan"]
    assert upline(chen) == ""


@recorded
def test_the_second_tier_ends_with_the_exit(
    lans_team: None, lan: Member, chen: Member, qian: User, recorded: bool
) -> None:
    leave_business(lan, qian, recorded=recorded)

    assert uplines(chen, 4, 6) == ["Bo", "Bo"]
    before, after = upline_chains([(chen.pk, EXIT - DAY), (chen.pk, EXIT)])
    assert before.tier2
    assert before.tier2.distributor_id == lan.distributor.pk
    assert after.tier2 is None


@recorded
def test_the_team_is_empty_after_the_exit(
    lans_team: None, mei: Member, lan: Member, qian: User, recorded: bool
) -> None:
    leave_business(lan, qian, recorded=recorded)

    before, after = EXIT - DAY, EXIT
    assert team_counts(distributor=lan.distributor, at=before).tier1 == 1
    assert team_counts(distributor=lan.distributor, at=after).tier1 == 0
    assert team_counts(distributor=mei.distributor, at=before).tier2 == 1
    assert team_counts(distributor=mei.distributor, at=after).tier2 == 0
    assert len(team(distributor=lan.distributor, tier=1, at=before)) == 1
    assert team(distributor=lan.distributor, tier=1, at=after) == []


@recorded
@pytest.mark.parametrize("verb", ["refer", "assign", "reassign", "import"])
def test_a_member_gets_a_new_upline(
    lans_team: None, *, lan: Member, bo: Member, mei: Member, qian: User, recorded: bool, verb: str
) -> None:
    leave_business(lan, qian, recorded=recorded)
    at = EXIT + 60 * DAY  # long after the 30 days in which staff may change an upline
    hers = mei.distributor
    [preview] = preview_reassignment(members=[bo], to=hers, at=at)
    assert (preview.upline, preview.outcome) == (None, "binds")

    if verb == "refer":
        assert make_referral(mei, bo, at=at).outcome == "bound"
    elif verb == "import":
        import_binding(member=bo, distributor=hers, started_at=at, ended_at=None, ends=False)
    else:
        service = assign if verb == "assign" else reassign
        service(member=bo, to=hers, by=qian, at=at, reason=REASON)

    assert upline(bo) == "Mei"
    assert ends(bo) == [(EXIT, "upline_exit"), (None, "")]


@recorded
def test_a_late_referral_from_before_the_exit_binds_nobody(
    lans_team: None, *, bo: Member, mei: Member, lan: Member, qian: User, recorded: bool
) -> None:
    leave_business(lan, qian, recorded=recorded)

    assert make_referral(mei, bo, at=EXIT - DAY).outcome == "has_upline"
    assert ends(bo) == [(EXIT, "upline_exit")]


@recorded
@pytest.mark.parametrize("days", [-1, 1])
def test_a_member_cannot_leave_an_upline_who_exited(
    lans_team: None, *, bo: Member, lan: Member, qian: User, recorded: bool, days: int
) -> None:
    leave_business(lan, qian, recorded=recorded)
    before = rows()

    with pytest.raises(NoUpline):
        leave(member=bo, by=bo, at=EXIT + days * DAY, reason=REASON)

    assert rows() == before


@recorded
def test_no_circle_forms_over_an_upline_who_exited(
    lans_team: None, *, mei: Member, lan: Member, bo: Member, qian: User, recorded: bool
) -> None:
    # Mei is above Lan, and Lan above Bo. Without Lan, Bo may be above Mei, but not before.
    leave_business(lan, qian, recorded=recorded)
    [now] = preview_reassignment(members=[mei], to=bo.distributor, at=EXIT)
    [then] = preview_reassignment(members=[mei], to=bo.distributor, at=EXIT - DAY)

    assert (then.outcome, now.outcome) == ("circle", "binds")
    assert make_referral(bo, mei, at=EXIT - DAY).outcome == "circle"
    assert make_referral(bo, mei, at=EXIT).outcome == "bound"
    assert ends(bo) == [(EXIT, "upline_exit")]
    assert (upline(mei), upline(lan), upline(bo)) == ("Bo", "Mei", "")
    assert make_referral(mei, bo, at=EXIT + DAY).outcome == "circle"


@recorded
def test_a_late_order_does_not_renew_a_binding_after_the_exit(
    mei: Member, bo: Member, qian: User, recorded: bool
) -> None:
    set_policy(binding_days=4, renewed_by_orders=True)
    distributor(mei)
    make_referral(mei, bo)
    leave_business(mei, qian, recorded=recorded)

    record_purchases([Purchase(bo.pk, ordered_at=NOON + 3 * DAY)])

    assert ends(bo) == [(NOON + 4 * DAY, "expired")]


def test_a_binding_that_would_have_expired_later_ends_with_the_exit(
    mei: Member, bo: Member, qian: User
) -> None:
    set_policy(binding_days=10)
    distributor(mei)
    make_referral(mei, bo)
    leave_business(mei, qian, recorded=False)

    assert expire_bindings(at=NOON + 100 * DAY) == 0

    assert ends(bo) == [(EXIT, "upline_exit")]


def test_the_batches_go_on_after_a_crash(mei: Member, qian: User) -> None:
    distributor(mei)
    for number in range(5):
        make_referral(mei, member(f"Member {number}"))
    leave_business(mei, qian, recorded=False)

    assert end_bindings_to_exited(limit=2) == 2
    with pytest.raises(KeyboardInterrupt):
        crash_in_batch()
    assert Binding.objects.filter(ended_at=None).count() == 3
    assert Distributor.objects.get().has_bindings_to_end

    assert end_bindings(limit=2) == [2, 1, 0]
    assert set(Binding.objects.values_list("ended_at", "end_reason")) == {(EXIT, "upline_exit")}
    assert not Distributor.objects.get().has_bindings_to_end
    before = rows()
    assert end_bindings() == [0]
    assert rows() == before


def test_the_task_ends_the_bindings_to_everyone_who_exited(
    mei: Member, lan: Member, bo: Member, chen: Member, qian: User
) -> None:
    for person in (mei, lan):
        distributor(person)
    make_referral(mei, bo)
    make_referral(lan, chen)
    for person in (mei, lan):
        leave_business(person, qian, recorded=False)

    tasks.end_bindings_to_exited()

    assert not Binding.objects.filter(ended_at=None).exists()
    assert not Distributor.objects.filter(has_bindings_to_end=True).exists()


def test_the_page_shows_how_many_bindings_are_left(
    as_boss: Client, mei: Member, lan: Member, bo: Member, qian: User
) -> None:
    as_boss.cookies["django_language"] = "en"
    her = distributor(mei)
    for person in (lan, bo):
        make_referral(mei, person)
    bindings = reverse("admin:distribution_binding_changelist")
    leave_business(mei, qian, recorded=False)
    page = reverse("admin:distribution_distributor_change", args=[her.pk])

    end_bindings_to_exited(limit=1)
    assert "1 left to record" in as_boss.get(page).content.decode()
    running, ended = (
        as_boss.get(bindings, {"running": state}).context["cl"].result_list
        for state in ("yes", "no")
    )
    assert (len(running), len(ended)) == (0, 2)
    end_bindings()
    assert "left to record" not in as_boss.get(page).content.decode()
