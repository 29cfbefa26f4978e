"""Which exports staff made."""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from backoffice.models.lists import MAX_QUERY_LENGTH
from common.base_models import PublicIdField

FILES_LAST = timedelta(days=7)


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
