"""Set where visitors of shares arrive, on record."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from common.errors import TwotierError
from events.services import record
from members.models import User
from sharing.events import SHARING_LANDING_CHANGED
from sharing.models import LandingPolicy

FIELDS = ("url", "mini_path")


class InvalidLandingPage(TwotierError):
    code = "invalid_landing_page"
    message = _(
        "The address must begin with https:// or be a path of this site. Nothing was saved."
    )
    status = 400


@transaction.atomic
def set_landing(*, kind: str, url: str, mini_path: str, by: User, at: datetime) -> LandingPolicy:
    """Set the landing page of a kind of target; the same again is not recorded.

    :raises InvalidLandingPage: a constraint refuses the kind or the address
    """
    row = LandingPolicy.objects.select_for_update().filter(kind=kind).first()
    before = _state(row)
    row = row or LandingPolicy(kind=kind)
    row.url, row.mini_path = url, mini_path
    after = _state(row)
    if before == after:
        return row
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        raise InvalidLandingPage from None
    record(SHARING_LANDING_CHANGED, row, at=at, by=by, before=before, after=after)
    return row


@transaction.atomic
def remove_landing(*, landing: LandingPolicy, by: User, at: datetime) -> None:
    """Let visitors of a kind of target arrive at our own page again."""
    row = LandingPolicy.objects.select_for_update().filter(pk=landing.pk).first()
    if row is None:
        return
    before = _state(row)
    LandingPolicy.objects.filter(pk=row.pk).delete()
    record(SHARING_LANDING_CHANGED, row, at=at, by=by, before=before, after=_state(None))


def _state(row: LandingPolicy | None) -> dict[str, str]:
    return {field: getattr(row, field) if row else "" for field in FIELDS}
