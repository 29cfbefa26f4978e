"""What the models share."""

from __future__ import annotations

from typing import Any, Self, TypeVar

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.utils.translation import gettext_lazy as _

from members.models import Member, User

Row = TypeVar("Row", bound=models.Model)


class OwnedQuerySet(models.QuerySet[Row]):
    """Rows that belong to a member."""

    def visible_to(self, person: User | AnonymousUser | Member) -> Self:
        """Return all rows for staff with the view permission, else the member's own."""
        if isinstance(person, Member):
            return self._of_person(person.pk)
        if person.is_staff and person.has_perm(f"withdrawals.view_{self.model._meta.model_name}"):
            return self
        if not person.is_authenticated or person.member_id is None:
            return self.none()
        return self._of_person(person.member_id)

    def _of_person(self, member: int) -> Self:
        return self.filter(member__in=Member.objects.of_person(member).values("pk"))


def member_field(**options: Any) -> models.ForeignKey[Member, Member]:
    """Return a field for the member that a row is about."""
    return models.ForeignKey("members.Member", models.PROTECT, verbose_name=_("member"), **options)


def staff_field(label: Any) -> models.ForeignKey[User | None, User | None]:
    """Return a field for the member of staff who did something to a row."""
    return models.ForeignKey(
        "members.User", models.PROTECT, null=True, related_name="+", db_index=False,
        verbose_name=label,
    )  # fmt: skip
