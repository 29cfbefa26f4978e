"""Remove posters: the row is marked, then its file erased, then the row deleted."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from members.models import Member
from posters import files
from posters.models import Poster, RecommendationLine

Status = Poster.Status

KEPT_UNUSED = timedelta(days=30)
KEPT_FAILED = timedelta(days=1)
KEPT_REPLACED = timedelta(days=7)
BATCH = 500


def sweep_old(*, at: datetime) -> int:
    """Remove posters that nobody has used for 30 days; return how many rows were deleted.

    Failed posters are removed after a day, replaced ones after a week. A later request draws a new
    poster. Call it until it returns 0.
    """
    kept = Poster.objects.kept()
    old = kept.filter(
        Q(last_used_at__lt=at - KEPT_UNUSED)
        | Q(status=Status.FAILED, rung_at__lt=at - KEPT_FAILED)
        | Q(replaced_by__isnull=False, last_used_at__lt=at - KEPT_REPLACED)
    )
    keys = list(old.order_by("pk").values_list("pk", flat=True)[:BATCH])
    old.filter(pk__in=keys).update(status=Status.REMOVED)
    removed = Poster.objects.filter(status=Status.REMOVED).order_by("pk")
    return _erase(list(removed.values_list("pk", flat=True)[:BATCH]))


def remove_posters_of(member: Member) -> None:
    """Remove the posters and recommendations of a person; the files are erased on commit.

    The caller holds the transaction.
    """
    persons = Member.objects.of_person(member.pk).values("pk")
    rows = Poster.objects.filter(member__in=persons)
    keys = list(rows.values_list("pk", flat=True))
    rows.kept().update(status=Status.REMOVED)
    RecommendationLine.objects.filter(member__in=persons).delete()
    transaction.on_commit(lambda: _erase(keys), robust=True)


def _erase(keys: Sequence[int]) -> int:
    removed = Poster.objects.filter(pk__in=keys, status=Status.REMOVED).order_by("pk")
    posters = list(removed.only("key", "public_id"))
    for poster in posters:
        # Also without a path in the row: its worker may have ended after it had saved the file.
        files.erase(files.path_of(poster))
        Poster.objects.filter(pk=poster.pk, status=Status.REMOVED).delete()
    return len(posters)
