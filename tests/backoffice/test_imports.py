"""Imports: what is read of a file, what a check finds, and how it is applied."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from backoffice import imports
from backoffice.import_files import (
    EmptyFile,
    MissingColumns,
    RepeatedColumn,
    read_file,
    template,
    wrong_rows,
)
from backoffice.import_rows import read_rows
from backoffice.import_verbs import (
    FileAppliedAlready,
    ImportChanged,
    NothingToApply,
    RowsErased,
    TooManyImports,
    WrongRowsLeft,
    begin_import,
    confirm_import,
    continue_import,
    discard_import,
    forget_old_imports,
)
from backoffice.import_work import LEASE, MAX_ATTEMPTS, claim_import, give_up, run_import
from backoffice.imports import Column, Finding, ImportKind, Outcome, Row, RowRefused, Sentence
from backoffice.models import Import, ImportRow
from backoffice.models.imports import ABANDONED_AFTER, ROWS_LAST
from backoffice.tables import read_table
from common.errors import PermissionMissing
from common.status import WrongStatus
from members.models import Tag, User
from tests.backoffice.files import csv_file, xlsx_file
from tests.cast import NOON, give

pytestmark = pytest.mark.django_db
RIGHT = "add_tag"


def check_tags(
    rows: Sequence[Row], *, at: datetime, progress: Callable[[int], object]
) -> list[Finding]:
    """New names are new; ``bad`` is wrong; ``old>new`` changes a tag."""
    stored = set(Tag.objects.values_list("name", flat=True))
    progress(len(rows))
    return [_finding(row, stored) for row in rows]


def _finding(row: Row, stored: set[str]) -> Finding:
    name, to = row.get("name"), row.get("to")
    if name == "bad":
        return imports.wrong({"name": Sentence(_("“%(text)s” is none."), {"text": name})})
    if name not in stored:
        return imports.new()
    return imports.changed({"to": name} if to else {})


def apply_tags(rows: Sequence[Row], *, by: User, at: datetime) -> None:
    for row in rows:
        if row.get("to") == "refused":
            raise RowRefused(line=row.line, reason=_("There is nothing here yet."))
        if row.get("to"):
            Tag.objects.filter(name=row.get("name")).update(name=row.get("to"))
        else:
            Tag.objects.get_or_create(name=row.get("name"))


TAGS = ImportKind(
    name="tags", title=_("tags"), of="members.tag", permission=f"members.{RIGHT}",
    columns=(
        Column("name", _("name"), required=True, max_length=10, other_titles=("标签名",)),
        Column("to", _("status"), _("What to write"), example="x"),
    ),
    check=check_tags, apply=apply_tags, rule=_("All rows are applied together, or none of them."),
)  # fmt: skip


@pytest.fixture(autouse=True)
def kind(monkeypatch: pytest.MonkeyPatch) -> ImportKind:
    return known(monkeypatch, TAGS)


def known(monkeypatch: pytest.MonkeyPatch, kind: ImportKind) -> ImportKind:
    monkeypatch.setitem(imports._kinds, kind.name, kind)
    return kind


@pytest.fixture
def in_steps(monkeypatch: pytest.MonkeyPatch) -> ImportKind:
    return known(monkeypatch, replace(TAGS, step=2))


@pytest.fixture
def clerk(qian: User) -> User:
    return give(qian, RIGHT)


def uploaded(by: User, *rows: Sequence[str], kind: ImportKind = TAGS) -> Import:
    """Upload a file with these rows below its titles."""
    titles = ("name", "to")[: max(map(len, rows))]
    return begin_import(
        kind=kind, by=by, file_name="tags.csv", content=csv_file(titles, *rows), at=NOON
    )


def work(*, at: datetime = NOON) -> Import:
    """Do what the worker does with the next import."""
    row = claim_import(at=at)
    assert row
    run_import(row=row, now=lambda: at)
    row.refresh_from_db()
    return row


def confirmed(by: User, *rows: Sequence[str], skips_wrong: bool = False) -> Import:
    uploaded(by, *rows)
    row = work()
    assert row.checked_at
    confirm_import(
        row=row, by=by, checked_at=row.checked_at, skips_wrong=skips_wrong, at=NOON
    )  # fmt: skip
    return row


def names() -> list[str]:
    return list(Tag.objects.values_list("name", flat=True))


# Reading a file


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_titles_are_recognised_in_every_language(encoding: str) -> None:
    content = csv_file(["状态", "忽略", "标签名"], ["b", "x", "a"], encoding=encoding)
    file = read_file(TAGS, content)

    assert (file.columns, file.ignored) == (["to", "name"], ["忽略"])
    assert [row.cells for row in file.rows] == [{"to": "b", "name": "a"}]


def test_titles_may_follow_a_heading() -> None:
    file = read_file(TAGS, csv_file(["All tags", ""], ["Name *", "STATUS"], ["a", ""]))

    assert [(row.line, row.get("name")) for row in file.rows] == [(3, "a")]


@pytest.mark.parametrize(
    ("rows", "error"),
    [
        ([["to"], ["x"]], MissingColumns), ([["name", "名称"], ["x", "y"]], RepeatedColumn),
        ([["name"]], EmptyFile), ([[""]], MissingColumns),
    ],
    ids=["missing", "repeated", "no-rows", "empty"],
)  # fmt: skip
def test_a_file_with_other_titles_is_refused(
    clerk: User, rows: list[list[str]], error: type[Exception]
) -> None:
    with pytest.raises(error):
        begin_import(kind=TAGS, by=clerk, file_name="x", content=csv_file(*rows), at=NOON)
    assert not Import.objects.exists()


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ("", "must not be empty"), ("=1+1", "formula"), ("＝A1", "formula"), ("#N/A", "error"),
        ("x" * 11, "more than 10"), ("a\u202eb", "invisible"), ("a\nb", "line breaks"),
        ("a\u200bb", "invisible"), ("a\x07b", "control"),
    ],
)  # fmt: skip
def test_cells_that_nobody_can_read_are_wrong(clerk: User, cell: str, words: str) -> None:
    uploaded(clerk, [cell, "kept"], ["good", ""])
    row = work()
    with translation.override("en"):
        problems = [stored.shown_problems for stored in read_rows(row)]

    assert (row.status, row.new, row.wrong) == ("checked", 1, 1)
    assert words in problems[0]["name"]
    assert names() == []


def test_a_formula_of_a_workbook_is_wrong(clerk: User) -> None:
    content = xlsx_file(["name"], ['=HYPERLINK("http://x.example")'], ["good"])
    begin_import(kind=TAGS, by=clerk, file_name="x.xlsx", content=content, at=NOON)

    assert (work().wrong, names()) == (1, [])


def test_html_stays_text(clerk: User) -> None:
    confirmed(clerk, ["<b>x</b>"])
    work()

    assert names() == ["<b>x</b>"]


def test_the_template_can_be_filled_in() -> None:
    with translation.override("zh-hans"):
        content = template(TAGS)
    [(_line, titles)] = read_table(content)

    assert read_file(TAGS, csv_file(titles, ["a", "b"])).columns == ["name", "to"]


# Checking


def test_a_check_counts_and_writes_nothing(clerk: User) -> None:
    Tag.objects.create(name="a")
    Tag.objects.create(name="b")
    uploaded(clerk, ["a", "z"], ["b", ""], ["c", ""], ["bad", ""])
    row = work()

    assert (row.status, row.checked, row.checked_at) == ("checked", 4, NOON)
    assert (row.new, row.changed, row.unchanged, row.wrong) == (1, 1, 1, 1)
    assert names() == ["a", "b"]
    assert [stored.shown_old for stored in read_rows(row, outcome="changed")] == [{"to": "a"}]


def test_each_reader_gets_their_language(clerk: User) -> None:
    uploaded(clerk, ["", "x"])
    [stored] = read_rows(work())
    texts = []
    for language in ("en", "zh-hans"):
        with translation.override(language):
            texts.append(stored.shown_problems["name"])

    assert texts[0] != texts[1]


def test_rows_are_stored_encrypted(clerk: User) -> None:
    uploaded(clerk, ["13800000000", ""])

    assert "13800000000" not in ImportRow.objects.get().content_encrypted


def test_a_person_without_the_right_imports_nothing(qian: User, clerk: User) -> None:
    stranger = User.objects.create_user("x", is_staff=True)
    with pytest.raises(PermissionMissing):
        uploaded(stranger, ["a"])
    uploaded(clerk, ["a"])
    clerk.user_permissions.clear()

    assert (work().status, names()) == ("failed", [])


def test_a_person_has_a_limit_of_open_imports(clerk: User) -> None:
    for name in "abc":
        uploaded(clerk, [name])
    with pytest.raises(TooManyImports):
        uploaded(clerk, ["d"])


# Confirming and applying


def test_all_rows_are_applied_together(clerk: User) -> None:
    confirmed(clerk, ["a"], ["b"])
    row = work()

    assert (row.status, row.applied, row.finished_at) == ("done", 2, NOON)
    assert (row.confirmed_by, names()) == (clerk, ["a", "b"])


def test_a_refused_row_leaves_nothing_applied(clerk: User) -> None:
    Tag.objects.create(name="b")
    confirmed(clerk, ["a", ""], ["b", "refused"])
    row = work()

    assert (row.status, row.applied, names()) == ("stopped", 0, ["b"])
    assert "3" in row.notice_text


def test_wrong_rows_are_left_out_if_the_person_agrees(clerk: User) -> None:
    row = uploaded(clerk, ["a"], ["bad"])
    row = work()
    assert row.checked_at
    with pytest.raises(WrongRowsLeft):
        confirm_import(row=row, by=clerk, checked_at=row.checked_at, skips_wrong=False, at=NOON)
    confirm_import(row=row, by=clerk, checked_at=row.checked_at, skips_wrong=True, at=NOON)
    row = work()

    assert (row.status, row.skips_wrong, names()) == ("done", True, ["a"])


def test_wrong_rows_can_be_corrected_in_their_file(clerk: User) -> None:
    uploaded(clerk, ["bad", "x"], ["a", ""])
    row = work()
    content = wrong_rows(TAGS, row.columns, read_rows(row, outcome=Outcome.WRONG))
    file = read_file(TAGS, content)

    assert [one.cells for one in file.rows] == [{"name": "bad", "to": "x"}]
    assert len(file.ignored) == 1  # what is wrong


def test_a_file_that_changes_nothing_is_not_applied(clerk: User) -> None:
    Tag.objects.create(name="a")
    row = uploaded(clerk, ["a"])
    row = work()
    assert row.checked_at
    with pytest.raises(NothingToApply):
        confirm_import(row=row, by=clerk, checked_at=row.checked_at, skips_wrong=False, at=NOON)


def test_a_file_is_applied_once(clerk: User, feng: User) -> None:
    first, second = uploaded(clerk, ["a"]), uploaded(clerk, ["a"])
    for _number in range(2):
        work()
    for row in (first, second):
        row.refresh_from_db()
    assert first.checked_at
    assert second.checked_at
    confirm_import(row=first, by=clerk, checked_at=first.checked_at, skips_wrong=False, at=NOON)
    with pytest.raises(FileAppliedAlready, match="qian"):
        confirm_import(
            row=second, by=clerk, checked_at=second.checked_at, skips_wrong=False, at=NOON
        )
    work()
    with pytest.raises(FileAppliedAlready, match="2026-11-01 12:00"):
        uploaded(give(feng, RIGHT), ["a"])
    second.refresh_from_db()
    assert (second.status, Import.objects.count()) == ("checked", 2)


def test_the_database_refuses_a_second_application(clerk: User) -> None:
    first = confirmed(clerk, ["a"])
    first.refresh_from_db()
    values = {"kind": "tags", "by": clerk, "at": NOON, "sha256": first.sha256, "rows": 1}
    with pytest.raises(DatabaseError, match="import_file_once"), transaction.atomic():
        Import.objects.create(
            **values, file_name="x", status="confirmed", confirmed_by=clerk, confirmed_at=NOON,
            checked_at=NOON,
        )  # fmt: skip


def test_what_was_not_seen_is_not_confirmed(clerk: User) -> None:
    row = uploaded(clerk, ["a"])
    row = work()
    with pytest.raises(ImportChanged):
        confirm_import(
            row=row, by=clerk, checked_at=NOON - timedelta(seconds=1), skips_wrong=False, at=NOON
        )
    row.refresh_from_db()
    assert row.status == "checked"


def test_a_change_since_the_check_is_shown_before_anything_is_applied(clerk: User) -> None:
    confirmed(clerk, ["a"], ["b"])
    Tag.objects.create(name="a")
    row = work(at=NOON + timedelta(minutes=1))

    assert (row.status, row.new, row.unchanged, names()) == ("checked", 1, 1, ["a"])
    assert row.notice_text
    assert row.checked_at
    confirm_import(row=row, by=clerk, checked_at=row.checked_at, skips_wrong=False, at=NOON)
    assert (work().status, names()) == ("done", ["a", "b"])


def test_steps_are_kept_when_a_later_row_is_refused(clerk: User, in_steps: ImportKind) -> None:
    Tag.objects.create(name="d")
    confirmed(clerk, ["a", ""], ["b", ""], ["c", ""], ["d", "refused"])
    row = work()

    assert (row.status, row.applied, row.applied_to) == ("stopped", 2, 3)
    assert names() == ["a", "b", "d"]


def test_a_stopped_import_goes_on_where_it_was(
    clerk: User, in_steps: ImportKind, monkeypatch: pytest.MonkeyPatch
) -> None:
    Tag.objects.create(name="d")
    confirmed(clerk, ["a", ""], ["b", ""], ["c", ""], ["d", "refused"])
    row = work()
    known(monkeypatch, replace(in_steps, apply=lambda _rows, **_by_and_at: None))
    continue_import(row=row, by=clerk, at=NOON)
    row = work()

    assert (row.status, row.applied, names()) == ("done", 4, ["a", "b", "d"])


def test_an_import_is_discarded(clerk: User) -> None:
    row = uploaded(clerk, ["a"])
    row = work()
    discard_import(row=row, by=clerk, at=NOON)
    assert row.checked_at
    with pytest.raises(WrongStatus):
        confirm_import(row=row, by=clerk, checked_at=row.checked_at, skips_wrong=False, at=NOON)
    with pytest.raises(WrongStatus):
        discard_import(row=row, by=clerk, at=NOON)
    assert (claim_import(at=NOON), names()) == (None, [])


# Workers


def test_a_worker_that_died_is_replaced(clerk: User) -> None:
    confirmed(clerk, ["a"])
    first, later = claim_import(at=NOON), NOON + LEASE + timedelta(seconds=1)
    assert first
    assert claim_import(at=NOON) is None
    assert work(at=later).status == "done"
    # The first worker was only slow: what it does is taken back.
    Tag.objects.all().delete()
    run_import(row=first, now=lambda: later)
    first.refresh_from_db()

    assert (first.status, first.attempts, names()) == ("done", 2, [])


def test_a_fault_is_tried_again_and_then_given_up(
    clerk: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_rows: Any, **_options: Any) -> Iterator[Any]:
        raise ValueError("broken")

    confirmed(clerk, ["a"])
    known(monkeypatch, replace(TAGS, apply=fail))
    states = [work().status for _number in range(MAX_ATTEMPTS)]

    assert (states, names()) == (["confirmed", "confirmed", "failed"], [])


def test_what_takes_too_long_ends(clerk: User) -> None:
    for status, begin in (("failed", uploaded), ("stopped", confirmed)):
        begin(clerk, [status])
        row = claim_import(at=NOON)
        assert row
        give_up(row=row, at=NOON)
        row.refresh_from_db()
        assert (row.status, bool(row.notice_text)) == (status, True)


def test_old_imports_are_discarded_and_erased(clerk: User) -> None:
    left = uploaded(clerk, ["a"])
    left = work()
    done = confirmed(clerk, ["b"])
    done = work()
    later = NOON + ABANDONED_AFTER + timedelta(seconds=1)

    assert [forget_old_imports(at=later) for _turn in range(2)] == [1, 0]
    left.refresh_from_db()
    assert (left.status, ImportRow.objects.count()) == ("discarded", 2)
    assert forget_old_imports(at=NOON + ROWS_LAST + timedelta(seconds=1)) == 1
    done.refresh_from_db()
    assert (done.are_rows_erased, ImportRow.objects.get().of) == (True, left)


def test_an_erased_import_does_not_continue(clerk: User) -> None:
    Tag.objects.create(name="b")
    confirmed(clerk, ["b", "refused"])
    row = work()
    forget_old_imports(at=NOON + ROWS_LAST + timedelta(seconds=1))
    with pytest.raises(RowsErased):
        continue_import(row=row, by=clerk, at=NOON)


@pytest.mark.parametrize(
    "change",
    [
        {"sha256": "0" * 64}, {"by": None}, {"file_name": "other"}, {"status": "done"},
        {"rows": 7},
    ],
    ids=lambda change: next(iter(change)),
)  # fmt: skip
def test_the_record_is_not_changed(clerk: User, change: dict[str, Any]) -> None:
    row = uploaded(clerk, ["a"])
    with pytest.raises(DatabaseError), transaction.atomic():
        Import.objects.filter(pk=row.pk).update(**change)
    with pytest.raises(DatabaseError), transaction.atomic():
        Import.objects.filter(pk=row.pk).delete()
