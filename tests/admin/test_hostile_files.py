"""Files that are not what they seem, through every form of the office that takes files."""

from __future__ import annotations

import hashlib
import io
import struct
import zipfile
import zlib
from collections.abc import Callable
from itertools import pairwise, product
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client

from tests.admin.forms import Form
from tests.admin.hostile import HTML, MARK, is_read_as_html, money
from tests.admin.test_hostile_forms import SERVER_FAULT, every_form, kind_of
from tests.members.pictures import picture, png_of

pytestmark = [pytest.mark.usefixtures("shop"), pytest.mark.slow]

MB = 2**20


def workbook(sheet: bytes, **parts: bytes) -> bytes:
    """Return the bytes of a workbook with one sheet."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr(
            "xl/workbook.xml",
            '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
            'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">'
            '<sheets><sheet name="a" sheetId="1" r:id="r1"/></sheets></workbook>',
        )
        archive.writestr(
            "xl/_rels/workbook.xml.rels",
            '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
            '<Relationship Id="r1" Target="worksheets/sheet1.xml" Type="http://schemas.'
            'openxmlformats.org/officeDocument/2006/relationships/worksheet"/></Relationships>',
        )
        archive.writestr("xl/worksheets/sheet1.xml", sheet)
        for name, content in parts.items():
            archive.writestr(name, content)
    return target.getvalue()


def bomb(*, honest: bool) -> bytes:
    """Return a small workbook that unpacks to 200 MB; a dishonest one says that it is small."""
    raw = workbook(b"<worksheet><sheetData/>" + b" " * (200 * MB) + b"</worksheet>")
    if honest:
        return raw
    size = struct.pack("<I", len(b"<worksheet><sheetData/></worksheet>") + 200 * MB)
    return raw.replace(size, struct.pack("<I", 1_000))


def entities() -> bytes:
    """Return a sheet whose text grows a billionfold if its entities are read."""
    names = [f"l{number}" for number in range(10)]
    lines = ['<!ENTITY l0 "lol">']
    lines += [f'<!ENTITY {name} "{f"&{before};" * 10}">' for before, name in pairwise(names)]
    sheet = f"<!DOCTYPE x [{''.join(lines)}]><worksheet><sheetData><row><c t='inlineStr'><is><t>"
    return workbook(f"{sheet}&l9;</t></is></c></row></sheetData></worksheet>".encode())


def svg() -> bytes:
    return (
        b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)</script></svg>'
    )


FILES: dict[str, tuple[str, Callable[[], bytes]]] = {
    "empty": ("a.png", lambda: b""),
    "html as a picture": ("a.png", f"<html>{HTML}</html>".encode),
    "svg": ("a.svg", svg),
    "svg as a picture": ("a.png", svg),
    "a head without pixels": ("a.png", lambda: picture("PNG")[:40]),
    "a picture with a tail": ("a.jpg", lambda: picture() + b"<?php system($_GET[0]); ?>"),
    "a picture of four billion pixels": ("a.png", lambda: png_of(65_535, 65_535)),
    "a large picture": ("a.jpg", lambda: picture() + b"\0" * (12 * MB)),
    "a program": ("a.pdf", lambda: b"MZ" + b"\0" * 1_000),
    "a document with a script": ("a.pdf", lambda: b"%PDF-1.7\n/OpenAction /JavaScript (app.alert)"),
    "a table of one long row": ("a.csv", lambda: b"a," * 200_000),
    "a table without end of quotes": ("a.csv", lambda: b'"' + b"a" * 100_000),
    "a table of nothing": ("a.csv", lambda: b"\n" * 100_000),
    "two bytes of no encoding": ("a.csv", lambda: b"\xff\xfe\x00\xd8"),
    "a bomb": ("a.xlsx", lambda: bomb(honest=True)),
    "a bomb that lies": ("a.xlsx", lambda: bomb(honest=False)),
    "entities": ("a.xlsx", entities),
    "a workbook with a macro": (
        "a.xlsm", lambda: workbook(b"<worksheet/>", **{"xl/vbaProject.bin": b"x"}),
    ),
    "a broken archive": ("a.xlsx", lambda: b"PK\x03\x04" + b"\0" * 500),
}  # fmt: skip
REFUSALS = [
    "不是 JPEG、PNG 或 WebP 图片", "图片超过", "Logo 超过", "不能超过", "不能少于", "凭证须为",
    "提交的是空文件", "没有任何改动", "未做任何改动", "无法读取", "未导入任何内容",
]  # fmt: skip
NAMES = [
    "../../../../etc/passwd", "..\\..\\a.png", "a\u202egnp.exe", f"<b id={MARK}>.png",
    "a" * 300 + ".png",
    "a.png\r\nSet-Cookie: x=1", ".htaccess", "con.png", "a.png%00.html",
]  # fmt: skip


def with_files(client: Client) -> list[tuple[str, Form]]:
    return [(address, form) for address, form in every_form(client) if form.files()]


def send(client: Client, form: Form, file: str, content: bytes) -> Any:
    """Return the response to a form with a file in each of its fields; all is rolled back."""
    values: dict[str, Any] = dict(form.values())
    for field in form.fields:
        if field.name in form.written() and not field.value:
            values[field.name] = ["2026-11-29" if kind_of(field) == "days" else "检查"]
    if "sha1" in values:  # of a statement
        values["sha1"] = [hashlib.sha1(content, usedforsecurity=False).hexdigest()]
    for field in form.files():
        values[field] = SimpleUploadedFile(file, content)
    with transaction.atomic():
        client.raise_request_exception = False
        answer = client.post(form.action, values)
        transaction.set_rollback(True)
    return answer


def wrong(answer: Any) -> str:
    if answer.status_code >= SERVER_FAULT:
        kind, error, _trace = answer.exc_info or (None, None, None)
        return f"{kind.__name__ if kind else answer.status_code}: {str(error)[:160]}"
    if not answer.streaming and is_read_as_html(answer.content.decode(errors="replace")):
        return "read as HTML"
    return ""


TAKEN = {"a picture with a tail", "a document with a script"}
"""A picture is drawn again without its tail; a document is only ever downloaded."""


@pytest.mark.parametrize("kind", FILES)
def test_a_file_that_is_not_what_it_seems_is_refused(
    as_boss: Client, media: Path, kind: str
) -> None:
    file, make = FILES[kind]
    content, before, found = make(), money(), []
    for address, form in with_files(as_boss):
        answer = send(as_boss, form, file, content)
        if problem := wrong(answer):
            found.append(f"{address}: {problem}")
        elif kind not in TAKEN and not says_why(as_boss, answer):
            found.append(f"{address}: taken")
        if kind not in TAKEN:
            assert money() == before, address

    kept = b"".join(path.read_bytes() for path in media.rglob("*") if path.is_file())
    assert found == []
    assert (b"<?php" not in kept) if kind in TAKEN else kept == b""


def says_why(client: Client, answer: Any) -> bool:
    """Whether a response refuses in words: on the page, or on the page where it leads."""
    page = client.get(answer["Location"]) if answer.status_code == 302 else answer
    return any(sign in page.text for sign in REFUSALS) and len(page.content) < MB


@pytest.mark.parametrize("file", NAMES)
def test_the_name_of_a_file_leads_nowhere(as_boss: Client, media: Path, file: str) -> None:
    contents = (picture("PNG"), b"a,b\n1,2\n")
    found = {
        address: problem
        for (address, form), content in product(with_files(as_boss), contents)
        if (problem := wrong(send(as_boss, form, file, content)))
    }

    assert found == {}


def test_there_are_forms_that_take_files(as_boss: Client) -> None:
    assert len(with_files(as_boss)) > 5


@pytest.fixture
def media(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


def test_the_bomb_that_lies_is_one() -> None:
    """Its size as declared is small, what it unpacks to is not."""
    raw = bomb(honest=False)
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        part = archive.getinfo("xl/worksheets/sheet1.xml")
        assert part.file_size < MB
        start = part.header_offset + 30 + len(part.filename)
    unpacker = zlib.decompressobj(-15)
    grown = unpacker.decompress(raw[start : start + part.compress_size])
    assert len(grown) > 100 * MB
