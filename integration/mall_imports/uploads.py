"""Recognise the files that a person uploads for an import, and refuse what no mall has."""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import IO

from django.utils.translation import gettext_lazy as _

from common import workbooks
from common.errors import TwotierError
from integration.models import MallImportFile

Kind = MallImportFile.Kind

MAX_FILE_BYTES = 40 * 2**20
SUFFIXES = (".csv", ".xlsx")
# What shops call their files; the longest name first, because 商品分类 begins with 商品.
NAMES: dict[str, str] = {
    "categories": Kind.CATEGORIES, "products": Kind.PRODUCTS, "members": Kind.MEMBERS,
    "bindings": Kind.BINDINGS, "rules": Kind.RULES, "orders": Kind.ORDERS,
    "refunds": Kind.REFUNDS, "商品分类": Kind.CATEGORIES, "分类": Kind.CATEGORIES,
    "类目": Kind.CATEGORIES, "商品": Kind.PRODUCTS, "产品": Kind.PRODUCTS,
    "会员": Kind.MEMBERS, "用户": Kind.MEMBERS, "绑定关系": Kind.BINDINGS,
    "绑定": Kind.BINDINGS, "上级": Kind.BINDINGS, "佣金规则": Kind.RULES, "规则": Kind.RULES,
    "订单明细": Kind.ORDERS, "订单": Kind.ORDERS, "退款": Kind.REFUNDS, "售后": Kind.REFUNDS,
}  # fmt: skip
NAME_ENDS = re.compile(r"[\W\d_]|表|导出|列表", re.UNICODE)
XLSX_START, XLS_START = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"


class MallFileUnknown(TwotierError):
    code = "mall_file_unknown"
    message = _(
        "“%(file)s” is none of the mall's files. Name it after its content, such as orders.csv:"
        " categories, products, members, bindings, rules, orders, refunds. Nothing was added."
    )
    status = 422


class MallFileUnreadable(TwotierError):
    code = "mall_file_unreadable"
    message = _(
        "“%(file)s” cannot be read: %(fault)s. Save it again from the spreadsheet as CSV or .xlsx."
        " Nothing was added."
    )
    status = 422


class MallFileTooLarge(TwotierError):
    code = "mall_file_too_large"
    message = _(
        "“%(file)s” is too large: %(limit)s MB at most. Import it with ./manage.py import_mall on"
        " the server, or split the orders by time. Nothing was added."
    )
    status = 413


@dataclass(frozen=True, slots=True)
class Upload:
    kind: str
    name: str
    suffix: str
    content: bytes


def read_uploads(name: str, file: IO[bytes]) -> Iterator[Upload]:
    """Yield the file, or the files of a zip file.

    :raises MallFileUnknown: the name says nothing about its content
    :raises MallFileUnreadable: it is neither CSV nor XLSX
    :raises MallFileTooLarge: it has too many bytes, also when it is unpacked
    """
    name = _plain_name(name)
    if PurePosixPath(name).suffix.lower() == ".zip":
        yield from _packed(name, file)
    else:
        yield _upload(name, _read(name, file))


def _plain_name(name: str) -> str:
    """Return the name without folders and what could be shown as something else."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(letter for letter in last if letter.isprintable())[-120:]


def _read(name: str, file: IO[bytes]) -> bytes:
    content = file.read(MAX_FILE_BYTES + 1)
    if len(content) > MAX_FILE_BYTES:
        raise MallFileTooLarge(file=name, limit=MAX_FILE_BYTES // 2**20)
    return content


def _packed(name: str, file: IO[bytes]) -> Iterator[Upload]:
    try:
        with zipfile.ZipFile(file) as archive:
            entries = [entry for entry in archive.infolist() if _is_file(entry)]
            if not 0 < len(entries) <= len(Kind):
                raise MallFileUnreadable(file=name, fault=_("it has no files, or too many"))
            for entry in entries:
                with archive.open(entry) as packed:
                    inner = _plain_name(entry.filename)
                    yield _upload(inner, _read(inner, packed))
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError,
            RuntimeError, ValueError):  # fmt: skip
        fault = _("it is no zip file, is damaged or has a password")
        raise MallFileUnreadable(file=name, fault=fault) from None


def _is_file(entry: zipfile.ZipInfo) -> bool:
    # Macs pack a second, empty tree beside the files.
    path = PurePosixPath(entry.filename)
    return not (entry.is_dir() or "__MACOSX" in path.parts or path.name.startswith("."))


def _upload(name: str, content: bytes) -> Upload:
    path = PurePosixPath(name)
    kind, suffix = _kind_of(path.stem), path.suffix.lower()
    if not kind:
        raise MallFileUnknown(file=name)
    is_workbook = content.startswith(XLSX_START)
    is_damaged = not content or content.startswith(XLS_START)
    if is_damaged or suffix not in SUFFIXES or is_workbook is not (suffix == ".xlsx"):
        raise MallFileUnreadable(file=name, fault=_("it is no CSV and no .xlsx file"))
    if is_workbook:
        _require_safe(name, content)
    return Upload(kind, name, suffix, content)


def _kind_of(stem: str) -> str:
    stem = stem.strip().lower()
    for name in sorted(NAMES, key=len, reverse=True):
        rest = stem.removeprefix(name)
        if stem.startswith(name) and (not rest or NAME_ENDS.match(rest)):
            return NAMES[name]
    return ""


def _require_safe(name: str, content: bytes) -> None:
    try:
        workbooks.inspect(content)
    except workbooks.UnsafeWorkbook as unsafe:
        raise MallFileUnreadable(file=name, fault=unsafe.data["fault"]) from None
