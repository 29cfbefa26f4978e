"""A member becomes a distributor."""

from __future__ import annotations

import secrets
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from common import ids
from common.errors import TwotierError
from distribution.models import Application, Distributor, Spell
from events.services import happened
from members.models import Member, User

CODE_LENGTH = 8


class AlreadyDistributor(TwotierError):
    code = "already_distributor"
    message = _("This member is a distributor already, or was one and has left for good.")


@transaction.atomic
def enrol(
    *, member: Member, route: Application.Route, at: datetime, by: User | Member | None = None
) -> Distributor:
    """Make ``member`` an active distributor from ``at`` on.

    :param route: how they came to it, for the record
    :raises AlreadyDistributor: they are one, or have exited
    """
    try:
        with transaction.atomic():
            distributor = Distributor.objects.create(member=member, code=_code(), since=at)
            Spell.objects.create(
                distributor=distributor, status=Distributor.Status.ACTIVE, started_at=at
            )
    except IntegrityError:
        raise AlreadyDistributor(member=member.public_id) from None
    happened("distribution.enrolled", distributor, at=at, by=by, route=route)
    return distributor


def _code() -> str:
    return "".join(secrets.choice(ids.ALPHABET) for _ in range(CODE_LENGTH))
