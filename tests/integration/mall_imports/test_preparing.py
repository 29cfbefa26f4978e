"""Files are recognised, replaced and refused; a person prepares only their own import."""

from __future__ import annotations

import io
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from xlsxwriter import Workbook

from common.errors import PermissionMissing, TwotierError
from common.status import WrongStatus
from integration.mall_imports import preparing, uploads
from integration.mall_imports.preparing import (
    FILES_LAST,
    MallFilesAlike,
    MallFilesMissing,
    MallImportNameInvalid,
    MallImportNotYours,
    TimeZoneUnknown,
    TooManyMallImports,
    add_files,
    ask_check,
    discard,
    open_import,
    remove_file,
    remove_old_files,
    set_options,
)
from integration.mall_imports.uploads import (
    MallFileTooLarge,
    MallFileUnknown,
    MallFileUnreadable,
)
from integration.models import MallImport
from tests.cast import CLOCK, give, staff
from tests.integration.files import FILES
from tests.integration.mall_imports.malls import checked, packed, prepared, preparer, started
from tests.integration.mall_imports.malls import uploads as uploaded

pytestmark = pytest.mark.django_db


def kinds(row: MallImport) -> list[str]:
    return sorted(row.files.values_list("kind", flat=True))


def add(row: MallImport, **files: str | bytes) -> None:
    given = {name.replace("_", "."): content for name, content in files.items()}
    add_files(mall_import=row, files=uploaded(given), by=row.by, at=CLOCK)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("orders.csv", "orders"), ("Orders-2025.CSV", "orders"), ("订单.csv", "orders"),
        ("订单明细_2025年.csv", "orders"), ("商品分类.csv", "categories"),
        ("商品列表.csv", "products"), ("会员导出.csv", "members"), ("绑定关系.csv", "bindings"),
        ("C:\\mall\\退款.csv", "refunds"),
    ],
)  # fmt: skip
def test_a_file_is_recognised_by_its_name(name: str, kind: str) -> None:
    (upload,) = uploads.read_uploads(name, io.BytesIO(b"a,b\n"))

    assert upload.kind == kind


def test_a_zip_file_holds_the_whole_mall(db: None) -> None:
    row = open_import(name="有赞", by=preparer(), at=CLOCK)
    folder = {f"mall/{name}": text for name, text in FILES.items()}
    junk = {"__MACOSX/mall/._orders.csv": "x", "mall/.DS_Store": "x"}

    add_files(
        mall_import=row, files=[("mall.zip", io.BytesIO(packed(folder | junk)))], by=row.by,
        at=CLOCK,
    )  # fmt: skip

    assert kinds(row) == ["categories", "members", "orders", "products", "refunds", "rules"]


def test_another_file_of_a_kind_replaces_the_first() -> None:
    row = prepared()
    add(row, 订单_csv="other\n")

    assert row.files.get(kind="orders").name == "订单.csv"
    assert row.files.count() == 6


def test_files_that_change_take_the_check_back() -> None:
    row = checked()
    assert row.status == "ready"

    remove_file(mall_import=row, kind="refunds", by=row.by)

    row.refresh_from_db()
    assert (row.status, row.files.count()) == ("draft", 5)
    with pytest.raises(MallFilesMissing):
        ask_check(mall_import=row, by=row.by)


def macros() -> bytes:
    return packed({"[Content_Types].xml": "<a/>", "xl/vbaProject.bin": "x"})


def bomb() -> bytes:
    return packed({"[Content_Types].xml": "<a/>", "xl/worksheets/sheet1.xml": b" " * 60 * 2**20})


def far_cell() -> bytes:
    target = io.BytesIO()
    with Workbook(target) as book:
        sheet = book.add_worksheet()
        sheet.write(0, 0, "order_no")
        sheet.write(1_000_000, 10, "x")
    return target.getvalue()


BAD: dict[str, tuple[str, bytes, type[TwotierError]]] = {
    "another name": ("holiday.csv", b"a", MallFileUnknown),
    "another kind": ("orders.txt", b"a", MallFileUnreadable),
    "a text as workbook": ("orders.xlsx", b"a,b\n", MallFileUnreadable),
    "nothing": ("orders.csv", b"", MallFileUnreadable),
    "a workbook as text": ("orders.csv", b"PK\x03\x04", MallFileUnreadable),
    "an old workbook": ("orders.xlsx", b"\xd0\xcf\x11\xe0", MallFileUnreadable),
    "macros": ("orders.xlsx", macros(), MallFileUnreadable),
    "a bomb": ("orders.xlsx", bomb(), MallFileUnreadable),
    "a cell far away": ("orders.xlsx", far_cell(), MallFileUnreadable),
    "a broken zip": ("mall.zip", b"PK\x03\x04", MallFileUnreadable),
    "an empty zip": ("mall.zip", packed({}), MallFileUnreadable),
    "too many files": (
        "mall.zip", packed({f"orders-{n}.csv": "a" for n in range(9)}), MallFileUnreadable,
    ),
    "one table twice": ("mall.zip", packed({"orders.csv": "a", "订单.csv": "b"}), MallFilesAlike),
    "one unknown": ("mall.zip", packed({"orders.csv": "a", "holiday.csv": "b"}), MallFileUnknown),
    "a packed bomb": ("mall.zip", packed({"orders.csv": b"0" * (41 * 2**20)}), MallFileTooLarge),
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(("name", "content", "refusal"), BAD.values(), ids=BAD)
def test_what_is_no_file_of_a_mall_is_refused(
    storage: Path, name: str, content: bytes, refusal: type[TwotierError]
) -> None:
    row = open_import(name="有赞", by=preparer(), at=CLOCK)

    with pytest.raises(refusal):
        add_files(mall_import=row, files=[(name, io.BytesIO(content))], by=row.by, at=CLOCK)

    assert row.files.count() == 0
    assert not (storage / "mall_imports").exists()


def test_one_bad_file_adds_none_of_them() -> None:
    row = open_import(name="有赞", by=preparer(), at=CLOCK)

    with pytest.raises(MallFileUnknown):
        add(row, orders_csv="a\n", holiday_csv="b\n")

    assert row.files.count() == 0


def test_all_files_together_are_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    row = prepared()
    monkeypatch.setattr(preparing, "MAX_TOTAL_BYTES", 2_000)

    with pytest.raises(preparing.MallFilesTooLarge):
        add(row, 订单_csv="x" * 3_000)

    assert row.files.get(kind="orders").name == "orders.csv"


@pytest.mark.parametrize("name", ["", "  ", "x" * 41, "a\u202eb", "a\nb\0"])
def test_a_name_is_needed(name: str) -> None:
    with pytest.raises(MallImportNameInvalid):
        open_import(name=name, by=preparer(), at=CLOCK)
    assert MallImport.objects.count() == 0


def test_unfinished_imports_are_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preparing, "MAX_OPEN", 1)
    row = open_import(name="一", by=preparer(), at=CLOCK)
    with pytest.raises(TooManyMallImports):
        open_import(name="二", by=row.by, at=CLOCK)

    discard(mall_import=row, by=row.by, at=CLOCK)
    open_import(name="二", by=row.by, at=CLOCK)


@pytest.mark.parametrize(
    "act",
    [
        lambda row, by: add_files(mall_import=row, files=uploaded({"orders.csv": "a"}), by=by,
                                  at=CLOCK),
        lambda row, by: remove_file(mall_import=row, kind="orders", by=by),
        lambda row, by: set_options(mall_import=row, zone="UTC", until=None, skip_bad=True, by=by),
        lambda row, by: ask_check(mall_import=row, by=by),
        lambda row, by: discard(mall_import=row, by=by, at=CLOCK),
    ],
    ids=["add", "remove", "options", "check", "discard"],
)  # fmt: skip
@pytest.mark.parametrize("right", [True, False])
def test_only_the_person_who_opened_it_prepares_it(act: Any, right: bool) -> None:
    row = prepared()
    other = give(staff("Chen"), *(["prepare_mallimport"] if right else ["start_mallimport"]))
    before = MallImport.objects.values().get()

    with pytest.raises(MallImportNotYours if right else PermissionMissing):
        act(row, other)

    assert MallImport.objects.values().get() == before
    assert row.files.count() == 6


@pytest.mark.parametrize("act", ["add", "remove", "options", "check", "discard"])
def test_a_running_import_is_not_changed(act: str) -> None:
    row = started()
    acts: dict[str, Any] = {
        "add": lambda: add(row, orders_csv="a"),
        "remove": lambda: remove_file(mall_import=row, kind="orders", by=row.by),
        "options": lambda: set_options(
            mall_import=row, zone="UTC", until=None, skip_bad=True, by=row.by
        ),
        "check": lambda: ask_check(mall_import=row, by=row.by),
        "discard": lambda: discard(mall_import=row, by=row.by, at=CLOCK),
    }

    with pytest.raises(WrongStatus):
        acts[act]()

    row.refresh_from_db()
    assert (row.status, row.zone, row.files.count()) == ("running", "Asia/Shanghai", 6)


def test_options_are_checked_and_take_the_check_back() -> None:
    row = checked()
    with pytest.raises(TimeZoneUnknown):
        set_options(mall_import=row, zone="Mars/Base", until=None, skip_bad=False, by=row.by)
    set_options(mall_import=row, zone="Asia/Shanghai", until=None, skip_bad=False, by=row.by)
    assert row.status == "ready"  # nothing differs

    set_options(mall_import=row, zone="UTC", until=CLOCK, skip_bad=True, by=row.by)

    row.refresh_from_db()
    assert (row.status, row.zone, row.until, row.skip_bad) == ("draft", "UTC", CLOCK, True)


def test_files_are_removed_after_a_month_and_the_row_stays(storage: Path) -> None:
    row = checked(FILES | {"orders.csv": "nonsense\n"})
    assert row.findings_encrypted
    assert remove_old_files(at=CLOCK + FILES_LAST) == 0

    later = CLOCK + FILES_LAST + timedelta(seconds=1)
    assert remove_old_files(at=later) == 0  # discarded now, because nobody has touched it
    row.refresh_from_db()
    assert (row.status, row.finished_at) == ("discarded", later)

    assert remove_old_files(at=later + FILES_LAST + timedelta(seconds=1)) == 1
    row.refresh_from_db()
    assert row.files_removed_at
    assert (row.findings_encrypted, row.report_path) == ("", "")
    assert default_storage.listdir(f"mall_imports/{row.public_id}") == ([], [])
