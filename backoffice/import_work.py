"""What a worker does with an import: check the rows, and apply them once a person has confirmed."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from backoffice.import_files import find_faults
from backoffice.import_rows import (
    StoredRow,
    in_all_languages,
    read_rows,
    store_findings,
    with_finding,
)
from backoffice.import_verbs import kind_of, require_permission
from backoffice.imports import (
    Finding,
    ImportKind,
    Outcome,
    Row,
    Text,
    wrong,
)
from backoffice.models import Import
from common.errors import FAULTS, TwotierError

log = structlog.get_logger(__name__)

Status = Import.Status
LEASE = timedelta(minutes=5)
MAX_ATTEMPTS = 3
SECONDS = 150.0
"""After which a worker leaves the next steps to the next turn."""
APPLIED = (Outcome.NEW, Outcome.CHANGED)
CHECKED_AGAIN = _(
    "What is stored has changed since the check, so nothing was applied. Look at the new result,"
    " then confirm."
)
UNEXPECTED = _("The worker has failed three times. Nothing more is applied. Ask an administrator.")
TOOK_TOO_LONG = _("This took too long. Divide the file into smaller ones.")

Clock = Callable[[], datetime]


class Superseded(Exception):
    """Another worker has taken the import over."""


@transaction.atomic
def claim_import(*, at: datetime) -> Import | None:
    """Take the oldest import that waits, or that a worker has left; ``None`` without any."""
    due = Import.objects.filter(
        Q(status__in=[Status.WAITING, Status.CONFIRMED])
        | Q(status__in=Import.LEASED, lease_until__lt=at)
    )
    row = due.order_by("id").select_for_update(skip_locked=True, no_key=True).first()
    if row is None:
        return None
    is_check = row.status in (Status.WAITING, Status.CHECKING)
    same = Import.objects.filter(pk=row.pk)
    if row.status in Import.LEASED:
        same.update(status=Status.WAITING if is_check else Status.CONFIRMED, lease_until=None)
    same.update(
        status=Status.CHECKING if is_check else Status.APPLYING,
        lease_until=at + LEASE, attempts=row.attempts + 1,
    )  # fmt: skip
    row.refresh_from_db()
    return row


def run_import(*, row: Import, now: Clock) -> None:
    """Do the work of a claimed import. Runs outside of any transaction.

    :param now: reads the clock; the worker's hold on the import is renewed as it goes on
    """
    work = check_import if row.status == Status.CHECKING else apply_import
    try:
        if row.attempts > MAX_ATTEMPTS:  # workers were killed by it
            fail_import(row=row, notice=UNEXPECTED, at=now())
        else:
            work(row=row, now=now)
    except Superseded:
        log.info("import_superseded", row=row.public_id)
    except TwotierError as refusal:
        fail_import(row=row, notice=refusal, at=now())
    except FAULTS as fault:
        log.exception("import_failed", row=row.public_id, error=type(fault).__name__)
        _retry_or_fail(row, at=now())


def check_import(*, row: Import, now: Clock) -> None:
    """Check all rows and store what was found.

    :raises Superseded: another worker has taken the import over
    """
    kind = kind_of(row)
    require_permission(kind, row.by)

    def progress(count: int) -> None:
        _go_on(row, at=now(), checked=count)

    found = _check(kind, [stored.row for stored in read_rows(row)], at=now(), progress=progress)
    _finish_check(row, found, at=now())


def apply_import(*, row: Import, now: Clock) -> None:
    """Apply the rows that are new or changed: all at once, or step by step.

    :raises Superseded: another worker has taken the import over
    """
    kind = kind_of(row)
    assert row.confirmed_by
    require_permission(kind, row.confirmed_by)
    try:
        if kind.step is None:
            _apply_at_once(row, kind, now)
        else:
            _apply_in_steps(row, kind, kind.step, now)
    except TwotierError as refusal:
        _stop(row=row, notice=refusal, at=now())


def give_up(*, row: Import, at: datetime) -> None:
    """End the work of an import that takes too long; what was applied before stays."""
    (fail_import if row.status == Status.CHECKING else _stop)(row=row, notice=TOOK_TOO_LONG, at=at)


@transaction.atomic
def fail_import(*, row: Import, notice: Text, at: datetime) -> None:
    """End an import with a sentence for the person."""
    _held(row).update(
        status=Status.FAILED, notice=in_all_languages(notice), finished_at=at, lease_until=None
    )


def _check(
    kind: ImportKind, rows: Sequence[Row], *, at: datetime, progress: Callable[[int], object]
) -> list[StoredRow]:
    """Return the rows with what is found about them."""
    faults = {row.line: find_faults(kind, row) for row in rows}
    readable = [row for row in rows if not faults[row.line]]
    findings: dict[int, Finding] = {
        row.line: finding
        for row, finding in zip(
            readable, kind.check(readable, at=at, progress=progress), strict=True
        )
    }
    return [with_finding(row, findings.get(row.line) or wrong(faults[row.line])) for row in rows]


@transaction.atomic
def _finish_check(
    row: Import, found: Sequence[StoredRow], *, at: datetime, notice: Text = ""
) -> None:
    counts = Counter(stored.outcome for stored in found)
    finished = _held(row).update(
        status=Status.CHECKED, checked=len(found), checked_at=at, lease_until=None, attempts=0,
        new=counts[Outcome.NEW], changed=counts[Outcome.CHANGED],
        unchanged=counts[Outcome.UNCHANGED], wrong=counts[Outcome.WRONG],
        notice=in_all_languages(notice) if notice else {},
    )  # fmt: skip
    if not finished:
        raise Superseded
    store_findings(row, found)


@transaction.atomic
def _apply_at_once(row: Import, kind: ImportKind, now: Clock) -> None:
    """Check again under the locks of the kind, and apply what the person has confirmed."""
    stored = list(read_rows(row))
    if kind.lock:
        kind.lock([each.row for each in stored])
    at = now()
    found = _check(kind, [each.row for each in stored], at=at, progress=lambda _count: None)
    if found != stored:
        _finish_check(row, found, at=at, notice=CHECKED_AGAIN)
        return
    kind.apply(
        [each.row for each in stored if each.outcome != Outcome.WRONG], by=row.confirmed_by, at=at
    )
    _finish(row, applied=row.new + row.changed, at=at)


def _apply_in_steps(row: Import, kind: ImportKind, step: int, now: Clock) -> None:
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        if not _apply_step(row, kind, step, at=now()):
            _finish(row, applied=row.applied, at=now())
            return
    _held(row).update(status=Status.CONFIRMED, lease_until=None, attempts=0)


@transaction.atomic
def _apply_step(row: Import, kind: ImportKind, step: int, *, at: datetime) -> int:
    """Apply the next rows and remember in the same transaction how far; return their number."""
    rows = read_rows(row, limit=step, outcome__in=APPLIED, line__gt=row.applied_to)
    batch = [stored.row for stored in rows]
    if not batch:
        return 0
    kind.apply(batch, by=row.confirmed_by, at=at)
    _go_on(row, at=at, applied=row.applied + len(batch), applied_to=batch[-1].line)
    row.applied, row.applied_to = row.applied + len(batch), batch[-1].line
    return len(batch)


def _finish(row: Import, *, applied: int, at: datetime) -> None:
    finished = _held(row).update(
        status=Status.DONE, applied=applied, finished_at=at, lease_until=None, notice={}
    )
    if not finished:
        raise Superseded  # in a transaction with what was applied


@transaction.atomic
def _stop(*, row: Import, notice: Text, at: datetime) -> None:
    _held(row).update(
        status=Status.STOPPED, notice=in_all_languages(notice), finished_at=at, lease_until=None
    )


@transaction.atomic
def _retry_or_fail(row: Import, *, at: datetime) -> None:
    """Let the import wait for another attempt; after some it has failed."""
    if row.attempts >= MAX_ATTEMPTS:
        fail_import(row=row, notice=UNEXPECTED, at=at)
        return
    before = Status.WAITING if row.status == Status.CHECKING else Status.CONFIRMED
    _held(row).update(status=before, lease_until=None)


def _go_on(row: Import, *, at: datetime, **progress: Any) -> None:
    """Store how far the worker is.

    :raises Superseded: another worker has taken the import over
    """
    if not _held(row).update(lease_until=at + LEASE, **progress):
        raise Superseded


def _held(row: Import) -> QuerySet[Import]:
    """Return the import if the worker still has it, and no other has taken it over."""
    same = Import.objects.filter(pk=row.pk, status=row.status)
    return same.filter(attempts=row.attempts, lease_until__isnull=False)
