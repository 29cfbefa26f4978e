"""Old posters go, files before rows, and a member's with their account."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from pytest_django import Settings

from catalog.models import Product
from members.closing import close_member
from members.exports import export
from members.models import Member
from posters.models import Poster, PosterTemplate, RecommendationLine
from posters.services import sweep_old
from tests.cast import NOON
from tests.posters import studio

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def files(settings: Settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def ready(lan: Member) -> Poster:
    studio.template()
    studio.open_for(lan, studio.mask(), line="用了一个月")
    studio.work()
    return Poster.objects.get()


def stored(folder: Path) -> int:
    return sum(path.is_file() for path in folder.rglob("*"))


def test_a_poster_that_nobody_uses_for_a_month_goes_with_its_file(
    ready: Poster, tmp_path: Path
) -> None:
    assert sweep_old(at=NOON + 30 * DAY) == 0
    assert stored(tmp_path) == 1

    assert sweep_old(at=NOON + 31 * DAY) == 1

    assert not Poster.objects.exists()
    assert stored(tmp_path) == 0


def test_a_poster_in_use_stays(ready: Poster, lan: Member) -> None:
    studio.open_for(lan, Product.objects.get(), line="用了一个月", at=NOON + 20 * DAY)

    assert sweep_old(at=NOON + 31 * DAY) == 0


def test_after_its_removal_it_is_drawn_again(ready: Poster, lan: Member) -> None:
    sweep_old(at=NOON + 31 * DAY)

    opened = studio.open_for(lan, Product.objects.get(), line="用了一个月", at=NOON + 31 * DAY)

    assert opened.is_new
    assert opened.poster.share == ready.share
    assert studio.work(at=NOON + 31 * DAY) == 1


def test_a_crash_between_row_and_file_is_made_good(ready: Poster, tmp_path: Path) -> None:
    Poster.objects.update(status="removed")

    assert sweep_old(at=NOON) == 1

    assert not Poster.objects.exists()
    assert stored(tmp_path) == 0


def test_failed_ones_go_after_a_day(lan: Member) -> None:
    studio.template()
    studio.open_for(lan, studio.mask())
    Poster.objects.update(status="failed")

    assert sweep_old(at=NOON + DAY) == 0
    assert sweep_old(at=NOON + 2 * DAY) == 1


def test_a_closed_account_leaves_neither_posters_nor_lines(
    ready: Poster, lan: Member, tmp_path: Path, django_capture_on_commit_callbacks: object
) -> None:
    assert "用了一个月" in str(export(lan))

    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        close_member(member=lan, at=NOON + DAY)

    assert not Poster.objects.exists()
    assert not RecommendationLine.objects.filter(member__isnull=False).exists()
    assert stored(tmp_path) == 0


def test_posters_of_others_stay(ready: Poster, bo: Member) -> None:
    close_member(member=bo, at=NOON + DAY)

    assert Poster.objects.get().status == "ready"


def test_templates_are_never_deleted(ready: Poster) -> None:
    from django.db import IntegrityError, transaction  # noqa: PLC0415

    Poster.objects.update(status="removed")
    Poster.objects.all().delete()
    template = PosterTemplate.objects.get()
    for rows in (template.versions.all(), PosterTemplate.objects.all()):
        with pytest.raises(IntegrityError), transaction.atomic():
            rows._raw_delete(rows.db)
