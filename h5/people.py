"""Show sharers on pages that everybody may see."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from distribution.models import Distributor
from members.avatars import avatar_url


@dataclass(frozen=True, slots=True)
class Person:
    name: str
    picture: str = ""
    """The address of an approved avatar; empty without one."""


def person(distributor: Distributor | None) -> Person:
    """Return name and picture of a sharer.

    :param distributor: ``None`` if the sharer is no active one: the page does not say why
    """
    if distributor is None:
        return Person(_("A friend"))
    member = distributor.member
    return Person(member.nickname.strip() or _("A friend"), avatar_url(member))
