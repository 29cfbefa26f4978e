"""What staff saved of lists, and which exports they made."""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from common.base_models import PublicIdField

MAX_NOTE_LENGTH = 1_000
MAX_QUERY_LENGTH = 2_000
FILES_LAST = timedelta(days=7)


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


class Export(models.Model):
    """A file that a person made of a list. The row is also the record of it.

    Small ones are sent at once; a worker writes the others.
    """

    class Format(models.TextChoices):
        XLSX = "xlsx", _("Excel (XLSX)")
        CSV = "csv", _("CSV")

    class Status(models.TextChoices):
        WAITING = "waiting", _("waiting")
        RUNNING = "running", _("being written")
        DONE = "done", _("ready")
        FAILED = "failed", _("not written")
        REMOVED = "removed", _("file removed")

    COMES_FROM: ClassVar = {
        Status.WAITING: [Status.RUNNING],  # its worker has stopped
        Status.RUNNING: [Status.WAITING],
        Status.DONE: [Status.RUNNING],
        Status.FAILED: [Status.WAITING, Status.RUNNING],
        Status.REMOVED: [Status.DONE],
    }

    public_id = PublicIdField()
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False,
        verbose_name=_("exported by"),
    )  # fmt: skip
    at = models.DateTimeField(_("exported at"))
    label = models.CharField(_("list"), max_length=80)
    query = models.CharField(_("filters"), max_length=MAX_QUERY_LENGTH, blank=True)
    # Searches hold names and phone numbers: encrypted, and empty once the file is written.
    search_encrypted = models.TextField(blank=True, editable=False)
    columns = models.JSONField(_("columns"), default=list)
    format = models.CharField(_("format"), max_length=4, choices=Format)
    language = models.CharField(_("language"), max_length=10)
    status = models.CharField(_("status"), max_length=8, choices=Status, default=Status.WAITING)
    # As a worker goes on; the final number once it is done.
    rows = models.PositiveIntegerField(_("rows"), default=0)
    expected_rows = models.PositiveIntegerField(_("expected rows"), default=0)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    lease_until = models.DateTimeField(_("worker has it until"), null=True)
    finished_at = models.DateTimeField(_("finished at"), null=True)
    failure = models.CharField(_("failure"), max_length=300, blank=True)
    # Empty if the file was sent at once, and once it is removed.
    path = models.CharField(_("file"), max_length=100, blank=True)
    size = models.PositiveBigIntegerField(_("bytes"), default=0)

    class Meta:
        verbose_name = _("export")
        verbose_name_plural = _("exports")
        ordering = ["-id"]
        permissions = [("export_list", _("Can export lists"))]
        indexes = [
            models.Index(fields=["by", "-id"], name="export_of_person"),
            models.Index(
                fields=["id"], name="export_waiting", condition=Q(status__in=["waiting", "running"])
            ),
            models.Index(fields=["finished_at"], name="export_files", condition=~Q(path="")),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=["waiting", "running", "done", "failed", "removed"]),
                name="export_status_valid",
            ),
            models.CheckConstraint(
                condition=Q(format__in=["xlsx", "csv"]), name="export_format_valid"
            ),
            models.CheckConstraint(
                condition=Q(status__in=["waiting", "running"], finished_at=None)
                | Q(status__in=["done", "failed", "removed"], finished_at__isnull=False),
                name="export_finished_at",
            ),
            models.CheckConstraint(
                condition=Q(status="running", lease_until__isnull=False)
                | (~Q(status="running") & Q(lease_until=None)),
                name="export_lease",
            ),
            models.CheckConstraint(
                condition=Q(path="") | Q(status="done"), name="export_file_if_done"
            ),
        ]

    def __str__(self) -> str:
        return str(self.public_id)


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
