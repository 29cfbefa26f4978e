"""Accounts of the staff, and what two of them decide about people."""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from common.base_models import Proposal, PublicIdField, decision_complete, four_eyes
from common.clock import format_moment
from members.models.people import Member

REVIEW_WAIT = timedelta(hours=24)
"""How long a person reviews and signs nothing after their account or its rights changed."""


class User(AbstractUser):
    """An account that signs in: staff, a member through the API, or both."""

    member = models.OneToOneField(
        Member, models.PROTECT, null=True, blank=True, verbose_name=_("member")
    )
    # Triggers raise it when the account, its link, rights or address change.
    may_review_from = models.DateTimeField(
        _("may review from"), db_default=Now() + REVIEW_WAIT, editable=False
    )

    class Meta(AbstractUser.Meta):
        verbose_name = _("staff user")  # type: ignore[assignment]
        verbose_name_plural = _("staff users")  # type: ignore[assignment]

    def __str__(self) -> str:
        return self.get_full_name() or self.username

    def get_full_name(self) -> str:
        """Return the name as Chinese write it, the family first."""
        return f"{self.last_name}{self.first_name}".strip()

    @property
    def public_id(self) -> str:
        """Return the id under which events record the person. It never changes."""
        return self.username


class StaffLinkProposal(Proposal):
    """One superuser proposes which member a staff user is, another agrees."""

    class Status(models.TextChoices):
        PROPOSED = "proposed", _("proposed")
        AGREED = "agreed", _("agreed")
        REFUSED = "refused", _("refused")

    COMES_FROM: ClassVar = {
        Status.AGREED: [Status.PROPOSED],
        Status.REFUSED: [Status.PROPOSED],
    }
    EDITABLE_IN: ClassVar = (Status.PROPOSED,)

    user = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("staff user"))
    member = models.ForeignKey(Member, models.PROTECT, related_name="+", verbose_name=_("member"))
    status = models.CharField(_("status"), max_length=8, choices=Status, default=Status.PROPOSED)

    class Meta:
        verbose_name = _("proposed link of staff")
        verbose_name_plural = _("proposed links of staff")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["user"], condition=Q(status="proposed"), name="staff_link_open_unique"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="staff_link_reason_not_empty"),
            decision_complete("staff_link_decision_complete", "agreed", "refused"),
            # Whoever refuses their own proposal withdraws it.
            four_eyes(
                "staff_link_four_eyes",
                ("proposer", "proposer_member"), ("decider", "decider_member"),
                unless=~Q(status="agreed"),
            ),
            models.CheckConstraint(
                condition=~Q(status="agreed") | ~Q(decider=F("user")),
                name="staff_link_not_own_account",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.user} = {self.member}"


class MemberMerge(Proposal):
    """One person proposes that two members are one person, another agrees.

    With ``source`` no person proposed it, but a client of the API told it. It is agreed at once if
    nothing can be lost; otherwise it waits until a person proposes it.
    """

    class Status(models.TextChoices):
        PROPOSED = "proposed", _("proposed")
        AGREED = "agreed", _("agreed")
        REFUSED = "refused", _("refused")

    COMES_FROM: ClassVar = {
        Status.AGREED: [Status.PROPOSED],
        Status.REFUSED: [Status.PROPOSED],
    }
    EDITABLE_IN: ClassVar = (Status.PROPOSED,)

    public_id = PublicIdField()
    proposer = models.ForeignKey(  # type: ignore[assignment]
        "members.User", models.PROTECT, null=True, related_name="+", db_index=False,
        verbose_name=_("proposed by"),
    )  # fmt: skip
    source = models.CharField(
        _("told by"), max_length=64, blank=True, editable=False, default="", db_default=""
    )
    merged = models.ForeignKey(
        Member, models.PROTECT, related_name="+", verbose_name=_("member to be merged")
    )
    survivor = models.ForeignKey(
        Member, models.PROTECT, related_name="+", verbose_name=_("surviving member")
    )
    status = models.CharField(_("status"), max_length=8, choices=Status, default=Status.PROPOSED)

    class Meta:
        verbose_name = _("merge of members")
        verbose_name_plural = _("merges of members")
        ordering = ["-id"]
        permissions = [
            ("propose_merge", _("Can propose to merge members")),
            ("decide_merge", _("Can decide on merges of members")),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["merged"], condition=Q(status="proposed"), name="merge_open_unique"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="merge_reason_not_empty"),
            models.CheckConstraint(
                condition=~Q(merged=F("survivor")), name="merge_two_members"
            ),
            models.CheckConstraint(
                condition=Q(status="proposed", decider=None, decider_member=None, decided_at=None)
                | Q(
                    status__in=["agreed", "refused"], decider__isnull=False,
                    decider_member__isnull=False, decided_at__isnull=False,
                )
                | Q(
                    status="agreed", proposer=None, decider=None, decider_member=None,
                    decided_at__isnull=False,
                ),
                name="merge_decision_complete",
            ),
            models.CheckConstraint(
                condition=Q(proposer__isnull=False, source="") | Q(proposer=None) & ~Q(source=""),
                name="merge_proposed_or_told",
            ),
            models.CheckConstraint(
                condition=~Q(status="agreed") | Q(proposer=None, decider=None)
                | Q(proposer__isnull=False, decider__isnull=False),
                name="merge_agreed_by_two_or_none",
            ),
            # Whoever refuses their own proposal withdraws it.
            four_eyes(
                "merge_four_eyes",
                ("proposer", "proposer_member"), ("decider", "decider_member"),
                unless=~Q(status="agreed"),
            ),
            models.CheckConstraint(
                condition=~Q(proposer_member=F("merged")) & ~Q(proposer_member=F("survivor"))
                & ~Q(decider_member=F("merged")) & ~Q(decider_member=F("survivor")),
                name="merge_not_own_member",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.merged} → {self.survivor}"


class PasswordLinkRequest(models.Model):
    """A request on the public page for a password link. Kept for an hour, to limit them."""

    at = models.DateTimeField(_("at"), db_index=True)
    # Not the addresses themselves: the page also gets those of strangers.
    email_hash = models.CharField(_("hash of the email address"), max_length=64)
    client_hash = models.CharField(_("hash of the client's address"), max_length=64)

    class Meta:
        verbose_name = _("request for a password link")
        verbose_name_plural = _("requests for password links")

    def __str__(self) -> str:
        return format_moment(self.at)
