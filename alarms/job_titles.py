"""The names of periodic jobs for people; the site registers them beside its schedule."""

from __future__ import annotations

from collections.abc import Mapping

from backoffice.access import StrOrPromise

_titles: dict[str, StrOrPromise] = {}


def register(titles: Mapping[str, StrOrPromise]) -> None:
    _titles.update(titles)


def title_of(job: str) -> str:
    """Return what a job does, in the reader's language; of an unknown one its name."""
    return str(_titles.get(job, job))
