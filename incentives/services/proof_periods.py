"""Tell in which period a proof counts, and until when it is decided."""

from __future__ import annotations

from datetime import datetime

from incentives.models import PeriodClosing, Proof, Version
from incentives.periods import closes_as_a_whole, closes_at, counting_version, span_of


def is_closed(proof: Proof) -> bool:
    """Return whether the period of a proof is closed: nothing is counted in it any more."""
    version = _version_of(proof)
    if version is None:
        return False
    start = span_of(version, proof.handed_in_at).start
    closed = PeriodClosing.objects.filter(incentive=proof.incentive_id, period_start=start)
    return closed.exists()


def decide_before(proof: Proof) -> datetime | None:
    """Return when the period of a proof closes; None: it is decided at any time."""
    version = _version_of(proof)
    if version is None or not closes_as_a_whole(version):
        return None
    return closes_at(version, span_of(version, proof.handed_in_at))


def _version_of(proof: Proof) -> Version | None:
    """Return the version of its incentive that a proof counts by."""
    versions = Version.objects.published().filter(incentive=proof.incentive_id)
    return counting_version(list(versions.select_related("incentive")), proof.handed_in_at)
