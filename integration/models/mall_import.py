"""Imports of a mall by the back office: their files, what the check found, and how far they are."""

from __future__ import annotations

from typing import ClassVar
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from backoffice.models.imports import in_language
from common.base_models import PublicIdField, four_eyes

MAX_NAME_LENGTH = 40


class MallImport(models.Model):
    """One person gives the files and has them checked, another starts the import.

    A worker checks and imports. The row stays as the record when the files are removed.
    """

    class Status(models.TextChoices):
        DRAFT = "draft", pgettext_lazy("import", "in preparation")
        CHECKING = "checking", pgettext_lazy("import", "being checked")
        FAULTY = "faulty", pgettext_lazy("import", "has errors")
        READY = "ready", pgettext_lazy("import", "waits to be started")
        RUNNING = "running", pgettext_lazy("import", "being imported")
        STOPPED = "stopped", pgettext_lazy("import", "stopped")
        DONE = "done", pgettext_lazy("import", "imported")
        DISCARDED = "discarded", pgettext_lazy("import", "discarded")

    COMES_FROM: ClassVar = {
        Status.DRAFT: [Status.FAULTY, Status.READY, Status.STOPPED],  # its files change
        Status.CHECKING: [Status.DRAFT, Status.FAULTY, Status.READY, Status.STOPPED],
        Status.FAULTY: [Status.CHECKING],
        Status.READY: [Status.CHECKING],
        Status.RUNNING: [Status.READY, Status.STOPPED],
        Status.STOPPED: [Status.RUNNING],
        Status.DONE: [Status.RUNNING],
        Status.DISCARDED: [Status.DRAFT, Status.FAULTY, Status.READY, Status.STOPPED],
    }

    public_id = PublicIdField()
    name = models.CharField(_("name"), max_length=MAX_NAME_LENGTH)
    """Also that of the plan that the rules become."""
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False,
        verbose_name=_("prepared by"),
    )  # fmt: skip
    # Their own member (0: none): two accounts of one person are one person.
    by_member = models.BigIntegerField(editable=False)
    at = models.DateTimeField(_("prepared at"))
    zone = models.CharField(_("time zone"), max_length=60, default="Asia/Shanghai")
    until = models.DateTimeField(_("leave out everything after"), null=True)
    skip_bad = models.BooleanField(_("leave out orders with errors"), default=False)
    # Of the person who asked for the check: the workbook with the marked cells is in it.
    language = models.CharField(_("language"), max_length=10)
    status = models.CharField(_("status"), max_length=9, choices=Status, default=Status.DRAFT)

    checked_at = models.DateTimeField(_("checked at"), null=True)
    # Errors and warnings quote cells, which may hold names: encrypted, and removed with the files.
    findings_encrypted = models.TextField(blank=True, editable=False)
    differences = models.JSONField(_("what would change"), default=dict)
    # Of the files, the options and what the check found: that is what a colleague starts.
    seal = models.CharField(max_length=64, blank=True, editable=False)
    publishes_plan = models.BooleanField(_("the rules become a plan"), default=False)
    report_path = models.CharField(max_length=100, blank=True, editable=False)
    left_out_path = models.CharField(max_length=100, blank=True, editable=False)

    starter = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False,
        verbose_name=_("started by"),
    )  # fmt: skip
    starter_member = models.BigIntegerField(null=True, editable=False)
    started_at = models.DateTimeField(_("started at"), null=True)
    # The goods and rules are imported first; then the history up to this moment.
    goods = models.JSONField(_("imported goods"), null=True)
    left_out = models.JSONField(_("orders left out"), default=list, blank=True)
    """Their numbers, as the check before the first turn found them."""
    held_orders = models.PositiveIntegerField(_("orders held for conflicts"), default=0)
    reached = models.DateTimeField(_("imported until"), null=True)
    events_done = models.PositiveIntegerField(_("imported events"), default=0)
    events_total = models.PositiveIntegerField(_("events"), default=0)
    finished_at = models.DateTimeField(_("finished at"), null=True)
    failure = models.JSONField(_("failure"), default=dict, blank=True)
    """A sentence, by language."""
    files_removed_at = models.DateTimeField(_("files removed at"), null=True)

    # A worker has the row until the lease ends. Each one that takes it counts; progress begins
    # to count again.
    lease_until = models.DateTimeField(null=True, editable=False)
    claims = models.PositiveIntegerField(default=0, editable=False)
    attempts = models.PositiveSmallIntegerField(default=0, editable=False)

    class Meta:
        verbose_name = _("import of a mall")
        verbose_name_plural = _("imports of a mall")
        ordering = ["-id"]
        permissions = [
            ("prepare_mallimport", _("Can prepare imports of a mall")),
            ("import_member", _("Can import members from a file")),
            ("start_mallimport", _("Can start imports of a mall that others prepared")),
        ]
        indexes = [
            models.Index(
                fields=["id"], name="mallimport_for_worker",
                condition=Q(status__in=["checking", "running"]),
            ),
            models.Index(
                fields=["checked_at"], name="mallimport_waiting",
                condition=Q(status__in=["ready", "stopped"]),
            ),
        ]  # fmt: skip
        constraints = [
            models.CheckConstraint(condition=~Q(name=""), name="mallimport_named"),
            models.CheckConstraint(
                condition=Q(
                    status__in=[
                        "draft", "checking", "faulty", "ready", "running", "stopped", "done",
                        "discarded",
                    ]
                ),
                name="mallimport_status_valid",
            ),
            models.CheckConstraint(
                condition=Q(starter=None, starter_member=None, started_at=None)
                | Q(
                    starter__isnull=False, starter_member__isnull=False, started_at__isnull=False
                ),
                name="mallimport_start_complete",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["running", "stopped", "done"]) | Q(starter__isnull=False),
                name="mallimport_has_starter",
            ),
            four_eyes(
                "mallimport_four_eyes", ("by", "by_member"), ("starter", "starter_member"),
                unless=Q(starter=None),
            ),
            models.CheckConstraint(
                condition=~Q(status="ready") | ~Q(seal=""), name="mallimport_ready_has_seal"
            ),
            models.CheckConstraint(
                condition=Q(status__in=["done", "discarded"], finished_at__isnull=False)
                | (~Q(status__in=["done", "discarded"]) & Q(finished_at=None)),
                name="mallimport_finished_at",
            ),
            models.CheckConstraint(
                condition=Q(lease_until=None) | Q(status__in=["checking", "running"]),
                name="mallimport_lease",
            ),
            # Two histories at once would not run in the order of time.
            models.UniqueConstraint(
                fields=["status"], condition=Q(status="running"), name="mallimport_one_running"
            ),
            models.CheckConstraint(
                condition=Q(events_done__lte=F("events_total")), name="mallimport_progress"
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name

    @property
    def failure_text(self) -> str:
        """The failure in the language of the person who reads it."""
        return in_language(self.failure) or ""

    @property
    def time_zone(self) -> ZoneInfo:
        return ZoneInfo(self.zone)

    @property
    def is_open(self) -> bool:
        """Whether a worker has something to do."""
        return self.status in (self.Status.CHECKING, self.Status.RUNNING)

    @property
    def percent(self) -> int:
        if self.status == self.Status.DONE:
            return 100
        return min(99, self.events_done * 100 // max(self.events_total, 1))


class MallImportFile(models.Model):
    """A file of an import; ``kind`` says which of the mall's tables it is."""

    class Kind(models.TextChoices):
        CATEGORIES = "categories", _("categories")
        PRODUCTS = "products", _("products")
        MEMBERS = "members", _("members")
        BINDINGS = "bindings", _("bindings")
        RULES = "rules", _("commission rules")
        ORDERS = "orders", _("orders")
        REFUNDS = "refunds", _("refunds")

    mall_import = models.ForeignKey(
        MallImport, models.PROTECT, related_name="files", db_index=False,
        verbose_name=_("import of a mall"),
    )  # fmt: skip
    kind = models.CharField(_("content"), max_length=10, choices=Kind)
    name = models.CharField(_("file"), max_length=120)
    path = models.CharField(max_length=100, editable=False)
    sha256 = models.CharField(max_length=64, editable=False)
    size = models.PositiveBigIntegerField(_("bytes"))
    added_at = models.DateTimeField(_("added at"))

    class Meta:
        verbose_name = _("file of an import")
        verbose_name_plural = _("files of imports")
        ordering = ["kind"]
        constraints = [
            models.UniqueConstraint(fields=["mall_import", "kind"], name="mallimportfile_unique"),
            models.CheckConstraint(
                condition=Q(
                    kind__in=[
                        "categories", "products", "members", "bindings", "rules", "orders",
                        "refunds",
                    ]
                ),
                name="mallimportfile_kind_valid",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name

    @property
    def suffix(self) -> str:
        return ".xlsx" if self.path.endswith(".xlsx") else ".csv"
