"""Leases of attempts, which end by themselves seconds after their worker is gone."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.db import transaction

from withdrawals.models import PayoutLease

LEASE_DURATION = timedelta(seconds=8)  # from the last heartbeat
HEARTBEAT = 2.0  # seconds between heartbeats


@dataclass(slots=True, eq=False)
class Lease:
    """The lease of one run on all its attempts: one row that the run renews while it lives.

    :param at: the time at which the run started
    """

    at: datetime
    started: float = field(default_factory=time.monotonic)
    token: UUID = field(default_factory=uuid4)
    _renewed: float | None = None
    _ended: bool = False

    @property
    def now(self) -> datetime:
        return self.at + timedelta(seconds=time.monotonic() - self.started)

    @property
    def is_held(self) -> bool:
        """Whether no other worker can have taken the attempts over."""
        if self._ended or self._renewed is None:
            return False
        return time.monotonic() - self._renewed < LEASE_DURATION.total_seconds()

    def is_younger_than(self, seconds: float) -> bool:
        """Return whether the run started less than ``seconds`` ago."""
        return time.monotonic() - self.started < seconds

    def renew(self) -> bool:
        """Write a heartbeat if one is due; return whether the run may go on.

        A lease that was removed after it expired does not come back.
        """
        moment, expires_at = time.monotonic(), self.now + LEASE_DURATION
        if self._ended:
            return False
        if self._renewed is None:
            _remove_expired(self.now)
            PayoutLease.objects.create(token=self.token, expires_at=expires_at)
        elif moment - self._renewed < HEARTBEAT:
            return True
        elif not PayoutLease.objects.filter(token=self.token).update(expires_at=expires_at):
            self._ended = True
            return False
        self._renewed = moment
        return True

    def release(self) -> None:
        """End the lease of a run that is complete."""
        if self._renewed is not None:
            PayoutLease.objects.filter(token=self.token).delete()
            self._ended = True


@transaction.atomic
def _remove_expired(now: datetime) -> None:
    """Remove the leases of workers that are gone."""
    expired = PayoutLease.objects.expired(now).select_for_update(skip_locked=True)
    PayoutLease.objects.filter(pk__in=[lease.pk for lease in expired]).delete()
