"""Posters of members: their inputs, and the state of their drawing."""

from __future__ import annotations

from typing import ClassVar

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from common.base_models import PublicIdField
from members.models import Member
from posters.models.templates import PosterTemplateVersion


class PosterQuerySet(models.QuerySet["Poster"]):
    def kept(self) -> PosterQuerySet:
        return self.exclude(status=Poster.Status.REMOVED)

    def visible_to(self, member: Member) -> PosterQuerySet:
        """Return a person's own posters, also those of members merged into theirs."""
        return self.kept().filter(member__in=Member.objects.of_person(member.pk).values("pk"))

    def with_all(self) -> PosterQuerySet:
        """Read with each poster what an answer shows of other rows, but not the documents."""
        return self.select_related("share", "template_version__template", "replaced_by").defer(
            "template_version__document", "inputs", "replaced_by__inputs"
        )

    def to_replace(self) -> PosterQuerySet:
        """Filter those with a stand-in for something that was not there yet."""
        return self.kept().filter(is_final=False, replaced_by=None)


class Poster(models.Model):
    """One picture for one set of inputs. Other inputs are another poster."""

    class Size(models.TextChoices):
        TALL = "1080x1920", "1080 × 1920"
        FEED = "1080x1440", "1080 × 1440"
        PHONE = "750x1334", "750 × 1334"

    class Status(models.TextChoices):
        WAITING = "waiting", _("waiting to be drawn")
        READY = "ready", _("ready")
        FAILED = "failed", _("could not be drawn")
        # Its file is about to be erased; then the row goes, too.
        REMOVED = "removed", _("removed")

    COMES_FROM: ClassVar = {
        Status.WAITING: [Status.FAILED],
        Status.READY: [Status.WAITING],
        Status.FAILED: [Status.WAITING],
        Status.REMOVED: [Status.WAITING, Status.READY, Status.FAILED],
    }

    public_id = PublicIdField()
    member = models.ForeignKey(
        Member, models.PROTECT, related_name="posters", db_index=False, verbose_name=_("member")
    )
    share = models.ForeignKey(
        "sharing.Share", models.PROTECT, related_name="posters", verbose_name=_("share")
    )
    template_version = models.ForeignKey(
        PosterTemplateVersion, models.PROTECT, related_name="posters",
        verbose_name=_("version of the template"),
    )  # fmt: skip
    size = models.CharField(_("size"), max_length=9, choices=Size, default=Size.TALL)
    line = models.CharField(_("recommendation"), max_length=40, blank=True)
    inputs = models.JSONField(_("inputs"), encoder=DjangoJSONEncoder)
    # Over everything that decides about the pixels: equal keys, equal pictures.
    key = models.CharField(_("key"), max_length=64, editable=False)
    is_final = models.BooleanField(
        _("final"), help_text=_("No: something was missing, such as the mini-program code.")
    )
    replaced_by = models.ForeignKey(
        "self", models.SET_NULL, null=True, editable=False, related_name="+",
        verbose_name=_("replaced by"),
    )  # fmt: skip
    status = models.CharField(_("status"), max_length=8, choices=Status, default=Status.WAITING)
    requested_at = models.DateTimeField(_("requested at"))
    rung_at = models.DateTimeField(_("workers last woken at"))
    claimed_at = models.DateTimeField(_("taken by a worker at"), null=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    failure = models.CharField(_("last error"), max_length=200, blank=True)
    drawn_at = models.DateTimeField(_("drawn at"), null=True)
    path = models.CharField(_("path"), max_length=100, blank=True)
    last_used_at = models.DateTimeField(_("last used at"))

    objects: ClassVar[PosterQuerySet] = PosterQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("poster")
        verbose_name_plural = _("posters")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["key"], condition=~Q(status="removed"), name="poster_key_unique"
            ),
            models.CheckConstraint(
                condition=Q(status__in=["waiting", "ready", "failed", "removed"]),
                name="poster_status_valid",
            ),
            models.CheckConstraint(
                condition=Q(size__in=["1080x1920", "1080x1440", "750x1334"]),
                name="poster_size_valid",
            ),
            models.CheckConstraint(
                condition=Q(status="ready", drawn_at__isnull=False) & ~Q(path="")
                | Q(status__in=["waiting", "failed"], drawn_at=None, path="")
                | Q(status="removed"),
                name="poster_ready_complete",
            ),
        ]
        indexes = [
            models.Index(fields=["member", "-id"], name="poster_of_member"),
            models.Index(fields=["rung_at"], condition=Q(status="waiting"), name="poster_waiting"),
            models.Index(fields=["status"], condition=Q(status="failed"), name="poster_failed"),
            models.Index(fields=["last_used_at"], name="poster_age"),
            models.Index(fields=["status"], condition=Q(status="removed"), name="poster_removed"),
        ]

    def __str__(self) -> str:
        return str(self.public_id)
