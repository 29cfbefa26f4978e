"""What every change of an incentive's versions asks first, and its errors."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from common import status
from common.errors import TwotierError
from incentives.compliance import Objection
from incentives.models import Incentive, PeriodKind, Reward, Version
from members.models import User


class IncentiveInvalid(TwotierError):
    """``data["errors"]``: texts by field; of a reward by ``rewards.{index from 0}.{field}``."""

    code = "incentive_invalid"
    message = _("%(reason)s Nothing was saved or published.")
    status = 422


class IncentiveNotLawful(TwotierError):
    code = "incentive_not_lawful"
    message = _("%(reason)s Nothing was saved or published.")
    status = 422


class CampaignPublished(TwotierError):
    code = "campaign_published"
    message = _(
        "A campaign keeps the terms that members saw when it was published. Stop it, and start"
        " another with its terms."
    )


class IncentiveStopped(TwotierError):
    code = "incentive_stopped"
    message = _("This incentive was stopped. Copy its terms into another one instead.")


def lock_incentive(version: Version) -> Incentive:
    """Lock and return the incentive of a version: before its versions, by every verb."""
    return Incentive.objects.select_for_update(no_key=True).get(pk=version.incentive_id)


def lock_draft(version: Version) -> Version:
    """Lock and return a draft.

    :raises WrongStatus: it is published or handed over
    """
    locked = Version.objects.select_for_update(no_key=True).get(pk=version.pk)
    status.expect(locked, Version.Status.DRAFT, to=Version.Status.DRAFT)
    return locked


def add_editor(draft: Version, by: User) -> None:
    """Add to the people who may not publish a draft; the caller holds its lock and saves it."""
    if by.pk not in draft.editors:
        draft.editors.append(by.pk)


def save_rewards(version: Version, rewards: Iterable[Reward]) -> None:
    rows = list(rewards)
    for row in rows:
        row.pk, row.version = None, version
    Reward.objects.bulk_create(rows)


def require_open_to_versions(incentive: Incentive) -> None:
    """Check that another version may follow; the caller holds the incentive's lock.

    A campaign is a single period, which counts by the terms at its start.

    :raises IncentiveStopped: it was stopped
    :raises CampaignPublished: it is a campaign
    """
    if incentive.stopped_at:
        raise IncentiveStopped
    if incentive.versions.published().filter(period=PeriodKind.CAMPAIGN).exists():
        raise CampaignPublished


def raise_invalid(errors: Mapping[str, Sequence[Any]]) -> None:
    """:raises IncentiveInvalid: there are errors"""
    if errors:
        texts = [str(text) for found in errors.values() for text in found]
        raise IncentiveInvalid(reason=" ".join(dict.fromkeys(texts)), errors=dict(errors))


def raise_unlawful(objections: Sequence[Objection]) -> None:
    """:raises IncentiveNotLawful: there are objections"""
    if objections:
        raise IncentiveNotLawful(
            reason=" ".join(row.text for row in objections), codes=[row.code for row in objections]
        )
