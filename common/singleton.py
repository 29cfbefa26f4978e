"""Settings that operations change while the shop runs: a table with one row."""

from __future__ import annotations

from typing import Any, Self

from django.db import models
from django.db.models import Q


class Singleton(models.Model):
    """The base of such a table; a migration inserts its row, with number 1."""

    id = models.SmallIntegerField(primary_key=True, default=1, editable=False)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(condition=Q(id=1), name="%(app_label)s_%(class)s_only_one")
        ]

    @classmethod
    def current(cls) -> Self:
        row: Self = cls._default_manager.get(pk=1)
        return row


def insert_row(app: str, model: str) -> Any:
    """For a migration: the function that inserts the row with its defaults."""

    def insert(apps: Any, schema_editor: Any) -> None:  # noqa: ARG001 - as it is called
        apps.get_model(app, model).objects.get_or_create(pk=1)

    return insert
