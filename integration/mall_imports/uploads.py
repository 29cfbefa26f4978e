"""Recognise the files that a person uploads for an import, and refuse what no mall has."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import IO

from django.utils.translation import gettext_lazy as _

from common.errors import TwotierError
from integration.models import MallImportFile

Kind = MallImportFile.Kind

MAX_FILE_BYTES = 40 * 2**20
MAX_UNPACKED_BYTES = 250 * 2**20
"""Of a workbook: its XML is several times as long as the same rows in CSV."""
MAX_MEMBERS = 2_000
CHUNK = 2**20
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
        "“%(file)s” is none of the mall's files. Name it after its content, such as orders.csv or"
        " 订单.xlsx: categories, products, members, bindings, rules, orders, refunds. It was not"
        " added."
    )
    status = 422


class MallFileUnreadable(TwotierError):
    code = "mall_file_unreadable"
    message = _(
        "“%(file)s” is no CSV and no .xlsx file, or it is damaged, has macros or a password. Save"
        " it again from the spreadsheet. It was not added."
    )
    status = 422


class MallFileTooLarge(TwotierError):
    code = "mall_file_too_large"
    message = _(
        "“%(file)s” is too large: %(limit)s MB at most. Import it with ./manage.py import_mall on"
        " the server, or split the orders by time. It was not added."
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
                raise MallFileUnreadable(file=name)
            for entry in entries:
                with archive.open(entry) as packed:
                    inner = _plain_name(entry.filename)
                    yield _upload(inner, _read(inner, packed))
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError, OSError):
        raise MallFileUnreadable(file=name) from None


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
    is_text = not is_workbook and not content.startswith(XLS_START)
    if not content or suffix not in SUFFIXES or (suffix == ".xlsx") is is_text:
        raise MallFileUnreadable(file=name)
    if is_workbook:
        _require_modest(name, content)
    return Upload(kind, name, suffix, content)


def _kind_of(stem: str) -> str:
    stem = stem.strip().lower()
    for name in sorted(NAMES, key=len, reverse=True):
        rest = stem.removeprefix(name)
        if stem.startswith(name) and (not rest or NAME_ENDS.match(rest)):
            return NAMES[name]
    return ""


def _require_modest(name: str, content: bytes) -> None:
    """Unpack a workbook piece by piece, so that what a reader would hold in memory is known."""
    total = 0
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
            names = {entry.filename.lower() for entry in entries}
            if len(entries) > MAX_MEMBERS or any(each.endswith("vbaproject.bin") for each in names):
                raise MallFileUnreadable(file=name)
            for entry in entries:
                with archive.open(entry) as part:
                    while piece := part.read(CHUNK):
                        total += len(piece)
                        if total > MAX_UNPACKED_BYTES:
                            raise MallFileTooLarge(
                                file=name, limit=MAX_UNPACKED_BYTES // 2**20
                            )
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError, OSError):
        raise MallFileUnreadable(file=name) from None
