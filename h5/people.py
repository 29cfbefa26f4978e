"""Who recommends something on a page that everybody may see."""

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
    """Return how a page calls who shared it.

    :param distributor: ``None`` for everybody who is no active distributor: no page tells why
    """
    if distributor is None:
        return Person(_("A friend"))
    member = distributor.member
    return Person(member.nickname.strip() or _("A friend"), avatar_url(member))
