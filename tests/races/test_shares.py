"""Scans, sign-ins and orders at the same moment: exact visits, and one upline a person."""

from __future__ import annotations

import threading
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from pytest_django import Settings

from common.clock import business_day
from distribution.models import Binding
from events.models import Event
from members.models import Member
from sharing import cards
from sharing.models import MiniProgramCode, Share, Visit, VisitorClaim
from sharing.services import fetch_codes, open_share, record_visit
from sharing.targets import Target
from sharing.visitors import new_anonymous_id
from tests.cast import NOON, member
from tests.concurrency import run_concurrently, run_during_transaction
from tests.sharing.things import mask, share, sign_in, visit
from tests.shop import DAY, distributor, ingest, order, plan

SCANS = 24


def errors(ends: list[Any]) -> list[Any]:
    return [end for end in ends if isinstance(end, Exception)]


def test_parallel_scans_of_one_visitor_are_one_visit(lan: Member) -> None:
    code, who = share(lan).code, new_anonymous_id(NOON)
    ends = run_concurrently(*[partial(visit, code, who=who)] * 8)
    assert errors(ends) == []
    assert [end.is_new for end in ends].count(True) == 1
    assert len({end.visit.pk for end in ends}) == Visit.objects.count() == 1


def test_without_the_constraint_a_visitor_counts_twice(lan: Member) -> None:
    opened, meet = share(lan), threading.Barrier(2)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE sharing_visit DROP CONSTRAINT visit_once_a_day")

    def check_then_insert() -> None:
        same = {"share": opened, "visitor": "v", "day": business_day(NOON)}
        known = Visit.objects.filter(**same).exists()
        meet.wait(30)
        if not known:
            Visit.objects.bulk_create([Visit(**same, at=NOON)])

    assert errors(run_concurrently(check_then_insert, check_then_insert)) == []
    assert Visit.objects.count() == 2


def test_parallel_scans_of_many_visitors_are_counted_exactly(lan: Member) -> None:
    distributor(lan)
    code = share(lan).code
    buyers = [member(f"Buyer {number}") for number in range(SCANS // 2)]
    strangers = [partial(visit, code) for _ in range(SCANS // 2)]
    ends = run_concurrently(*(partial(visit, code, by=who) for who in buyers), *strangers)
    assert errors(ends) == []
    assert Visit.objects.count() == SCANS
    assert Binding.objects.count() == len(buyers)


def test_a_scan_waits_for_nobody_who_changes_the_sharer(lan: Member) -> None:
    code = share(lan).code

    def rename() -> None:
        Member.objects.filter(pk=lan.pk).update(nickname="Lan 2")

    # The scan is done while the other transaction still holds the row of the sharer.
    _, seen = run_during_transaction(rename, partial(visit, code))
    assert seen.is_new


def test_one_member_gets_one_upline_of_many_shares(lan: Member) -> None:
    bo, sharers = member("Bo"), [member(f"Sharer {number}") for number in range(6)]
    codes = []
    for sharer in sharers:
        distributor(sharer)
        codes.append(share(sharer).code)
    ends = run_concurrently(*(partial(visit, code, by=bo, at=NOON + DAY) for code in codes))
    assert errors(ends) == []
    assert Binding.objects.filter(member=bo).count() == 1
    assert [end.is_bound for end in ends].count(True) >= 1
    assert Visit.objects.filter(member=bo).count() == len(codes)


def test_of_two_members_one_gets_the_visits_of_an_anonymous_id(lan: Member) -> None:
    bo, chen = member("Bo"), member("Chen")
    for round_number in range(4):
        came = visit(share(lan, label=f"{round_number}").code)
        visit(share(lan, label=f"b{round_number}").code, who=came.anonymous_id)
        ends = run_concurrently(
            partial(sign_in, bo, anonymous_id=came.anonymous_id, at=NOON + DAY),
            partial(sign_in, chen, anonymous_id=came.anonymous_id, at=NOON + DAY),
        )
        assert errors(ends) == []
        owners = {row.member for row in Visit.objects.filter(visitor=came.anonymous_id[:16])}
        assert owners == {VisitorClaim.objects.get(visitor=came.anonymous_id[:16]).member}


def test_a_share_is_opened_once(lan: Member) -> None:
    opens = partial(open_share, member=lan, target=Target("recruit"), channel="qq", at=NOON)
    ends = run_concurrently(*[opens] * 8)
    assert errors(ends) == []
    assert len({opened.code for opened, _ in ends}) == 1
    assert [is_new for _, is_new in ends].count(True) == 1
    assert MiniProgramCode.objects.count() == 1


def test_orders_visits_and_sign_ins_of_one_new_share_do_not_deadlock(lan: Member) -> None:
    plan()
    distributor(lan)
    buyers = [member("Bo"), member("Chen")]
    for number in range(5):
        product = mask(f"sku-{number}")
        ready = cards.ready_card(lan, Target("product", product.public_id), NOON)
        assert ready
        mask(f"mask-{number}")
        lines = [order(bo, number=f"{bo.nickname}-{number}", share=ready.code) for bo in buyers]
        ends = run_concurrently(
            partial(ingest_with, lines, f"mask-{number}"),
            *(partial(record_visit, code=ready.code, member=bo, at=NOON) for bo in buyers),
            *(partial(sign_in, bo, share=ready.code, at=NOON + DAY / 2) for bo in buyers),
        )
        assert errors(ends) == []
        assert Share.objects.count() == number + 1


def ingest_with(orders: list[Any], sku: str) -> None:
    ingest(*(replace(row, lines=(replace(row.lines[0], sku=sku),)) for row in orders))


def test_two_workers_fetch_each_code_once(lan: Member, settings: Settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path
    for number in range(12):
        share(lan, channel="qq", label=f"{number}")
    ends = run_concurrently(*[partial(fetch_codes, at=NOON, limit=4)] * 4)
    assert errors(ends) == []
    assert sum(ends) == Event.objects.filter(name="sharing.code_stored").count()
    while fetch_codes(at=NOON, limit=4):
        pass
    assert Event.objects.filter(name="sharing.code_stored").count() == 12


@pytest.mark.parametrize("joins_first", [True, False])
def test_a_visit_during_a_sign_in_is_lost_to_nobody(lan: Member, *, joins_first: bool) -> None:
    distributor(lan)
    bo, code = member("Bo"), share(lan).code
    came = visit(code)
    joins = partial(sign_in, bo, anonymous_id=came.anonymous_id, at=NOON + DAY)
    visits = partial(visit, code, by=bo, who=came.anonymous_id, at=NOON + DAY)
    ends = run_during_transaction(*((joins, visits) if joins_first else (visits, joins)))
    assert errors(ends) == []
    assert {row.member for row in Visit.objects.all()} == {bo}
    assert Binding.objects.filter(member=bo).count() == 1
