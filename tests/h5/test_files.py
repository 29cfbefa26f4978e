"""The files that browsers load: where they come from, how large they are, what they say."""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import re
import tarfile
from dataclasses import replace
from pathlib import Path

import pytest
from django.conf import settings

from h5 import vendored
from h5.words import words

STATIC = Path(settings.BASE_DIR) / "static"
TEMPLATES = Path(settings.BASE_DIR) / "h5" / "templates"
MODULES = sorted((STATIC / "h5").glob("*.js"))
MOST = 120 * 1024


def test_the_files_of_others_are_as_the_list_says() -> None:
    assert vendored.README.read_text(encoding="utf-8") == vendored.readme()
    named = {name for package in vendored.PACKAGES for name in package.files}
    assert {path.name for path in vendored.FOLDER.iterdir()} == named | {
        "README.md", "LICENSES.md",
    }  # fmt: skip


def _packed(name: str) -> bytes:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w:gz") as archive:
        entry = tarfile.TarInfo(f"package/{name}")
        entry.size = 4
        archive.addfile(entry, io.BytesIO(b"code"))
    return target.getvalue()


def test_a_package_with_another_checksum_is_refused() -> None:
    with pytest.raises(vendored.VendoringFailed, match="another checksum"):
        vendored.unpack(vendored.PACKAGES[0], _packed("dist/module.esm.min.js"))


def test_a_package_is_unpacked_and_must_have_its_files(monkeypatch: pytest.MonkeyPatch) -> None:
    packed = _packed("dist/a.js")
    digest = base64.b64encode(hashlib.sha512(packed).digest()).decode()
    package = replace(
        vendored.PACKAGES[0], integrity=f"sha512-{digest}", files={"a.js": ("dist/a.js",)}
    )

    assert vendored.unpack(package, packed) == {"a.js": b"code"}
    with pytest.raises(vendored.VendoringFailed, match="no file"):
        vendored.unpack(replace(package, files={"b.js": ("dist/b.js",)}), packed)


def test_all_scripts_together_are_small() -> None:
    files = [*MODULES, STATIC / "vendor" / "alpine.js"]

    assert sum(len(gzip.compress(path.read_bytes())) for path in files) < MOST


def test_scripts_say_only_what_is_translated() -> None:
    said = {
        name
        for path in MODULES
        for name in re.findall(r"""say\((?:[^()"]*\? )?"(\w+)"(?: : "(\w+)")?""", path.read_text())
        for name in name
        if name
    }

    assert said - set(words()) == set()
    unused = set(words()) - said
    assert unused <= {"slow", "offline", "fast_spend", "fast_buyers"}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.name)
def test_modules_import_files_that_exist(path: Path) -> None:
    for name in re.findall(r"""from "(\.[^"]+)"|import "(\.[^"]+)\"""", path.read_text()):
        assert (path.parent / "".join(name)).is_file(), name


def test_templates_have_no_inline_code() -> None:
    for path in TEMPLATES.rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"""\s(style|on[a-z]+)=["']|javascript:""", text), path
