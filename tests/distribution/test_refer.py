"""Referrals bind members as the policy and the law allow."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from distribution.models import Binding, Distributor, Policy, PurchaseTotals, Referral, Source
from distribution.queries import upline_chains
from distribution.services import (
    Purchase,
    bind_pending_referrals,
    change_status,
    leave,
    record_purchases,
    refer,
)
from members.models import Member, User
from tests.cast import NOON, member
from tests.distribution.people import REASON, last_event, set_policy, upline, uplines
from tests.shop import (
    DAY,
    commissions,
    distributor,
    ingest,
    make_referral,
    order,
    plan,
    referral_chain,
    sku,
)


def test_a_referral_by_an_active_distributor_binds_with_evidence(mei: Member, lan: Member) -> None:
    distributor(mei)

    came = make_referral(mei, lan, at=NOON + DAY)

    assert came.outcome == "bound"
    bound = Binding.objects.get()
    assert (bound.started_at, bound.expires_at, bound.ended_at) == (NOON + DAY, None, None)
    assert (bound.source, bound.evidence_kind, bound.evidence_id) == (
        "share", "sharing.visit", "v1",
    )  # fmt: skip
    assert last_event("bound").subject_id == lan.public_id


def test_any_member_may_refer_but_only_a_distributor_becomes_an_upline(
    mei: Member, lan: Member, bo: Member
) -> None:
    assert make_referral(mei, lan).outcome == "not_distributor"
    assert Referral.objects.get().referrer == mei
    distributor(bo)

    assert make_referral(bo, lan, at=NOON + DAY).outcome == "bound"

    assert Referral.objects.get().referrer == mei  # the first referrer stays
    assert upline(lan) == "Bo"


@pytest.mark.parametrize("to", ["suspended", "frozen", "exited"])
def test_an_inactive_distributor_binds_nobody(
    mei: Member, lan: Member, qian: User, to: str
) -> None:
    change_status(
        distributor=distributor(mei), to=Distributor.Status(to), by=qian, at=NOON, reason=REASON
    )

    assert make_referral(mei, lan, at=NOON + DAY).outcome == "not_active"
    assert not Binding.objects.exists()


def test_a_self_referral_binds_nobody(mei: Member) -> None:
    distributor(mei)

    assert make_referral(mei, mei).outcome == "own"
    assert not Referral.objects.exists()


def test_the_first_upline_stays(mei: Member, lan: Member, bo: Member) -> None:
    distributor(mei)
    distributor(lan)
    make_referral(mei, bo)

    assert make_referral(lan, bo, at=NOON + 400 * DAY).outcome == "has_upline"
    assert make_referral(mei, bo, at=NOON + 400 * DAY).outcome == "has_upline"
    assert upline(bo) == "Mei"


@pytest.mark.parametrize("depth", [1, 2, 5])
def test_a_circle_is_reported_at_any_depth(db: None, depth: int) -> None:
    people = referral_chain(*[f"M{number}" for number in range(depth + 1)])
    distributor(people[-1])

    assert make_referral(people[-1], people[0], at=NOON + DAY).outcome == "circle"
    assert upline(people[0]) == ""


def test_new_members_only(mei: Member, lan: Member) -> None:
    set_policy(binding_audience=Policy.BindingAudience.NEW)
    distributor(mei)

    assert make_referral(mei, lan, at=NOON + DAY).outcome == "not_new"
    assert make_referral(mei, member("New")).outcome == "bound"


def test_an_import_ignores_the_policy(mei: Member, lan: Member) -> None:
    set_policy(
        binding_audience=Policy.BindingAudience.NEW,
        binding_trigger=Policy.BindingTrigger.FIRST_ORDER,
    )
    distributor(mei)

    came = refer(member=lan, referrer=mei, source=Source.IMPORT, at=NOON + DAY)

    assert came.outcome == "bound"


def test_an_expired_binding_allows_the_next(mei: Member, lan: Member, bo: Member) -> None:
    set_policy(binding_days=10)
    distributor(mei)
    distributor(lan)
    make_referral(mei, bo)

    assert make_referral(lan, bo, at=NOON + 9 * DAY).outcome == "has_upline"
    assert make_referral(lan, bo, at=NOON + 10 * DAY).outcome == "bound"

    first, second = Binding.objects.order_by("pk")
    assert (first.end_reason, first.ended_at) == ("expired", NOON + 10 * DAY)
    assert second.expires_at == NOON + 20 * DAY
    asked = [(bo.pk, NOON + days * DAY - timedelta(seconds=1)) for days in (10, 11, 20, 21)]
    assert [chain.tier1 and chain.tier1.distributor_id for chain in upline_chains(asked)] == [
        mei.distributor.pk, lan.distributor.pk, lan.distributor.pk, None,
    ]  # fmt: skip


class TestReportedLate:
    """Bo is bound to Mei; an earlier referral by Lan is reported later."""

    @pytest.fixture(autouse=True)
    def _later(self, mei: Member, lan: Member) -> None:
        distributor(mei)
        distributor(lan)

    def test_an_earlier_referrer_is_the_upline_until_the_later_binding(
        self, mei: Member, lan: Member, bo: Member
    ) -> None:
        make_referral(mei, bo, at=NOON + 5 * DAY)
        later = Binding.objects.values().get()

        assert make_referral(lan, bo, at=NOON + DAY).outcome == "bound"

        early = Binding.objects.latest("pk")
        assert (early.started_at, early.ended_at, early.end_reason) == (
            NOON + DAY, NOON + 5 * DAY, "superseded",
        )  # fmt: skip
        assert Binding.objects.values().get(pk=later["id"]) == later
        assert Referral.objects.get(member=bo).referrer == mei  # the referrer reported first
        assert uplines(bo, 0, 1, 4, 5) == ["", "Lan", "Lan", "Mei"]
        event = last_event("unbound")
        assert (event.at, event.data) == (
            NOON + 5 * DAY,
            {"binding": early.public_id, "end_reason": "superseded", "reason": None},
        )  # fmt: skip

    def test_the_same_upline_may_have_an_earlier_binding(self, mei: Member, bo: Member) -> None:
        make_referral(mei, bo, at=NOON + 5 * DAY)

        assert make_referral(mei, bo, at=NOON + DAY).outcome == "bound"
        assert uplines(bo, 0, 1, 5) == ["", "Mei", "Mei"]

    def test_a_binding_fills_the_gap_between_two_others(
        self, mei: Member, lan: Member, bo: Member
    ) -> None:
        make_referral(mei, bo)
        leave(member=bo, by=bo, at=NOON + 2 * DAY, reason=REASON)
        make_referral(mei, bo, at=NOON + 5 * DAY)

        assert make_referral(lan, bo, at=NOON + DAY).outcome == "has_upline"
        assert make_referral(lan, bo, at=NOON + 3 * DAY).outcome == "bound"
        assert make_referral(lan, bo, at=NOON + 4 * DAY).outcome == "has_upline"

        assert uplines(bo, 1, 2, 3, 4, 5) == ["Mei", "", "Lan", "Lan", "Mei"]

    def test_each_late_binding_shrinks_the_gap(
        self, mei: Member, lan: Member, bo: Member, chen: Member
    ) -> None:
        distributor(chen)
        make_referral(mei, bo, at=NOON + 5 * DAY)
        make_referral(lan, bo, at=NOON + 3 * DAY)

        assert make_referral(chen, bo, at=NOON + DAY).outcome == "bound"

        assert uplines(bo, 1, 3, 5) == ["Chen", "Lan", "Mei"]

    @pytest.mark.parametrize(
        ("days", "end"), [(2, "expired"), (4, "expired"), (5, "superseded"), (None, "superseded")]
    )
    def test_a_binding_that_ends_in_the_gap_is_expired(
        self, mei: Member, lan: Member, bo: Member, days: int | None, end: str
    ) -> None:
        make_referral(mei, bo, at=NOON + 5 * DAY)
        set_policy(binding_days=days, renewed_by_orders=True)

        make_referral(lan, bo, at=NOON + DAY)
        record_purchases([Purchase(bo.pk, ordered_at=NOON + 2 * DAY)])

        early = Binding.objects.latest("pk")
        assert early.end_reason == end
        assert early.ended_at == NOON + min(1 + (days or 9), 5) * DAY
        event = last_event("expired" if end == "expired" else "unbound")
        assert (event.at, event.subject_id) == (
            early.ended_at, early.public_id if end == "expired" else bo.public_id,
        )  # fmt: skip
        assert uplines(bo, 5) == ["Mei"]

    def test_the_thirty_days_apply_only_to_leaving(
        self, mei: Member, lan: Member, bo: Member
    ) -> None:
        make_referral(mei, bo, at=NOON + 50 * DAY)

        assert make_referral(lan, bo, at=NOON).outcome == "bound"

        assert Binding.objects.latest("pk").ended_at == NOON + 50 * DAY

    def test_poaching_in_the_past_is_impossible(self, mei: Member, lan: Member, bo: Member) -> None:
        set_policy(poach_after_days=1)
        make_referral(mei, bo)
        leave(member=bo, by=bo, at=NOON + 9 * DAY, reason=REASON)

        assert make_referral(lan, bo, at=NOON + 5 * DAY).outcome == "has_upline"

    def test_a_distributor_inactive_at_that_time_binds_nobody(
        self, mei: Member, lan: Member, bo: Member, qian: User
    ) -> None:
        make_referral(mei, bo, at=NOON + 5 * DAY)
        for to, at in (("frozen", NOON + DAY), ("active", NOON + 2 * DAY)):
            change_status(
                distributor=lan.distributor,
                to=Distributor.Status(to),
                by=qian,
                at=at,
                reason=REASON,
            )

        assert make_referral(lan, bo, at=NOON + DAY).outcome == "not_active"
        assert make_referral(lan, bo, at=NOON - DAY).outcome == "not_active"
        assert make_referral(lan, bo, at=NOON + 2 * DAY).outcome == "bound"

    def test_a_circle_in_the_past_is_reported(self, mei: Member, lan: Member, bo: Member) -> None:
        distributor(bo)
        make_referral(bo, lan, at=NOON + 2 * DAY)
        make_referral(mei, bo, at=NOON + 5 * DAY)

        assert make_referral(lan, bo, at=NOON + DAY).outcome == "circle"
        assert uplines(bo, 1, 5) == ["", "Mei"]

    def test_a_binding_after_the_gap_closes_no_circle(
        self, mei: Member, lan: Member, bo: Member
    ) -> None:
        distributor(bo)
        make_referral(mei, bo, at=NOON + 5 * DAY)
        make_referral(bo, lan, at=NOON + 5 * DAY)

        assert make_referral(lan, bo, at=NOON + DAY).outcome == "bound"
        assert uplines(bo, 1, 5) == ["Lan", "Mei"]
        assert uplines(lan, 1, 5) == ["", "Bo"]

    def test_a_late_order_binds_to_the_referrer_it_names(
        self, mei: Member, lan: Member, bo: Member
    ) -> None:
        sku()
        plan()
        ingest(replace(order(bo, number="later", placed_at=NOON + 5 * DAY), referrer="mei"))
        ingest(order(bo, number="known", placed_at=NOON + 3 * DAY))
        credited = commissions("later")

        ingest(replace(order(bo, number="late", placed_at=NOON + 2 * DAY), referrer="lan"))
        ingest(order(bo, number="later still", placed_at=NOON + 4 * DAY))

        assert [row[2] for row in commissions("late")] == ["Lan"]
        assert [row[2] for row in commissions("later still")] == ["Lan"]
        assert commissions("known") == []  # its attribution was already fixed
        assert commissions("later") == credited
        assert [row[2] for row in credited] == ["Mei"]
        ingest(replace(order(bo, number="late", placed_at=NOON + 2 * DAY), referrer="lan"))
        assert Binding.objects.count() == 2

    def test_orders_of_one_batch_bind_in_the_order_of_time(
        self, mei: Member, lan: Member, bo: Member
    ) -> None:
        sku()
        plan()
        ingest(
            replace(order(bo, number="second", placed_at=NOON + 5 * DAY), referrer="mei"),
            replace(order(bo, number="first", placed_at=NOON + 2 * DAY), referrer="lan"),
        )

        assert [row[2] for row in commissions("first")] == ["Lan"]
        assert [row[2] for row in commissions("second")] == ["Lan"]


class TestPoaching:
    @pytest.fixture(autouse=True)
    def _allowed(self, mei: Member, lan: Member, bo: Member) -> None:
        set_policy(poach_after_days=30)
        distributor(mei)
        distributor(lan)
        make_referral(mei, bo)

    def test_an_idle_upline_is_replaced(self, lan: Member, bo: Member) -> None:
        assert make_referral(lan, bo, at=NOON + 29 * DAY).outcome == "has_upline"
        assert make_referral(lan, bo, at=NOON + 30 * DAY).outcome == "bound"

        first = Binding.objects.earliest("pk")
        assert (first.end_reason, first.ended_at) == ("poached", NOON + 30 * DAY)
        assert last_event("unbound").data["end_reason"] == "poached"

    def test_an_order_protects_from_poaching(self, lan: Member, bo: Member) -> None:
        record_purchases([Purchase(bo.pk, ordered_at=NOON + 20 * DAY)])

        assert make_referral(lan, bo, at=NOON + 49 * DAY).outcome == "has_upline"
        assert make_referral(lan, bo, at=NOON + 50 * DAY).outcome == "bound"

    def test_the_same_upline_does_not_poach(self, mei: Member, bo: Member) -> None:
        assert make_referral(mei, bo, at=NOON + 60 * DAY).outcome == "has_upline"
        assert Binding.objects.get().ended_at is None

    def test_a_refused_binding_does_not_end_the_old_one(
        self, lan: Member, mei: Member, bo: Member, qian: User
    ) -> None:
        change_status(
            distributor=lan.distributor,
            to=Distributor.Status.FROZEN,
            by=qian,
            at=NOON,
            reason=REASON,
        )

        assert make_referral(lan, bo, at=NOON + 60 * DAY).outcome == "not_active"
        assert upline(bo) == "Mei"


class TestTheFirstOrder:
    @pytest.fixture(autouse=True)
    def _binds(self, mei: Member) -> None:
        set_policy(binding_trigger=Policy.BindingTrigger.FIRST_ORDER)
        distributor(mei)

    def test_the_first_order_binds_when_it_was_placed(self, mei: Member, lan: Member) -> None:
        assert make_referral(mei, lan).outcome == "first_order"
        assert upline(lan) == ""

        bind_pending_referrals([(lan.pk, NOON + 3 * DAY), (lan.pk, NOON + 2 * DAY)])

        assert Binding.objects.get().started_at == NOON + 2 * DAY

    def test_only_orders_after_the_referral_bind(self, mei: Member, lan: Member) -> None:
        make_referral(mei, lan, at=NOON + 2 * DAY)

        bind_pending_referrals([(lan.pk, NOON + DAY)])
        assert upline(lan) == ""
        bind_pending_referrals([(lan.pk, NOON + DAY), (lan.pk, NOON + 3 * DAY)])

        assert Binding.objects.get().started_at == NOON + 3 * DAY

    def test_an_order_with_a_referrer_binds_at_once(self, mei: Member, lan: Member) -> None:
        came = refer(member=lan, referrer=mei, source=Source.ORDER, at=NOON)

        assert came.outcome == "bound"

    def test_the_first_order_binds_once(self, mei: Member, lan: Member) -> None:
        make_referral(mei, lan)
        for _again in range(2):
            bind_pending_referrals([(lan.pk, NOON + DAY)])

        assert Binding.objects.count() == 1

    def test_the_order_placed_first_binds_however_late_it_is_reported(
        self, mei: Member, lan: Member
    ) -> None:
        make_referral(mei, lan)
        bind_pending_referrals([(lan.pk, NOON + 3 * DAY)])

        bind_pending_referrals([(lan.pk, NOON + DAY)])

        assert uplines(lan, 0, 1, 3) == ["", "Mei", "Mei"]
        early = Binding.objects.latest("pk")
        assert (early.ended_at, early.end_reason) == (NOON + 3 * DAY, "superseded")

    def test_a_member_who_has_left_is_not_bound(self, mei: Member, lan: Member) -> None:
        make_referral(mei, lan)
        bind_pending_referrals([(lan.pk, NOON + DAY)])
        leave(member=lan, by=lan, at=NOON + 2 * DAY, reason=REASON)

        bind_pending_referrals([(lan.pk, NOON + 3 * DAY)])

        assert upline(lan) == ""

    def test_existing_members_are_not_bound_if_only_new_ones_may_be(
        self, mei: Member, lan: Member
    ) -> None:
        set_policy(binding_audience=Policy.BindingAudience.NEW)
        make_referral(mei, lan, at=NOON + DAY)

        bind_pending_referrals([(lan.pk, NOON + 2 * DAY)])

        assert upline(lan) == ""


class TestRenewal:
    @pytest.fixture(autouse=True)
    def _renewed(self, mei: Member, lan: Member) -> None:
        set_policy(binding_days=10, renewed_by_orders=True)
        distributor(mei)
        make_referral(mei, lan)

    def test_an_order_renews_a_binding_in_force(self, lan: Member) -> None:
        record_purchases([Purchase(lan.pk, ordered_at=NOON + 4 * DAY)])

        assert Binding.objects.get().expires_at == NOON + 14 * DAY

    def test_orders_of_one_batch_count_in_the_order_of_time(self, lan: Member) -> None:
        later, sooner = NOON + 15 * DAY, NOON + 8 * DAY
        record_purchases([Purchase(lan.pk, ordered_at=later), Purchase(lan.pk, ordered_at=sooner)])

        assert Binding.objects.get().expires_at == NOON + 25 * DAY
        assert PurchaseTotals.objects.get(member=lan).last_order_at == later

    def test_an_order_after_the_expiry_renews_nothing(self, lan: Member) -> None:
        record_purchases([Purchase(lan.pk, ordered_at=NOON + 10 * DAY)])

        assert Binding.objects.get().expires_at == NOON + 10 * DAY

    def test_a_late_order_renews_nothing_into_a_circle(self, mei: Member, lan: Member) -> None:
        # Lan's binding to Mei has expired, but its end is not recorded yet.
        distributor(lan)
        assert make_referral(lan, mei, at=NOON + 12 * DAY).outcome == "bound"

        record_purchases([Purchase(lan.pk, ordered_at=NOON + 5 * DAY)])

        ended = Binding.objects.get(member=lan)
        assert (ended.end_reason, ended.ended_at) == ("expired", NOON + 10 * DAY)
        [now] = upline_chains([(lan.pk, NOON + 13 * DAY)])
        assert now.tier1 is None
