"""What staff write beside rows of any room."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

MAX_NOTE_LENGTH = 1_000


class AboutRow(models.Model):
    """Base of what staff write beside a row of any room."""

    label = models.CharField(_("kind of row"), max_length=80)
    """The model of the row, such as ``distribution.application``."""
    object_id = models.CharField(_("row"), max_length=40)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False,
        verbose_name=_("written by"),
    )  # fmt: skip
    at = models.DateTimeField(_("at"))

    class Meta:
        abstract = True
        ordering = ["-id"]


class Note(AboutRow):
    """A note for colleagues. Append-only."""

    text = models.CharField(_("note"), max_length=MAX_NOTE_LENGTH)

    class Meta(AboutRow.Meta):
        verbose_name = _("note")
        verbose_name_plural = _("notes")
        indexes = [models.Index(fields=["label", "object_id", "-id"], name="note_of_row")]
        constraints = [models.CheckConstraint(condition=~Q(text=""), name="office_note_has_text")]

    def __str__(self) -> str:
        return self.text[:80]


class Assignment(AboutRow):
    """Who looks after a row from a moment on; the latest one counts. Append-only.

    ``to`` is empty if nobody does any more.
    """

    to = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False,
        verbose_name=_("assignee"),
    )  # fmt: skip

    class Meta(AboutRow.Meta):
        verbose_name = _("assignment")
        verbose_name_plural = _("assignments")
        indexes = [models.Index(fields=["label", "object_id", "-id"], name="assignment_of_row")]

    def __str__(self) -> str:
        return f"{self.label} {self.object_id}"
