"""Sessions of members in the API, one for each device that signs in."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from common.base_models import PublicIdField
from members.models.people import Member


class MemberSessionQuerySet(models.QuerySet["MemberSession"]):
    def of_person(self, member: Member) -> MemberSessionQuerySet:
        """Return the sessions of a member and of those merged into it."""
        return self.filter(Q(member=member) | Q(member__merged_into=member))

    def open_at(self, at: datetime) -> MemberSessionQuerySet:
        return self.filter(ended_at=None, expires_at__gt=at)


class MemberSession(models.Model):
    """A device of a member, with a chain of refresh tokens: the last one or two are valid.

    ``generation`` is the number of the latest token that the client has certainly received.
    ``successor_at``: when its successor was first given out. ``grace_until``: until when the
    token before it gets the same successor again.
    """

    class EndReason(models.TextChoices):
        SIGNED_OUT = "signed_out", _("signed out")
        REVOKED = "revoked", _("revoked by the member")
        REUSED = "reused", _("an old refresh token was used")
        LOCKED = "locked", _("locked by the staff")
        CLOSED = "closed", _("the member closed the account")

    class Kind(models.TextChoices):
        SIGNED_IN = "signed_in", _("signed in")
        EMBEDDED = "embedded", _("opened by the mall")

    public_id = PublicIdField()
    kind = models.CharField(
        _("kind"), max_length=10, choices=Kind, default=Kind.SIGNED_IN, db_default="signed_in"
    )
    # Of an embedded one: the mall's link was used, and where the page goes back to.
    redeemed_at = models.DateTimeField(_("link used at"), null=True)
    return_to = models.CharField(
        _("returns to"), max_length=500, blank=True, default="", db_default=""
    )
    member = models.ForeignKey(
        Member, models.PROTECT, related_name="sessions", verbose_name=_("member")
    )
    app_id = models.CharField(_("app id"), max_length=64, blank=True)
    device = models.CharField(_("device"), max_length=120, blank=True)
    scopes = ArrayField(models.CharField(max_length=40), verbose_name=_("scopes"))
    generation = models.PositiveIntegerField(_("number of the refresh token"), default=0)
    successor_at = models.DateTimeField(_("successor given out at"), null=True)
    grace_until = models.DateTimeField(_("grace of the token before until"), null=True)
    started_at = models.DateTimeField(_("started at"))
    last_used_at = models.DateTimeField(_("last used at"))
    expires_at = models.DateTimeField(_("expires at"))
    # How the member came, for the room that counts visits.
    share = models.CharField(_("share"), max_length=64, blank=True, default="", db_default="")
    anonymous_id = models.CharField(
        _("anonymous id"), max_length=64, blank=True, default="", db_default=""
    )
    ended_at = models.DateTimeField(_("ended at"), null=True)
    end_reason = models.CharField(
        _("reason of the end"), max_length=12, choices=EndReason, blank=True
    )

    objects: ClassVar[MemberSessionQuerySet] = MemberSessionQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("session of a member")
        verbose_name_plural = _("sessions of members")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_at=None, end_reason="")
                | Q(ended_at__isnull=False) & ~Q(end_reason=""),
                name="member_session_end_complete",
            ),
            models.CheckConstraint(
                condition=Q(expires_at__gt=models.F("started_at")),
                name="member_session_expires_later",
            ),
            # What the mall opens never withdraws, and changes nothing of the member.
            models.CheckConstraint(
                condition=Q(kind="signed_in", redeemed_at=None, return_to="")
                | Q(kind="embedded", scopes__contained_by=["me:read", "share"]) & ~Q(return_to=""),
                name="member_session_embedded_reads",
            ),
        ]

    def __str__(self) -> str:
        return str(self.public_id)
