"""Start an import that a colleague prepared, run it turn by turn, stop it and let it go on."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

from django.db import IntegrityError, transaction
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from common import status
from common.errors import TwotierError, violated_constraint
from common.requirements import require_permission, require_two_people
from events.services import record
from integration.events import (
    INTEGRATION_IMPORT_FINISHED,
    INTEGRATION_IMPORT_STARTED,
    INTEGRATION_IMPORT_STOPPED,
)
from integration.mall import replay
from integration.mall.checks import Checked
from integration.mall.files import Files, read_all
from integration.mall.goods_and_rules import import_goods_and_rules, needs_plan
from integration.mall.left_out import LeftOut
from integration.mall.order_conflicts import file_order_conflicts
from integration.mall.retries import with_retries
from integration.mall_imports import claims, storage
from integration.mall_imports.checking import check_files, digest_of, seal_of
from integration.mall_imports.preparing import PREPARE, START
from integration.models import MallImport
from members.models import User
from members.reviews import require_may_review

PUBLISH_PLAN = "commissions.publish_plan"
TURN_SECONDS = 60.0
"""Then other work gets the worker; the next turn reads the files again and goes on."""
Status = MallImport.Status


class MallImportChanged(TwotierError):
    code = "mall_import_changed"
    message = _(
        "The files, the options or what the check found have changed since you opened this page."
        " Nothing was started: look at it again."
    )


class AnotherMallImportRuns(TwotierError):
    code = "another_mall_import_runs"
    message = _(
        "Another mall is being imported. Two histories at once would not run in the order of time:"
        " start this one when that is done."
    )


class ShopChangedSinceCheck(TwotierError):
    code = "shop_changed_since_check"
    message = _(
        "What is stored has changed since the files were checked, and they no longer fit. Have them"
        " checked again."
    )


@transaction.atomic
def start(*, mall_import: MallImport, seal: str, by: User, at: datetime) -> None:
    """Let a worker import what the check has shown, or go on with it after a stop.

    :param seal: that of the page which ``by`` has read
    :raises PermissionMissing: ``by`` may not start imports, or not publish the plan in it
    :raises SelfApprovalForbidden: ``by`` has prepared it
    :raises ReviewTooEarly: an account of the two has just changed
    :raises MallImportChanged: the files or what was found are not those with the seal
    :raises AnotherMallImportRuns: one import runs at a time
    :raises WrongStatus: it is not checked, has errors, or is over
    """
    require_permission(by, START)
    locked = MallImport.objects.select_for_update(no_key=True).get(pk=mall_import.pk)
    if locked.publishes_plan:
        require_permission(by, PUBLISH_PLAN)
    if seal != locked.seal:
        raise MallImportChanged
    require_may_review(by.pk, locked.by_id)
    try:
        with require_two_people({"mallimport_four_eyes"}):
            before = status.move(
                mall_import, to=Status.RUNNING, starter=by, starter_member=by.member_id or 0,
                started_at=at, failure={}, attempts=0, goods=None,
            )  # fmt: skip
    except IntegrityError as error:
        if violated_constraint(error) == "mallimport_one_running":
            raise AnotherMallImportRuns from None
        raise
    record(
        INTEGRATION_IMPORT_STARTED, mall_import, at=at, by=by, events=locked.events_total,
        again=before == Status.STOPPED,
    )  # fmt: skip


@transaction.atomic
def stop(*, mall_import: MallImport, by: User, at: datetime) -> None:
    """Stop after the batch that is being imported. What was imported stays.

    :raises PermissionMissing: ``by`` may neither prepare nor start imports
    :raises WrongStatus: it is not running
    """
    if not by.has_perm(PREPARE):
        require_permission(by, START)
    status.move(mall_import, to=Status.STOPPED, lease_until=None)
    mall_import.refresh_from_db()
    record(
        INTEGRATION_IMPORT_STOPPED, mall_import, at=at, by=by, events=mall_import.events_done,
        failed=False,
    )  # fmt: skip


def run_turn(
    mall_import: MallImport,
    *,
    now: Callable[[], datetime],
    seconds: float = TURN_SECONDS,
) -> None:
    """Go on with a claimed import for a while. Runs outside of any transaction.

    The first turn after a check or a stop checks the files again, and imports goods and rules;
    every turn replays a part of the history. Whatever interrupts it, the next one goes on from the
    last batch.

    :param now: reads the clock
    """
    with translation.override(mall_import.language):
        try:
            with storage.files_as_folder(mall_import) as folder:
                files = _prepared(mall_import, folder, now)
                end = time.monotonic() + seconds
                if _replay(mall_import, files, now, lambda: time.monotonic() > end):
                    _finish(mall_import, at=now())
                else:
                    claims.give_back(mall_import)
        except claims.LostHold:
            return
        except TwotierError as refusal:
            claims.fail(mall_import, refusal, at=now())


def _prepared(mall_import: MallImport, folder: Path, now: Callable[[], datetime]) -> Files:
    """Return the files without what is left out; the goods and rules are imported by then.

    :raises ShopChangedSinceCheck: the files no longer fit to what is stored
    """
    if mall_import.goods is not None:
        files, _unreadable = read_all(folder, mall_import.time_zone)
        return LeftOut(files, set(mall_import.left_out)).remaining()
    checked = check_files(mall_import, folder, at=now())
    if checked.fatal or seal_of(mall_import, digest_of(checked)) != mall_import.seal:
        raise ShopChangedSinceCheck
    _import_goods(mall_import, checked, now)
    return checked.files


def _import_goods(mall_import: MallImport, checked: Checked, now: Callable[[], datetime]) -> None:
    held_orders = 0
    if checked.problems:
        held_orders = file_order_conflicts(
            checked.all_files, checked.problems, until=mall_import.until, clock=now()
        )
    assert mall_import.starter  # a CHECK
    people = (mall_import.by, mall_import.starter) if needs_plan(checked.files) else None
    goods = with_retries(
        lambda: import_goods_and_rules(
            checked.files, name=mall_import.name, people=people, at=now()
        )
    )
    claims.save_progress(
        mall_import, at=now(), goods=asdict(goods), held_orders=held_orders,
        left_out=sorted(checked.left_out.numbers) if checked.left_out else [],
    )  # fmt: skip


def _replay(
    mall_import: MallImport,
    files: Files,
    now: Callable[[], datetime],
    is_over: Callable[[], bool],
) -> bool:
    """Replay history until the turn is over; return whether it is complete."""
    batches = replay.replay(files, until=mall_import.until, clock=now(), after=mall_import.reached)
    for progress in batches:
        claims.save_progress(
            mall_import, at=now(), reached=progress.until,
            events_done=min(progress.event_count, mall_import.events_total),
        )  # fmt: skip
        if is_over():
            return progress.event_count >= mall_import.events_total
    return True


@transaction.atomic
def _finish(mall_import: MallImport, *, at: datetime) -> None:
    if not claims.held(mall_import).select_for_update(no_key=True).exists():
        return
    status.move(
        mall_import, to=Status.DONE, finished_at=at, lease_until=None,
        events_done=mall_import.events_total,
    )  # fmt: skip
    record(
        INTEGRATION_IMPORT_FINISHED, mall_import, at=at, by=mall_import.starter,
        events=mall_import.events_total,
    )  # fmt: skip
