"""Parallel taps count once, totals lose nothing, and no file slips into what is published."""

from __future__ import annotations

from functools import partial

import pytest
from django.core.files.storage import default_storage
from django.db import IntegrityError

from materials import services
from materials.models import CourseReading, Material, MaterialDay, MaterialFile, MaterialUse
from materials.services import MaterialPublished, courses, files, uses
from members.models import Member
from tests.cast import NOON, member
from tests.concurrency import run_concurrently, run_during_transaction
from tests.materials.media import course, operator, photo, publish, published, with_files


def use(who: Member, row: Material) -> bool:
    return services.record_use(member=who, material=row, action="copy", at=NOON)


def test_six_taps_at_once_are_one_use(lan: Member) -> None:
    row = published()

    assert sorted(run_concurrently(*[partial(use, lan, row)] * 6)) == [False] * 5 + [True]
    assert MaterialUse.objects.count() == 1


def test_control_without_the_lock_the_database_refuses(
    lan: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uses, "advisory_lock", lambda *_names: None)
    row = published()

    ends = run_during_transaction(partial(use, lan, row), partial(use, lan, row))

    assert [type(end) for end in ends] == [bool, IntegrityError]
    assert MaterialUse.objects.count() == 1


def test_a_course_is_read_once(lan: Member) -> None:
    row = course()
    read = partial(services.mark_course_read, member=lan, course=row, version=1, at=NOON)

    assert run_concurrently(*[read] * 6) == [None] * 6
    assert CourseReading.objects.count() == 1


def test_control_without_the_lock_the_second_reading_is_a_fault(
    lan: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(courses, "advisory_lock", lambda *_names: None)
    read = partial(services.mark_course_read, member=lan, course=course(), version=1, at=NOON)

    ends = run_during_transaction(read, read)

    assert isinstance(ends[1], IntegrityError)


def test_parallel_counts_lose_nothing_and_count_nothing_twice(
    committed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uses, "BATCH", 7)
    row = published()
    people = [member(f"Buyer {number}") for number in range(30)]
    for who in people[:15]:
        use(who, row)

    run_concurrently(*[services.count_uses] * 4, *[partial(use, who, row) for who in people[15:]])
    while services.count_uses():
        pass

    assert MaterialDay.objects.get().copies == 30
    assert not MaterialUse.objects.filter(is_counted=False).exists()


def add(row: Material, color: str = "blue") -> list[MaterialFile]:
    return services.add_files(material=row, raws=[photo(color)], by=operator(), at=NOON)


def test_the_same_file_at_once_is_one(committed: str) -> None:
    row = with_files()

    ends = run_concurrently(*[partial(add, row)] * 4)

    assert sorted(map(len, ends)) == [0, 0, 0, 1]
    assert row.files.filter(status="stored").count() == row.files.count() == 2


def test_no_file_comes_into_a_material_that_is_published_meanwhile(
    committed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = with_files()
    write = files._write

    def publish_meanwhile(*args: object) -> None:
        write(*args)  # type: ignore[arg-type]  # passed on
        publish(Material.objects.get(pk=row.pk))

    monkeypatch.setattr(files, "_write", publish_meanwhile)

    with pytest.raises(MaterialPublished):
        add(row)

    kept = row.files.get()
    assert default_storage.exists(kept.path)


def test_control_without_the_check_the_guard_of_the_database_refuses(
    committed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = with_files()

    def first() -> None:
        publish(Material.objects.get(pk=row.pk))

    def second() -> None:
        MaterialFile.objects.create(
            material=row, kind="picture", status="stored", path="p", sha256="1", size=1, width=1,
            height=1, created_at=NOON,
        )  # fmt: skip

    ends = run_during_transaction(first, second)

    assert isinstance(ends[1], IntegrityError)
    assert row.files.count() == 1


def test_one_of_two_who_publish_wins(committed: str) -> None:
    row = with_files()

    ends = run_concurrently(*[partial(publish, Material.objects.get(pk=row.pk)) for _ in range(4)])

    row.refresh_from_db()
    assert [isinstance(end, Material) for end in ends].count(True) == 1
    assert row.version == 1
