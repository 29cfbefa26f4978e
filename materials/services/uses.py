"""Count how often materials are copied and downloaded: once for each member and day."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import connection, transaction

from common.clock import business_day
from common.locks import advisory_lock
from materials.models import Material, MaterialUse
from members.models import Member

KEPT = timedelta(days=180)
BATCH = 5_000
_COUNT = """
    WITH counted AS (
        UPDATE materials_materialuse SET is_counted = true
        WHERE id IN (
            SELECT id FROM materials_materialuse WHERE NOT is_counted
            ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED
        )
        RETURNING material_id, day, action
    ), added AS (
        INSERT INTO materials_materialday AS kept (material_id, day, copies, downloads)
        SELECT material_id, day, count(*) FILTER (WHERE action = 'copy'),
               count(*) FILTER (WHERE action = 'download')
        FROM counted GROUP BY material_id, day ORDER BY material_id, day
        ON CONFLICT (material_id, day) DO UPDATE SET
            copies = kept.copies + excluded.copies,
            downloads = kept.downloads + excluded.downloads
    )
    SELECT count(*) FROM counted
"""


def record_use(*, member: Member, material: Material, action: str, at: datetime) -> bool:
    """Record that a member copied or downloaded a material.

    :param action: one of ``MaterialUse.Action``
    :returns: whether it counts, as the first such use of the day
    """
    return bool(record_uses(member=member, materials=[material], action=action, at=at))


@transaction.atomic
def record_uses(*, member: Member, materials: Iterable[Material], action: str, at: datetime) -> int:
    """Record that a member copied or downloaded materials; return how many uses count.

    :param action: one of ``MaterialUse.Action``
    """
    day = business_day(at)
    advisory_lock(f"materials:{member.pk}")  # a double tap is one use
    persons = Member.objects.of_person(member.pk).values("pk")
    used = MaterialUse.objects.filter(member__in=persons, action=action, day=day)
    known = set(used.values_list("material", flat=True))
    new = [
        MaterialUse(material=row, member=member, action=action, day=day)
        for row in materials
        if row.pk not in known
    ]
    MaterialUse.objects.bulk_create(new)
    return len(new)


def count_uses() -> int:
    """Add new uses to the totals of their day; return how many. Call it until it returns 0.

    Members only insert rows, so that they never wait for the row of a popular material.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_COUNT, [BATCH])
        (counted,) = cursor.fetchone()
    return int(counted)


def forget_old_uses(*, at: datetime) -> int:
    """Delete uses older than 180 days, whose totals stay; return how many.

    Call it until it returns 0.
    """
    old = MaterialUse.objects.filter(is_counted=True, day__lt=business_day(at - KEPT))
    keys = list(old.order_by("day", "pk").values_list("pk", flat=True)[:BATCH])
    deleted, _rows = MaterialUse.objects.filter(pk__in=keys).delete()
    return deleted


def forget_user_of_materials(member: Member) -> None:
    """Remove the member from all uses of a person whose account is closed; the uses count on."""
    persons = Member.objects.of_person(member.pk).values("pk")
    MaterialUse.objects.filter(member__in=persons).update(member=None)
