"""Workers draw each poster once, whatever is lost, and alarms say what stays undrawn."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from pytest_django import Settings

from alarms.kinds import POSTERS_NOT_DRAWN, POSTERS_WAITING
from alarms.models import Alarm
from catalog.models import Product
from members.models import Member
from posters import bell
from posters.models import Poster, PosterTemplate
from posters.services import LEASE, draw_poster, sweep_lost
from tests.cast import NOON
from tests.posters import studio

pytestmark = pytest.mark.django_db

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


@pytest.fixture(autouse=True)
def files(settings: Settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def waiting(lan: Member, plain: PosterTemplate, mask: Product) -> Poster:
    return studio.open_for(lan, mask).poster


@pytest.fixture
def plain(db: None) -> PosterTemplate:
    return studio.template()


@pytest.fixture
def mask(db: None) -> Product:
    return studio.mask()


@pytest.fixture
def rung(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Any]]:
    """The messages to the workers, which no test sends."""
    sent: list[tuple[str, Any]] = []
    monkeypatch.setattr(
        bell, "ring", lambda task, *rows: sent.extend((task, list(row)) for row in rows)
    )
    return sent


def drawn(poster: Poster, at: Any = NOON) -> bool:
    return draw_poster(poster=poster.pk, at=at)


def alarms(kind: Any) -> list[str]:
    rows = Alarm.objects.unclosed().filter(kind=kind.code)
    return [row.subject_id for row in rows]


def test_a_second_message_draws_nothing(waiting: Poster) -> None:
    assert drawn(waiting)
    path = Poster.objects.get().path

    assert not drawn(waiting)
    assert Poster.objects.get().path == path
    assert not draw_poster(poster=10**6, at=NOON)


def test_while_a_worker_has_it_no_other_draws_it(waiting: Poster) -> None:
    Poster.objects.update(claimed_at=NOON)

    assert not drawn(waiting, NOON + LEASE)
    assert drawn(waiting, NOON + LEASE + SECOND)


def test_a_request_rings_once(
    lan: Member, plain: PosterTemplate, mask: Product, rung: list[Any],
    django_capture_on_commit_callbacks: Any,
) -> None:  # fmt: skip
    with django_capture_on_commit_callbacks(execute=True):
        poster = studio.open_for(lan, mask).poster
    with django_capture_on_commit_callbacks(execute=True):
        studio.open_for(lan, mask)

    assert [message for message in rung if message[0] == bell.DRAW] == [(bell.DRAW, [poster.pk])]


def test_a_lost_message_is_sent_again_and_not_too_often(
    waiting: Poster, plain: PosterTemplate, rung: list[Any]
) -> None:
    draw, warm = (bell.DRAW, [waiting.pk]), (bell.WARM, ["version", plain.current_version_id])
    assert sweep_lost(at=NOON + 10 * SECOND) == 0
    assert sweep_lost(at=NOON + 31 * SECOND) == 1
    assert sweep_lost(at=NOON + 41 * SECOND) == 0
    assert rung.count(draw) == 1
    assert rung.count(warm) == 3  # the thumbnail has no other sign of life

    drawn(waiting)
    assert sweep_lost(at=NOON + 5 * MINUTE) == 0


def test_a_poster_that_nobody_draws_raises_an_alarm_until_it_is_drawn(
    waiting: Poster, rung: list[Any]
) -> None:
    sweep_lost(at=NOON + MINUTE)
    assert alarms(POSTERS_WAITING) == []

    sweep_lost(at=NOON + 3 * MINUTE)
    assert alarms(POSTERS_WAITING) == ["posters"]

    drawn(waiting, NOON + 4 * MINUTE)
    sweep_lost(at=NOON + 5 * MINUTE)
    assert alarms(POSTERS_WAITING) == []


def test_after_three_faults_it_has_failed_and_the_template_is_named(
    waiting: Poster, plain: PosterTemplate, rung: list[Any], settings: Settings, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT = tmp_path / "no-folder"
    settings.MEDIA_ROOT.write_text("a file, so that nothing can be stored below it")

    for attempt in range(3):
        assert Poster.objects.get().status == "waiting"
        assert not drawn(waiting, NOON + attempt * MINUTE)

    failed = Poster.objects.get()
    assert (failed.status, failed.attempts, failed.path) == ("failed", 3, "")
    assert failed.failure
    sweep_lost(at=NOON + 5 * MINUTE)
    assert alarms(POSTERS_NOT_DRAWN) == [plain.public_id]
    assert alarms(POSTERS_WAITING) == []


def test_a_poster_whose_workers_die_has_failed_in_the_end(waiting: Poster, rung: list[Any]) -> None:
    Poster.objects.update(claimed_at=NOON, attempts=3)

    sweep_lost(at=NOON + MINUTE)
    assert Poster.objects.get().status == "waiting"  # the worker may be drawing

    sweep_lost(at=NOON + LEASE + SECOND)
    assert Poster.objects.get().status == "failed"
    assert Poster.objects.get().failure


def test_a_file_that_a_dead_worker_left_is_written_again(waiting: Poster, tmp_path: Path) -> None:
    from posters import files  # noqa: PLC0415
    from posters.rendering import decode  # noqa: PLC0415

    path = tmp_path / files.path_for(waiting.key, waiting.public_id)
    path.parent.mkdir(parents=True)
    path.write_bytes(b"\xff\xd8half")

    assert drawn(waiting)
    with default_storage.open(Poster.objects.get().path) as file:
        assert decode(file.read()) == waiting.inputs["link"]


def test_a_poster_that_is_removed_while_it_is_drawn_leaves_no_file(
    waiting: Poster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from posters.services import drawing  # noqa: PLC0415

    save_once = drawing.save_once

    def save_and_remove(path: str, content: bytes) -> None:
        save_once(path, content)
        Poster.objects.filter(pk=waiting.pk).update(status="removed")

    monkeypatch.setattr(drawing, "save_once", save_and_remove)

    assert not drawn(waiting)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_the_file_of_a_worker_that_died_goes_with_its_poster(
    waiting: Poster, tmp_path: Path
) -> None:
    from posters import files  # noqa: PLC0415
    from posters.services import sweep_old  # noqa: PLC0415

    path = tmp_path / files.path_of(waiting)
    path.parent.mkdir(parents=True)
    path.write_bytes(b"\xff\xd8whole")
    Poster.objects.update(status="removed")

    assert sweep_old(at=NOON) == 1
    assert not path.exists()


@pytest.mark.parametrize(
    "changes",
    [{"line": "x"}, {"key": "x"}, {"inputs": {}}, {"is_final": True}, {"size": "750x1334"}],
    ids=lambda changes: next(iter(changes)),
)
def test_what_decides_about_the_pixels_never_changes(
    waiting: Poster, changes: dict[str, Any]
) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Poster.objects.filter(pk=waiting.pk).update(**changes)


def test_a_ready_poster_does_not_wait_again(waiting: Poster) -> None:
    drawn(waiting)

    with pytest.raises(IntegrityError), transaction.atomic():
        Poster.objects.update(status="waiting", path="", drawn_at=None)
    with pytest.raises(IntegrityError), transaction.atomic():
        Poster.objects.all().delete()
