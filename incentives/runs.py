"""Read what incentives run, with the versions that orders of any time are counted by."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from incentives.models import Reward, Version
from incentives.models.incentive import Metric
from incentives.periods import counting_version


@dataclass(frozen=True, slots=True)
class Run:
    """An incentive with its published versions, the earliest first."""

    incentive: int
    versions: Sequence[Version]

    def version_at(self, paid_at: datetime) -> Version | None:
        """Return the version that counts an order paid then; None: the incentive did not run."""
        return counting_version(self.versions, paid_at)

    def is_over(self, at: datetime) -> bool:
        """Return whether no order that is paid from then on can count."""
        return self.versions[-1].has_ended(at)


def all_runs() -> list[Run]:
    """Return the incentives that count orders and have been published, in one query."""
    by_incentive: dict[int, list[Version]] = defaultdict(list)
    rows = Version.objects.published().exclude(metric=Metric.PROOF).select_related("incentive")
    for version in rows.order_by("incentive_id", "starts_at", "number"):
        by_incentive[version.incentive_id].append(version)
    return [Run(key, versions) for key, versions in by_incentive.items()]


def rewards_of(versions: Collection[int]) -> dict[int, list[Reward]]:
    """Return the rewards of versions by key, in one query."""
    by_version: dict[int, list[Reward]] = {key: [] for key in versions}
    rows = Reward.objects.filter(version__in=versions).select_related("coupon", "level", "gift")
    for reward in rows.order_by("pk"):
        by_version[reward.version_id].append(reward)
    return by_version
