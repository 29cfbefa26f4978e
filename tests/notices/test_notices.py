"""Lan reads what happened to her; Chen reads nothing of hers."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from commissions.events import COMMISSIONS_CREDITED_TO_MEMBER
from common import clock
from distribution.models import Binding, Level
from distribution.services import set_level
from events import delivery
from events.models import Event
from events.services import record
from members.models import Member, User
from notices import followers, texts
from notices.models import Notice
from notices.services import KEPT_FOR, forget_old_notices
from tests.api.phone import Phone, outcome
from tests.cast import NOON
from tests.distribution.people import REASON
from tests.incentives.levels.ladder import review, silver_and_gold
from tests.shop import DAY, open_shop

pytestmark = pytest.mark.django_db


def deliver() -> None:
    while delivery.deliver_due(at=clock.now() + timedelta(seconds=1)):
        pass


@transaction.atomic
def credit(who: Member, fen: int = 1_099) -> None:
    record(
        COMMISSIONS_CREDITED_TO_MEMBER, who, at=NOON,
        settlement="S-1", count=1, amounts={"cash": fen, "points": 20},
    )  # fmt: skip


def credit_times(who: Member, count: int) -> None:
    for _ in range(count):
        credit(who)
    deliver()


def test_a_credit_is_told_in_the_language_of_the_reader(lan: Member) -> None:
    credit_times(lan, 1)

    (told,) = Phone(lan).get("/notices").json()["results"]
    assert (told["kind"], told["target"]) == ("credited", {"kind": "wallet", "id": ""})
    assert told["body"] == "Credited to your wallet: cash 10.99, points 20."
    assert told["read"] is False
    with translation.override("zh-hans"):
        assert "10.99" in texts.body(Notice.objects.get())
        assert "Credited" not in texts.body(Notice.objects.get())


def test_a_repeated_delivery_tells_once(lan: Member) -> None:
    credit_times(lan, 1)

    followers.tell_of_credits(list(Event.objects.filter(name="commissions.credited_to_member")))

    assert Notice.objects.count() == 1


def test_the_database_admits_one_notice_of_an_event(lan: Member) -> None:
    credit_times(lan, 1)
    notice = Notice.objects.get()
    notice.pk, notice.public_id = None, "another"

    with pytest.raises(IntegrityError, match="notice_once_per_event"), transaction.atomic():
        notice.save(force_insert=True)


def test_both_sides_are_told_of_a_binding(db: None) -> None:
    buyer = open_shop()
    deliver()

    binding = Binding.objects.get(member=buyer)
    told = Notice.objects.filter(event__data__binding=binding.public_id)
    assert {(row.member_id, row.kind) for row in told} == {
        (buyer.pk, "upline_bound"),
        (binding.distributor.member_id, "direct_joined"),
    }


def test_a_new_level_is_told(qian: User) -> None:
    open_shop()
    lan = Member.objects.get(nickname="Lan")
    level = Level.objects.create(rank=2, name="Gold")
    set_level(distributor=lan.distributor, level=level, by=qian, at=NOON + DAY, reason=REASON)
    deliver()

    with translation.override("en"):
        assert texts.body(lan.notices.get(kind="level_changed")) == "Your level is now Gold."


def test_a_level_about_to_be_lost_is_told_with_its_last_day(qian: User) -> None:
    """Silver was given by hand before the ladder asked for anything."""
    open_shop()
    lan = Member.objects.get(nickname="Lan")
    silver, _gold = silver_and_gold()
    set_level(distributor=lan.distributor, level=silver, by=qian, at=NOON, reason=REASON)
    review(NOON + DAY)
    review(NOON + 2 * DAY)
    deliver()

    notice = lan.notices.get(kind="level_warning")
    assert notice.target == "levels"
    with translation.override("en"):
        assert texts.body(notice) == (
            "Your sales no longer reach the level Silver. You keep it until 2026-12-02: reach it"
            " again before, and nothing changes."
        )
    with translation.override("zh-hans"):
        assert "保留至 2026-12-02" in texts.body(notice)


def test_notices_are_marked_as_read_any_number_of_times(lan: Member) -> None:
    credit_times(lan, 3)
    phone = Phone(lan)
    listed = phone.get("/notices").json()
    assert listed["totals"] == {"unread": 3}
    first = listed["results"][0]["id"]

    for _ in range(2):
        assert phone.post("/notices/read", {"ids": [first, "unknown"]}).json() == {"unread": 2}
    unread = phone.get("/notices", unread="true").json()["results"]
    assert first not in [row["id"] for row in unread]
    assert len(unread) == 2
    for _ in range(2):
        assert phone.post("/notices/read", {"all": True}).json() == {"unread": 0}


@pytest.mark.parametrize("body", [{}, {"all": False}, {"ids": []}, {"ids": ["a"], "all": True}])
def test_a_bad_request_reads_nothing(lan: Member, body: dict[str, object]) -> None:
    credit_times(lan, 1)

    assert outcome(Phone(lan).post("/notices/read", body)) == (400, "invalid_input")
    assert Notice.objects.unread().count() == 1


def test_strangers_neither_see_nor_read_a_notice(lan: Member, chen: Member) -> None:
    credit_times(lan, 1)
    phone = Phone(chen)

    assert phone.get("/notices").json()["results"] == []
    phone.post("/notices/read", {"ids": [Notice.objects.get().public_id]})
    phone.post("/notices/read", {"all": True})
    assert Notice.objects.unread().count() == 1


def test_the_list_needs_the_same_queries_for_any_length(lan: Member) -> None:
    phone = Phone(lan)
    counts = []
    for more in (1, 19):
        credit_times(lan, more)
        with CaptureQueriesContext(connection) as queries:
            phone.get("/notices")
        counts.append(len(queries))

    assert counts[0] == counts[1]


def test_notices_are_kept_for_180_days(lan: Member) -> None:
    credit_times(lan, 1)
    end = Notice.objects.get().created_at + KEPT_FOR

    assert forget_old_notices(at=end) == 0
    assert forget_old_notices(at=end + timedelta(seconds=1)) == 1
    assert not Notice.objects.exists()
