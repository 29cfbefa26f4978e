"""Two colleagues start two imports at once: one of them runs."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.db import connection
from pytest_django import Settings

from integration.mall_imports import claims, running
from integration.mall_imports.running import AnotherMallImportRuns
from integration.models import MallImport
from tests.cast import CLOCK, give, staff
from tests.concurrency import run_concurrently
from tests.integration.mall_imports.malls import checked, preparer, started, starter

pytestmark = pytest.mark.usefixtures("committed")


@pytest.fixture(autouse=True)
def storage(settings: Settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


def start_two_at_once() -> list[object]:
    qian = preparer()
    rows = [checked(by=qian), checked(by=qian)]
    colleagues = [starter(), give(staff("Lin"), "start_mallimport", "publish_plan")]
    return run_concurrently(
        *(
            lambda row=row, by=by: running.start(  # type: ignore[misc]
                mall_import=row, seal=row.seal, by=by, at=CLOCK
            )
            for row, by in zip(rows, colleagues, strict=True)
        )
    )


def statuses() -> list[str]:
    return sorted(MallImport.objects.values_list("status", flat=True))


def test_one_of_two_that_start_at_once_runs() -> None:
    ends = start_two_at_once()

    assert sorted(type(end) for end in ends if end) == [AnotherMallImportRuns]
    assert statuses() == ["ready", "running"]


def test_without_the_constraint_both_would_run() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX mallimport_one_running")

    assert start_two_at_once() == [None, None]
    assert statuses() == ["running", "running"]


def test_two_workers_never_have_one_import() -> None:
    started()

    claimed = run_concurrently(*[lambda: claims.claim(at=CLOCK)] * 4)

    assert sum(row is not None for row in claimed) == 1


def test_two_colleagues_who_start_one_import_start_it_once() -> None:
    row = checked()
    ends = run_concurrently(
        *[
            lambda: running.start(
                mall_import=MallImport.objects.get(pk=row.pk), seal=row.seal, by=starter(),
                at=CLOCK,
            )
        ]
        * 4
    )  # fmt: skip

    assert ends.count(None) == 1
    assert statuses() == ["running"]
