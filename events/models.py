from __future__ import annotations

from typing import NamedTuple

from django.contrib.postgres.indexes import BrinIndex
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from events.declarations import title_of


class Reference(NamedTuple):
    """Identify a row of any room without a foreign key: kind (``app.model``) and public id."""

    kind: str
    id: str

    @classmethod
    def to(cls, row: models.Model | Reference) -> Reference:
        if isinstance(row, Reference):
            return row
        return cls(row._meta.label_lower, str(getattr(row, "public_id", row.pk)))

    def __str__(self) -> str:
        return f"{self.kind}:{self.id}"


class Event(models.Model):
    """A recorded event: the audit trail. The database refuses to change or delete it."""

    name = models.CharField(_("event"), max_length=80)
    subject_kind = models.CharField(_("subject kind"), max_length=80)
    subject_id = models.CharField(_("subject"), max_length=80)
    at = models.DateTimeField(_("happened at"))
    recorded_at = models.DateTimeField(_("recorded at"), db_default=Now())
    # The actor is staff or a member; both live in a higher room.
    actor_kind = models.CharField(_("actor kind"), max_length=80, blank=True)
    actor_id = models.CharField(_("actor"), max_length=150, blank=True)
    request_id = models.CharField(_("request"), max_length=64, blank=True)
    before = models.JSONField(_("before"), null=True, encoder=DjangoJSONEncoder)
    after = models.JSONField(_("after"), null=True, encoder=DjangoJSONEncoder)
    data = models.JSONField(_("data"), default=dict, encoder=DjangoJSONEncoder)

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        indexes = [
            models.Index("subject_kind", "subject_id", "id", name="event_subject_idx"),
            # Rows lie in the order of their time: a few pages are enough to find a day.
            BrinIndex(fields=["at"], name="event_by_day", autosummarize=True),
            # What the clients of the API did: few rows, looked for by people.
            models.Index(
                fields=["actor_id", "-id"],
                name="event_of_client",
                condition=Q(actor_kind="integration.apiclient"),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def title(self) -> str:
        """What has happened, in the reader's language."""
        return title_of(self.name)

    @property
    def subject(self) -> Reference:
        return Reference(self.subject_kind, self.subject_id)


class Delivery(models.Model):
    """An event that a follower has not handled yet; the row is deleted once it is handled."""

    STUCK_AFTER = 8  # attempts: some ten minutes

    event = models.ForeignKey(
        Event, models.PROTECT, related_name="deliveries", verbose_name=_("event")
    )
    follower = models.CharField(_("follower"), max_length=120)
    # Copied from the event: delivery in order per follower and subject needs one index.
    subject = models.CharField(_("subject"), max_length=161)
    attempts = models.PositiveIntegerField(_("attempts"), default=0)
    due_at = models.DateTimeField(_("next attempt at"), db_default=Now())
    last_error = models.TextField(_("last error"), blank=True)

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        constraints = [
            models.UniqueConstraint("event", "follower", name="delivery_follower_unique")
        ]
        indexes = [
            models.Index("due_at", "id", name="delivery_due"),
            models.Index("follower", "subject", "id", name="delivery_lane_idx"),
        ]

    def __str__(self) -> str:
        return f"{self.event} → {self.follower}"
