"""Resolve the targets of shares. Each kind has a resolver, which its room registers."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from common.errors import TwotierError


@dataclass(frozen=True, slots=True)
class Target:
    """A kind, and the public id of a row; of one's own home page and of recruiting empty."""

    kind: str
    id: str = ""


@dataclass(frozen=True, slots=True)
class TargetFacts:
    """The content of cards and landing pages. Addresses are absolute, paths are not."""

    title: str
    h5_path: str
    """On our own pages, without the share, such as ``/p/{id}``."""
    description: str = ""
    picture_url: str = ""
    square_picture_url: str = ""
    """1:1, for Moments."""
    chat_picture_url: str = ""
    """5:4, for chats."""
    mini_path: str = ""
    """In the mini-program, without the share; empty: the page of shares."""
    sku: str = ""
    """Of a product: the code of its first SKU, for the mall's own page."""


Find = Callable[[str, datetime], TargetFacts | None]
FindMany = Callable[[Collection[str], datetime], Mapping[str, TargetFacts]]


@dataclass(frozen=True, slots=True)
class Resolver:
    find: Find
    find_many: FindMany | None = None


_RESOLVERS: dict[str, Resolver] = {}


class TargetUnknown(TwotierError):
    code = "target_unknown"
    message = _("There is nothing of this kind to share under this id. Choose another target.")
    status = 404


def register(kind: str, find: Find, *, find_many: FindMany | None = None) -> None:
    """Add a kind of target, in ``AppConfig.ready``.

    :param find: ``find(id, at)`` returns the facts, or ``None`` if there is nothing to show
    :param find_many: the same for many ids in a constant number of queries; it leaves out what
        it does not find
    """
    resolver = Resolver(find, find_many)
    if _RESOLVERS.setdefault(kind, resolver).find is not find:
        raise ValueError(f"Two rooms resolve targets of the kind “{kind}”.")


def find(target: Target, *, at: datetime) -> TargetFacts | None:
    """Return what a target shows; ``None`` if it is gone, or of a kind that the shop lacks."""
    resolver = _RESOLVERS.get(target.kind)
    return resolver.find(target.id, at) if resolver else None


def find_many(targets: Iterable[Target], *, at: datetime) -> dict[Target, TargetFacts]:
    """Return the facts of the targets that exist, with one call of a resolver for each kind."""
    ids: dict[str, set[str]] = {}
    for target in targets:
        ids.setdefault(target.kind, set()).add(target.id)
    return {
        Target(kind, name): facts
        for kind, names in ids.items()
        for name, facts in _find_many_of(kind, names, at).items()
    }


def _find_many_of(kind: str, ids: Collection[str], at: datetime) -> Mapping[str, TargetFacts]:
    resolver = _RESOLVERS.get(kind)
    if resolver is None:
        return {}
    if resolver.find_many:
        return resolver.find_many(ids, at)
    answers = {name: resolver.find(name, at) for name in sorted(ids)}
    return {name: facts for name, facts in answers.items() if facts}
