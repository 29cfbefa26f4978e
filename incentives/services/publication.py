"""Hand terms over to a second person, who publishes or returns them; and stop an incentive."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from commissions.services.plans import PLAN_LOCK
from common import errors, status
from common.clock import day_start
from common.errors import TwotierError
from common.locks import advisory_lock
from common.money import percent
from common.requirements import require_reason
from events.services import record
from incentives.checks import errors_of
from incentives.compliance import objections
from incentives.events import (
    INCENTIVES_INCENTIVE_STOPPED,
    INCENTIVES_VERSION_PUBLISHED,
    INCENTIVES_VERSION_RETURNED,
    INCENTIVES_VERSION_SUBMITTED,
)
from incentives.models import Budget, Incentive, PeriodKind, Version
from incentives.periods import period_version, span_of
from incentives.services.versions import (
    IncentiveStopped,
    add_editor,
    lock_draft,
    lock_incentive,
    raise_invalid,
    raise_unlawful,
    require_open_to_versions,
)
from incentives.terms import FIXED_AFTER_PUBLICATION, seal_of
from incentives.worst_case import worst_case
from members.models import User
from members.reviews import require_may_review

MAX_LEAD = timedelta(days=366)


class AwardsAboveShare(TwotierError):
    code = "awards_above_share"
    message = _(
        "In the worst case commissions and awards together come to %(share)s of an order of"
        " “%(product)s”, more than the %(limit)s of the settings. Lower a reward, or let orders"
        " count from a higher amount. Nothing was published."
    )
    status = 422


class SelfApprovalForbidden(errors.SelfApprovalForbidden):
    message = _("You have edited this incentive, so another person must review and publish it.")
    status = 403


class IncentiveChanged(TwotierError):
    code = "incentive_changed"
    message = _(
        "The incentive has changed since you opened this page. Nothing was published: read it"
        " again."
    )


class IncentiveStartInvalid(TwotierError):
    code = "incentive_start_invalid"
    message = _(
        "The start must be within a year from now, before the end, and not before the start of a"
        " published version. Nothing was published."
    )
    status = 422


class IncentiveNotPublished(TwotierError):
    code = "incentive_not_published"
    message = _("This incentive was never published: there is nothing to stop. Discard its draft.")


@transaction.atomic
def submit(*, version: Version, by: User, at: datetime) -> None:
    """Hand a draft over for publication; from now on nobody changes it.

    Who hands it over counts as an editor.

    :raises IncentiveInvalid: a field must be corrected
    :raises IncentiveNotLawful: the law forbids these terms
    :raises AwardsAboveShare: an order could give more than the settings allow
    :raises WrongStatus: it is published or handed over
    """
    locked = lock_draft(version)
    require_publishable(locked, at=at)
    add_editor(locked, by)
    locked.save(update_fields=["editors"])
    status.move(
        version, to=Version.Status.SUBMITTED, submitted_by=by, submitted_at=at, return_reason=""
    )
    version.editors = locked.editors
    record(INCENTIVES_VERSION_SUBMITTED, version, at=at, by=by)


@transaction.atomic
def return_to_draft(*, version: Version, by: User, at: datetime, reason: str) -> None:
    """Make a version that was handed over a draft again: for its reviewer or for its editors.

    :raises ReasonRequired: no reason, or one that is too long
    :raises WrongStatus: it was not handed over, or is published already
    """
    text = require_reason(reason)
    locked = Version.objects.select_for_update(no_key=True).get(pk=version.pk)
    status.expect(locked, Version.Status.SUBMITTED, to=Version.Status.DRAFT)
    status.move(
        version, to=Version.Status.DRAFT, submitted_by=None, submitted_at=None, return_reason=text
    )
    record(INCENTIVES_VERSION_RETURNED, version, at=at, by=by, reason=text)


@transaction.atomic
def publish(
    *,
    version: Version,
    by: User,
    at: datetime,
    starts_at: datetime | None = None,
    seal: str = "",
) -> None:
    """Publish a draft, or one that was handed over, as the next version of its incentive.

    Orders paid from ``starts_at`` on count by it, else from the start in its terms, else from
    ``at`` on.

    :param seal: what ``seal_of`` returned for what ``by`` has read; empty: not compared
    :raises SelfApprovalForbidden: ``by`` has edited it
    :raises IncentiveChanged: its terms are not those with the seal
    :raises ReviewTooEarly: the account of ``by`` or of an editor has just changed
    :raises IncentiveInvalid: a field must be corrected
    :raises IncentiveNotLawful: the law forbids these terms
    :raises AwardsAboveShare: an order could give more than the settings allow
    :raises IncentiveStartInvalid: the start is in the past, too late, or before another version's
    :raises CampaignPublished: it is a campaign that is published
    :raises IncentiveStopped: the incentive was stopped
    :raises WrongStatus: it is published already
    """
    # What is published at once, also a plan, would miss the other in the worst case of an order.
    advisory_lock("incentives.publication", PLAN_LOCK)
    incentive = lock_incentive(version)  # two versions published at once would get one number
    locked = Version.objects.select_for_update(no_key=True).get(pk=version.pk)
    status.require_move(locked, to=Version.Status.PUBLISHED)
    if by.pk in locked.editors:
        raise SelfApprovalForbidden
    require_may_review(by.pk, *locked.editors)
    if seal and seal != seal_of(locked):
        raise IncentiveChanged
    require_open_to_versions(incentive)
    locked.incentive = incentive
    locked.starts_at = _start(locked, starts_at, at=at)
    require_publishable(locked, at=at)
    raise_invalid(_errors_of_start(locked))
    if locked.starts_at > at:
        raise_invalid(_errors_of_early_budget(locked))
    number = (incentive.versions.aggregate(last=Max("number"))["last"] or 0) + 1
    status.move(
        version, to=Version.Status.PUBLISHED, number=number, published_by=by, published_at=at,
        starts_at=locked.starts_at,
    )  # fmt: skip
    _set_budget(version)
    record(
        INCENTIVES_VERSION_PUBLISHED, version, at=at, by=by, incentive=incentive.public_id,
        number=number, starts_at=locked.starts_at,
    )  # fmt: skip


@transaction.atomic
def stop(*, incentive: Incentive, by: User, at: datetime, reason: str) -> None:
    """Stop an incentive: orders paid from now on do not count, what was reached stays.

    :raises ReasonRequired: no reason, or one that is too long
    :raises IncentiveNotPublished: it has only a draft
    :raises IncentiveStopped: it was stopped before
    """
    text = require_reason(reason)
    locked = Incentive.objects.select_for_update(no_key=True).get(pk=incentive.pk)
    if locked.stopped_at:
        raise IncentiveStopped
    if not locked.versions.published().exists():
        raise IncentiveNotPublished
    incentive.stopped_at, incentive.stopped_by, incentive.stop_reason = at, by, text
    incentive.save(update_fields=["stopped_at", "stopped_by", "stop_reason"])
    record(INCENTIVES_INCENTIVE_STOPPED, incentive, at=at, by=by, reason=text)


def require_publishable(version: Version, *, at: datetime) -> None:
    """Check everything that does not depend on who publishes, in the order people correct it.

    :raises IncentiveInvalid: a field must be corrected
    :raises IncentiveNotLawful: the law forbids these terms
    :raises AwardsAboveShare: an order could give more than the settings allow
    """
    rewards = list(version.rewards.select_related("coupon", "gift", "level"))
    # The law first: nobody should correct the fields of terms that can never be published.
    raise_unlawful(objections(version, rewards))
    raise_invalid(errors_of(version, rewards, at=at) | _errors_beside_others(version))
    case = worst_case(version, rewards, at=at)
    if case.is_above_limit:
        raise AwardsAboveShare(
            product=case.product, share=percent(case.total), limit=percent(case.limit)
        )


def _errors_beside_others(version: Version) -> dict[str, list[str]]:
    """Return the errors that only the other versions and the awards given show."""
    errors: dict[str, list[str]] = {}
    last = version.incentive.versions.published().order_by("-number").first()
    for name in FIXED_AFTER_PUBLICATION if last else ():
        if getattr(version, name) != getattr(last, name):
            errors[name] = [gettext("This stays as published. Start another incentive instead.")]
    given = Budget.objects.filter(incentive=version.incentive_id).first()
    for name, used in (
        ("budget_awards", given and given.awards), ("budget_amount", given and given.amount),
    ):  # fmt: skip
        limit = getattr(version, name)
        if used and limit is not None and limit < used:
            errors[name] = [gettext("More than this budget has been given already.")]
    return errors


def _errors_of_early_budget(version: Version) -> dict[str, list[str]]:
    """Return what would change the budget of the versions before this one.

    All versions have one budget, which is that of the version published last.
    """
    budget = Budget.objects.filter(incentive=version.incentive_id).first()
    before = version.incentive.versions.published().filter(starts_at__lt=version.starts_at)
    if budget is None or not before.exists():
        return {}
    limits = {"budget_awards": budget.awards_limit, "budget_amount": budget.amount_limit}
    text = gettext(
        "A budget changes at once: publish this on the day it starts, or keep the budget of the"
        " version before."
    )
    return {name: [text] for name, limit in limits.items() if getattr(version, name) != limit}


def _start(version: Version, wanted: datetime | None, *, at: datetime) -> datetime:
    """Return from when a version is in force.

    :raises IncentiveStartInvalid: it is in the past, too far ahead, or before another version's
    """
    start = wanted or max(version.starts_at or at, at)
    last = version.incentive.versions.published().aggregate(last=Max("starts_at"))["last"]
    too_late = start > at + MAX_LEAD or (version.ends_at is not None and start >= version.ends_at)
    if start < at or too_late or (last is not None and start < last):
        raise IncentiveStartInvalid
    return start


def _errors_of_start(version: Version) -> dict[str, list[str]]:
    """Return why a version cannot start in a period whose own version ends before it is over.

    A period keeps its terms, and these say that orders after their end do not count.
    """
    published = list(version.incentive.versions.published().select_related("incentive"))
    if not published or version.starts_at is None or version.period == PeriodKind.EACH:
        return {}
    span = span_of(version, version.starts_at)
    counting = period_version(published, span.start)
    if counting is None or counting.ends_at is None or span.end is None:
        return {}
    if counting.ends_at >= day_start(span.end):
        return {}
    text = gettext("The terms of this period end within it: start on %(day)s or later.")
    return {"starts_at": [text % {"day": span.end.isoformat()}]}


def _set_budget(version: Version) -> None:
    limits = {"awards_limit": version.budget_awards, "amount_limit": version.budget_amount}
    Budget.objects.update_or_create(incentive_id=version.incentive_id, defaults=limits)
