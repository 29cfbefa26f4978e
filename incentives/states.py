"""Where an incentive stands: the states that people see, computed from its versions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from incentives.models import Incentive, Version


class State(models.TextChoices):
    DRAFT = "draft", _("draft")
    WAITING = "waiting", _("waiting for publication")
    SCHEDULED = "scheduled", _("scheduled")
    RUNNING = "running", pgettext_lazy("incentive", "running")
    ENDED = "ended", _("ended")
    STOPPED = "stopped", pgettext_lazy("incentive", "stopped")


def state_of(incentive: Incentive, versions: Sequence[Version], *, at: datetime) -> State:
    """Return the state of an incentive.

    :param versions: all of them
    """
    if incentive.stopped_at and incentive.stopped_at <= at:
        return State.STOPPED
    published = [row for row in versions if row.status == Version.Status.PUBLISHED]
    if not published:
        submitted = any(row.status == Version.Status.SUBMITTED for row in versions)
        return State.WAITING if submitted else State.DRAFT
    current = version_in_force(published, at=at)
    if current is None:
        return State.SCHEDULED
    return State.ENDED if current.ends_at and current.ends_at <= at else State.RUNNING


def version_in_force(versions: Sequence[Version], *, at: datetime) -> Version | None:
    """Return the newest published version that has started, though it may have ended since."""
    started = [
        row
        for row in versions
        if row.status == Version.Status.PUBLISHED and row.starts_at and row.starts_at <= at
    ]
    return max(started, key=lambda row: (row.starts_at, row.number), default=None)


def main_version(versions: Sequence[Version], *, at: datetime) -> Version | None:
    """Return the version that stands for an incentive: that in force, the next, or its draft."""
    published = [row for row in versions if row.status == Version.Status.PUBLISHED]
    scheduled = min(published, key=lambda row: (row.starts_at, row.number), default=None)
    return version_in_force(versions, at=at) or scheduled or next(iter(versions), None)


def draft_of(versions: Sequence[Version]) -> Version | None:
    """Return the version that is not published yet; there is at most one."""
    return next((row for row in versions if row.status != Version.Status.PUBLISHED), None)


def in_state(state: str, *, at: datetime) -> Q:
    """Return the condition on incentives for a state, the same as ``state_of`` says."""
    versions = Version.objects.filter(incentive=OuterRef("pk"))
    published = versions.filter(status=Version.Status.PUBLISHED)
    started = published.filter(starts_at__lte=at)
    later = Version.objects.filter(
        incentive=OuterRef("incentive"), status=Version.Status.PUBLISHED, starts_at__lte=at
    ).filter(
        Q(starts_at__gt=OuterRef("starts_at"))
        | Q(starts_at=OuterRef("starts_at"), number__gt=OuterRef("number"))
    )
    ended = started.filter(~Exists(later), ends_at__lte=at)
    stopped = Q(stopped_at__lte=at)
    going = Q(stopped_at=None) | Q(stopped_at__gt=at)
    submitted = Exists(versions.filter(status=Version.Status.SUBMITTED))
    conditions: dict[State, Any] = {
        State.STOPPED: stopped,
        State.DRAFT: going & ~Exists(published) & ~submitted,
        State.WAITING: going & ~Exists(published) & submitted,
        State.SCHEDULED: going & Exists(published) & ~Exists(started),
        State.RUNNING: going & Exists(started) & ~Exists(ended),
        State.ENDED: going & Exists(ended),
    }
    condition: Q = conditions[State(state)]
    return condition


def versions_in_order() -> models.QuerySet[Version]:
    """Return versions in the order in which pages list them: drafts, then the newest first."""
    return Version.objects.order_by(F("number").desc(nulls_first=True), "-pk")


def newest_first() -> models.QuerySet[Version]:
    """Return versions in this order, with what their texts need."""
    rows = versions_in_order()
    return rows.prefetch_related("rewards__coupon", "rewards__gift__product", "rewards__level")
