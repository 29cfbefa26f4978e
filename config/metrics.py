"""The state of the system as metrics of Prometheus."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from prometheus_client import Metric
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from config.status import Status


class StatusCollector(Collector):
    """Renders one state; the figures are of the database, so every process returns the same."""

    def __init__(self, status: Status) -> None:
        self._status = status

    def collect(self) -> Iterator[Metric]:
        status = self._status
        yield _gauge(
            "twotier_oldest_seconds",
            "Age of the oldest item that waits, 0 if nothing waits.",
            "what",
            ((age.name, age.seconds) for age in status.ages),
        )
        yield _gauge(
            "twotier_oldest_limit_seconds",
            "Age above which money has stopped.",
            "what",
            ((age.name, age.limit) for age in status.ages),
        )
        yield _gauge(
            "twotier_job_last_started_timestamp_seconds",
            "When a periodic job last started, 0 if never.",
            "job",
            ((job.name, _seconds(job.started_at)) for job in status.jobs),
        )
        yield _gauge(
            "twotier_job_last_finished_timestamp_seconds",
            "When a periodic job last finished, 0 if never.",
            "job",
            ((job.name, _seconds(job.finished_at)) for job in status.jobs),
        )
        yield _gauge(
            "twotier_job_last_failed_timestamp_seconds",
            "When a periodic job last failed, 0 if never.",
            "job",
            ((job.name, _seconds(job.failed_at)) for job in status.jobs),
        )
        yield _gauge(
            "twotier_job_late",
            "1 if a periodic job has not finished in time.",
            "job",
            ((job.name, job.is_late) for job in status.jobs),
        )
        yield _gauge("twotier_alarms", "Alarms that are not closed.", "kind", status.alarms.items())
        yield _gauge("twotier_holds", "Holds on money.", "kind", status.holds.items())
        yield GaugeMetricFamily(
            "twotier_differences", "Open differences of the controls.", value=status.differences
        )
        yield GaugeMetricFamily(
            "twotier_conflicts",
            "Open conflicts between reports of orders.",
            value=status.conflicts,
        )
        yield GaugeMetricFamily(
            "twotier_money_late",
            "1 if something that moves money is late.",
            value=bool(status.late),
        )


def _gauge(
    name: str, documentation: str, label: str, values: Iterable[tuple[str, float]]
) -> Metric:
    metric = GaugeMetricFamily(name, documentation, labels=[label])
    for key, value in values:
        metric.add_metric([key], value)
    return metric


def _seconds(moment: datetime | None) -> float:
    return moment.timestamp() if moment else 0
