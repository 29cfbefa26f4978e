"""Parallel workers spend a consent once."""

from __future__ import annotations

import threading
from functools import partial

from django.db.models import F

from members.models import Member
from notices.consents import report_consents, spend
from notices.models import Consent
from tests.concurrency import run_concurrently

TEMPLATE = "T-credited"


def consent(who: Member, times: int) -> None:
    for _ in range(times):
        Consent.objects.get_or_create(member=who, template=TEMPLATE)
        Consent.objects.update(reported=F("reported") + 1)


def test_sixteen_workers_spend_three_consents(lan: Member) -> None:
    consent(lan, 3)

    ends = run_concurrently(*[partial(spend, member=lan.pk, template=TEMPLATE)] * 16)

    assert sorted(ends) == [False] * 13 + [True] * 3
    assert Consent.objects.get().available == 0


def test_control_read_and_write_spends_one_consent_twice(lan: Member) -> None:
    consent(lan, 1)
    both_read = threading.Barrier(2)

    def naive() -> bool:
        row = Consent.objects.get()
        both_read.wait(30)
        if row.available < 1:
            return False
        row.spent += 1
        row.save()
        return True

    assert run_concurrently(naive, naive) == [True, True]


def test_parallel_reports_of_a_first_consent_all_count(lan: Member, settings: object) -> None:
    settings.WECHAT_TEMPLATES = {"credited": TEMPLATE}  # type: ignore[attr-defined]
    report = partial(report_consents, member=lan, results={TEMPLATE: "accept"})

    run_concurrently(*[report] * 8)

    assert Consent.objects.get().available == 8
