"""Drafts of an incentive's terms: created, edited, discarded; ``publication`` goes on from here."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from common.errors import TwotierError
from events.services import record
from incentives.checks import errors_of_storage
from incentives.compliance import unknown_metric
from incentives.events import (
    INCENTIVES_VERSION_DISCARDED,
    INCENTIVES_VERSION_DRAFTED,
    INCENTIVES_VERSION_EDITED,
)
from incentives.models import Incentive, Reward, Version
from incentives.services.versions import (
    add_editor,
    lock_draft,
    lock_incentive,
    raise_invalid,
    raise_unlawful,
    require_open_to_versions,
    save_rewards,
)
from incentives.templates import draft_from_template
from incentives.terms import (
    VERSION_FIELDS,
    as_json,
    copy_rewards,
    copy_terms,
    differences,
    tidy_reward,
)
from members.models import User


class IncentiveHasDraft(TwotierError):
    code = "incentive_has_draft"
    message = _("This incentive has a draft already. Edit that one, or discard it.")


@transaction.atomic
def create_draft(
    *,
    by: User,
    at: datetime,
    template: str = "",
    based_on: Version | None = None,
    as_new: bool = False,
) -> Version:
    """Create a draft: blank, from a template, or with the terms of another version.

    :param template: a key of ``incentives.templates.TEMPLATES``
    :param based_on: the draft becomes the next version of the same incentive
    :param as_new: the draft with the terms of ``based_on`` becomes another incentive instead
    :raises UnknownTemplate: there is no such template
    :raises IncentiveHasDraft: the incentive has a draft already
    :raises IncentiveStopped: the incentive was stopped
    :raises CampaignPublished: it is a campaign that is published
    """
    if based_on is None:
        version, rewards = draft_from_template(template, at=at)
    else:
        version = Version(**copy_terms(based_on), template=based_on.template)
        rewards = copy_rewards(based_on.rewards.all())
    if based_on is None or as_new:
        version.incentive = Incentive.objects.create(created_at=at, created_by=by)
    else:
        version.incentive = lock_incentive(based_on)
        require_open_to_versions(version.incentive)
        if version.incentive.versions.exclude(status=Version.Status.PUBLISHED).exists():
            raise IncentiveHasDraft
    version.editors, version.edited_at = [by.pk], at
    version.save()
    save_rewards(version, rewards)
    record(
        INCENTIVES_VERSION_DRAFTED, version, at=at, by=by,
        incentive=version.incentive.public_id, template=version.template,
    )  # fmt: skip
    return version


@transaction.atomic
def edit(
    *, version: Version, by: User, at: datetime, rewards: Sequence[Reward], **fields: Any
) -> None:
    """Replace the rewards of a draft, and the terms that are given.

    A draft may be incomplete; it is checked when it is handed over.

    :param rewards: unsaved or of this draft; values that their kind does not use are left out
    :param fields: of ``incentives.terms.VERSION_FIELDS``
    :raises IncentiveNotLawful: what it counts are no completed orders
    :raises IncentiveInvalid: a value cannot be stored, such as a negative amount
    :raises WrongStatus: it is published or handed over
    """
    if unknown := fields.keys() - set(VERSION_FIELDS):
        raise TypeError(f"not a term of a version: {', '.join(sorted(unknown))}")
    locked = lock_draft(version)
    before = as_json(locked, list(locked.rewards.all()))
    for name, value in fields.items():
        setattr(locked, name, value)
    rows = [tidy_reward(row, reach=locked.reach) for row in rewards]
    raise_unlawful(unknown_metric(locked))
    raise_invalid(errors_of_storage(locked, rows))
    add_editor(locked, by)
    locked.edited_at = at
    locked.save()
    locked.rewards.all().delete()
    save_rewards(locked, rows)
    version.refresh_from_db()
    old, new = differences(before, as_json(locked, rows))
    record(INCENTIVES_VERSION_EDITED, version, at=at, by=by, before=old, after=new)


@transaction.atomic
def discard(*, version: Version, by: User, at: datetime) -> None:
    """Delete a draft, and its incentive if it has no other version.

    :raises WrongStatus: it is published or handed over
    """
    locked = lock_draft(version)
    record(INCENTIVES_VERSION_DISCARDED, locked, at=at, by=by, discarded=locked.name)
    locked.delete()
    if not locked.incentive.versions.exists():
        locked.incentive.delete()
