"""List and fetch the files of other projects that the pages use.

``manage.py vendor`` writes them to ``static/vendor`` with a list of their checksums; the browser
gets nothing from another server.
"""

from __future__ import annotations

import base64
import hashlib
import io
import subprocess
import tarfile
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

FOLDER = Path(settings.BASE_DIR) / "static" / "vendor"
README = FOLDER / "README.md"


@dataclass(frozen=True, slots=True)
class Package:
    """A package of npm's registry, and the files that are taken from it."""

    name: str
    version: str
    integrity: str
    """As the registry states it: the hash of the packed file."""
    licence: str
    files: Mapping[str, tuple[str, ...]]
    """The name of our file, and the files of the package that it consists of, in this order."""


def _weui(*parts: str) -> tuple[str, ...]:
    return tuple(f"dist/style/{part}.min.css" for part in parts)


PACKAGES = (
    Package(
        name="@alpinejs/csp",
        version="3.17.4",
        integrity=(
            "sha512-SlRXmqO6kYhnxlg+99etmuzJtE9Lk4QbKjBHqerXzaMflJqoJXdz/"
            "SI3IvHJGZ/vRVyC3bR0SSBz40oY7goBeg=="
        ),
        licence="MIT",
        files={"alpine.js": ("dist/module.esm.min.js",)},
    ),
    Package(
        name="weui",
        version="2.6.26",
        integrity=(
            "sha512-V2s4HVNNc7vOFxzll9b13dz9IvsCdW+Dxv51ahcS2aBnX6LBhwJySJHBC3Yo"
            "RspwO/oyltkjGri9TTyJ1FcAZg=="
        ),
        licence="MIT",
        # The whole file is twice as large: it also has the widgets that the pages do not use.
        files={
            "weui.css": _weui(
                "base/base",
                "widget/weui-button/weui-button",
                "widget/weui-cell/weui-cell",
                "widget/weui-cell/weui-cell-form",
                "widget/weui-cell/weui-check",
                "widget/weui-tips/weui-mask",
                "widget/weui-tips/weui-half-screen-dialog",
                "widget/weui-tips/weui-toast",
                "widget/weui-tips/weui-loadmore",
                "widget/weui-loading/weui-loading",
            )
        },
    ),
)


class VendoringFailed(Exception):
    """The message is one line with the cause."""


def fetch(package: Package) -> dict[str, bytes]:
    """Return the content of our files by name, from a package of npm's registry.

    :raises VendoringFailed: npm does not deliver it, or its hash is not the integrity
    """
    with tempfile.TemporaryDirectory() as folder:
        command = ["npm", "pack", "--silent", f"{package.name}@{package.version}"]
        done = subprocess.run(  # noqa: S603 - only the names above
            command, cwd=folder, capture_output=True, text=True, check=False
        )
        packed = list(Path(folder).glob("*.tgz"))
        if done.returncode or len(packed) != 1:
            raise VendoringFailed(f"npm pack {package.name} failed: {done.stderr.strip()[-200:]}")
        return unpack(package, packed[0].read_bytes())


def unpack(package: Package, packed: bytes) -> dict[str, bytes]:
    """Return the content of our files by name, from the packed file of a package.

    :raises VendoringFailed: its hash is not the integrity, or a file is missing
    """
    algorithm, _, promised = package.integrity.partition("-")
    digest = base64.b64encode(hashlib.new(algorithm, packed).digest()).decode()
    if digest != promised:
        raise VendoringFailed(f"{package.name} has another checksum than {package.integrity}.")
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        return {
            name: b"\n".join(_member(archive, package, part) for part in parts)
            for name, parts in package.files.items()
        }


def _member(archive: tarfile.TarFile, package: Package, name: str) -> bytes:
    try:
        file = archive.extractfile(f"package/{name}")
    except KeyError:
        file = None
    if file is None:
        raise VendoringFailed(f"{package.name} {package.version} has no file {name}.")
    return file.read()


def sha256(name: str) -> str:
    """Return the SHA-256 of one of our files, in hexadecimal digits."""
    return hashlib.sha256((FOLDER / name).read_bytes()).hexdigest()


def readme() -> str:
    """Return the list of what is in the folder: file, package, licence, checksum."""
    packages = [
        f"| {package.name} | {package.version} | {package.licence} | `{package.integrity}` |"
        for package in PACKAGES
    ]
    rows = [
        f"| `{name}` | {package.name} | `{sha256(name)}` |"
        for package in PACKAGES
        for name in package.files
    ]
    parts = [
        f"- `{name}`: {', '.join(f'`{part}`' for part in files)}"
        for package in PACKAGES
        for name, files in package.files.items()
    ]
    about = (
        "`manage.py vendor` writes this folder from npm's registry, as `h5/vendored.py` says."
        " Do not edit the files. The texts of the licences are in [LICENSES.md](LICENSES.md)."
    )
    return "\n".join(
        [
            "# Files of other projects",
            "",
            about,
            "",
            "| package | version | licence | integrity |",
            "|---|---|---|---|",
            *packages,
            "",
            "| file | of | SHA-256 |",
            "|---|---|---|",
            *rows,
            "",
            "They consist of these files of the packages:",
            "",
            *parts,
            "",
        ]
    )
