"""What staff saved of lists."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

MAX_QUERY_LENGTH = 2_000


class SavedView(models.Model):
    """The filters and the sorting of a list, under a name."""

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False,
        verbose_name=_("saved by"),
    )  # fmt: skip
    label = models.CharField(_("list"), max_length=80)
    """The list by its model, such as ``orders.order``."""
    name = models.CharField(_("name"), max_length=40)
    query = models.CharField(_("filters"), max_length=MAX_QUERY_LENGTH)
    """The query string of the list, without the page number and without what was searched."""
    is_shared = models.BooleanField(_("for all colleagues"), default=False)
    created_at = models.DateTimeField(_("created at"))

    class Meta:
        verbose_name = _("saved view")
        verbose_name_plural = _("saved views")
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["label", "owner", "name"], name="savedview_name_unique"
            ),
            models.CheckConstraint(condition=~Q(name=""), name="savedview_named"),
        ]

    def __str__(self) -> str:
        return self.name


class ColumnChoice(models.Model):
    """The columns of a list that a person wants to see, in this order."""

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False,
        verbose_name=_("chosen by"),
    )  # fmt: skip
    label = models.CharField(_("list"), max_length=80)
    columns = models.JSONField(_("columns"), default=list)

    class Meta:
        verbose_name = _("choice of columns")
        verbose_name_plural = _("choices of columns")
        constraints = [
            models.UniqueConstraint(fields=["owner", "label"], name="columnchoice_unique"),
        ]

    def __str__(self) -> str:
        return self.label
