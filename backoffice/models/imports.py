"""Files that staff import: what is in them, what a check found, and what was applied."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from common.base_models import PublicIdField

ROWS_LAST = timedelta(days=30)
"""How long the rows of an import can be looked at, after it ended."""
ABANDONED_AFTER = timedelta(days=7)
"""A checked file that nobody applies is discarded."""


class Import(models.Model):
    """A file that a person imports. The row is also the record of it.

    A worker checks the file and writes nothing. A person reads what it would change and confirms;
    then a worker applies it.
    """

    class Status(models.TextChoices):
        WAITING = "waiting", _("to be checked")
        CHECKING = "checking", _("rows are being checked")
        CHECKED = "checked", _("checked, not applied")
        CONFIRMED = "confirmed", _("to be applied")
        APPLYING = "applying", _("rows are being applied")
        STOPPED = "stopped", _("stopped")
        DONE = "done", _("applied")
        FAILED = "failed", _("failed")
        DISCARDED = "discarded", _("discarded")

    COMES_FROM: ClassVar = {
        Status.WAITING: [Status.CHECKING],  # its worker has stopped
        Status.CHECKING: [Status.WAITING],
        Status.CHECKED: [Status.CHECKING, Status.APPLYING],  # or what is stored has changed since
        Status.CONFIRMED: [Status.CHECKED, Status.APPLYING, Status.STOPPED],
        Status.APPLYING: [Status.CONFIRMED],
        Status.STOPPED: [Status.APPLYING],
        Status.DONE: [Status.APPLYING],
        Status.FAILED: [Status.CHECKING, Status.APPLYING],
        Status.DISCARDED: [Status.WAITING, Status.CHECKED, Status.STOPPED],
    }
    AT_WORK: ClassVar = (Status.WAITING, Status.CHECKING, Status.CONFIRMED, Status.APPLYING)
    """A worker goes on with it."""
    LEASED: ClassVar = (Status.CHECKING, Status.APPLYING)
    ENDED: ClassVar = (Status.STOPPED, Status.DONE, Status.FAILED, Status.DISCARDED)

    public_id = PublicIdField()
    kind = models.CharField(_("what is imported"), max_length=40)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False,
        verbose_name=_("uploaded by"),
    )  # fmt: skip
    at = models.DateTimeField(_("uploaded at"))
    file_name = models.CharField(_("file"), max_length=120)
    sha256 = models.CharField(_("SHA-256 of the file"), max_length=64)
    columns = models.JSONField(_("columns"), default=list)
    ignored = models.JSONField(_("columns that were not read"), default=list)
    rows = models.PositiveIntegerField(_("rows"))
    status = models.CharField(_("status"), max_length=9, choices=Status, default=Status.WAITING)
    # As a worker goes on with the check.
    checked = models.PositiveIntegerField(_("checked rows"), default=0)
    checked_at = models.DateTimeField(_("checked at"), null=True)
    new = models.PositiveIntegerField(_("new"), default=0)
    changed = models.PositiveIntegerField(_("changed"), default=0)
    unchanged = models.PositiveIntegerField(_("unchanged"), default=0)
    wrong = models.PositiveIntegerField(_("wrong"), default=0)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False,
        verbose_name=_("confirmed by"),
    )  # fmt: skip
    confirmed_at = models.DateTimeField(_("confirmed at"), null=True)
    skips_wrong = models.BooleanField(_("without the wrong rows"), default=False)
    # Lines of the file up to which rows are applied. It grows in the transaction of each step.
    applied_to = models.PositiveIntegerField(_("applied up to line"), default=0)
    applied = models.PositiveIntegerField(_("applied rows"), default=0)
    finished_at = models.DateTimeField(_("finished at"), null=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    lease_until = models.DateTimeField(_("worker has it until"), null=True)
    # A sentence in each language: who reads it may not be who uploaded the file.
    notice = models.JSONField(_("what has happened"), default=dict, blank=True)
    are_rows_erased = models.BooleanField(_("rows are erased"), default=False)

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["kind", "-id"], name="import_of_kind"),
            models.Index(
                fields=["id"], name="import_at_work",
                condition=Q(status__in=["waiting", "checking", "confirmed", "applying"]),
            ),
            models.Index(
                fields=["at"], name="import_with_rows", condition=Q(are_rows_erased=False)
            ),
        ]  # fmt: skip
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    status__in=[
                        "waiting", "checking", "checked", "confirmed", "applying", "stopped",
                        "done", "failed", "discarded",
                    ]
                ),
                name="import_status_valid",
            ),
            models.UniqueConstraint(
                fields=["kind", "sha256"],
                condition=Q(status__in=["confirmed", "applying", "done"]),
                name="import_file_once",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["stopped", "done", "failed", "discarded"])
                & Q(finished_at__isnull=False)
                | ~Q(status__in=["stopped", "done", "failed", "discarded"]) & Q(finished_at=None),
                name="import_finished_at",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["checking", "applying"], lease_until__isnull=False)
                | ~Q(status__in=["checking", "applying"]) & Q(lease_until=None),
                name="import_lease",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["confirmed", "applying", "done"])
                | Q(
                    checked_at__isnull=False, confirmed_by__isnull=False,
                    confirmed_at__isnull=False,
                ),
                name="import_confirmed_by",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["confirmed", "applying", "done"])
                | Q(wrong=0)
                | Q(skips_wrong=True),
                name="import_wrong_rows_left_out",
            ),
            models.CheckConstraint(condition=Q(rows__gt=0), name="import_has_rows"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.file_name

    @property
    def notice_text(self) -> str:
        """The notice in the language of the person who reads it."""
        return in_language(self.notice) or ""


class ImportRow(models.Model):
    """A row of a file, and what the check found; erased some time after the import ended."""

    class Outcome(models.TextChoices):
        UNKNOWN = "unknown", _("not checked")
        NEW = "new", _("new")
        CHANGED = "changed", _("changed")
        UNCHANGED = "unchanged", _("unchanged")
        WRONG = "wrong", _("wrong")

    of = models.ForeignKey(
        Import, models.CASCADE, related_name="file_rows", db_index=False, verbose_name=_("import")
    )
    line = models.PositiveIntegerField(_("line"))
    outcome = models.CharField(_("result"), max_length=9, choices=Outcome, default=Outcome.UNKNOWN)
    # Rows of members hold names and phone numbers.
    content_encrypted = models.TextField(editable=False)

    class Meta:
        verbose_name = _("row of an import")
        verbose_name_plural = _("rows of imports")
        ordering = ["line"]
        indexes = [models.Index(fields=["of", "outcome", "line"], name="importrow_by_outcome")]
        constraints = [
            models.UniqueConstraint(fields=["of", "line"], name="importrow_line_once"),
            models.CheckConstraint(
                condition=Q(outcome__in=["unknown", "new", "changed", "unchanged", "wrong"]),
                name="importrow_outcome_valid",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.of_id} {self.line}"


def in_language(texts: dict[str, Any]) -> Any:
    """Return what is stored for the present language, or for any."""
    return texts.get(translation.get_language() or "") or next(iter(texts.values()), None)
