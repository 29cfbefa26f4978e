"""Abstract models, fields and constraints that the rooms share."""

from __future__ import annotations

import secrets
from typing import Any, Self

from django.db import models
from django.db.models import CheckConstraint, F, Q
from django.utils.translation import gettext_lazy as _

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's base 32: no lookalikes
LENGTH = 20  # 100 random bits


def public_id() -> str:
    """Return a new random id that reveals nothing, not even how many rows there are."""
    bits = secrets.randbits(5 * LENGTH)
    return "".join(ALPHABET[bits >> shift & 31] for shift in range(0, 5 * LENGTH, 5))


class PublicIdField(models.CharField):  # type: ignore[type-arg]
    """The id that the API, events and references from other rooms use for a row."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs |= {
            "verbose_name": _("public id"),
            "max_length": LENGTH,
            "unique": True,
            "editable": False,
            "default": public_id,
        }
        super().__init__(*args, **kwargs)


class Singleton(models.Model):
    """A table with one row: settings that operations change while the shop runs.

    A migration inserts the row with ``insert_singleton``.
    """

    id = models.SmallIntegerField(primary_key=True, default=1, editable=False)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(condition=Q(id=1), name="%(app_label)s_%(class)s_singleton")
        ]

    @classmethod
    def current(cls) -> Self:
        row: Self = cls._default_manager.get(pk=1)
        return row


def insert_singleton(app: str, model: str) -> Any:
    """Return the function with which a migration inserts the row with its defaults."""

    def insert(apps: Any, schema_editor: Any) -> None:  # noqa: ARG001 - RunPython's signature
        apps.get_model(app, model).objects.get_or_create(pk=1)

    return insert


def four_eyes(
    name: str, first: tuple[str, str], second: tuple[str, str], *, unless: Q | None = None
) -> CheckConstraint:
    """Return a CHECK that requires two people: two accounts of different members.

    :param first: the fields that hold the account and that account's member (0 if it has none)
    :param unless: a condition under which one person is enough
    """
    (account, member), (other_account, other_member) = first, second
    different = ~Q((account, F(other_account))) & (Q((member, 0)) | ~Q((member, F(other_member))))
    return CheckConstraint(condition=different if unless is None else unless | different, name=name)


def decision_complete(name: str, *decided: str) -> CheckConstraint:
    """Return a CHECK that a ``Proposal`` has a decider exactly in the statuses ``decided``."""
    return CheckConstraint(
        condition=Q(status="proposed", decider=None, decider_member=None, decided_at=None)
        | Q(
            status__in=list(decided), decider__isnull=False, decider_member__isnull=False,
            decided_at__isnull=False,
        ),
        name=name,
    )  # fmt: skip


class Proposal(models.Model):
    """One person proposes, another decides.

    Each model adds the constraints ``decision_complete`` and ``four_eyes``.
    """

    reason = models.CharField(_("reason"), max_length=200)
    proposer = models.ForeignKey(
        "members.User", models.PROTECT, related_name="+", db_index=False,
        verbose_name=_("proposed by"),
    )  # fmt: skip
    # Their own member (0: none): two accounts of one person are one person.
    proposer_member = models.BigIntegerField(editable=False)
    proposed_at = models.DateTimeField(_("proposed at"))
    decider = models.ForeignKey(
        "members.User", models.PROTECT, null=True, related_name="+", db_index=False,
        verbose_name=_("decided by"),
    )  # fmt: skip
    decider_member = models.BigIntegerField(null=True, editable=False)
    decided_at = models.DateTimeField(_("decided at"), null=True)

    class Meta:
        abstract = True
