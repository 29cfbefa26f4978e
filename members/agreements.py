"""Publish agreements, and record who accepts them."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from common.errors import TwotierError
from common.locks import advisory_lock
from common.requirements import require_permission
from events.services import record
from members.events import MEMBERS_AGREEMENT_ACCEPTED, MEMBERS_AGREEMENT_PUBLISHED
from members.models import Agreement, AgreementAcceptance, Member, User


class AgreementPublished(TwotierError):
    code = "agreement_published"
    message = _("This version is published already. Write a new one.")


class AgreementMissing(TwotierError):
    code = "agreement_missing"
    message = _("The shop has not published this agreement.")
    status = 404


class AgreementOutdated(TwotierError):
    """``data["version"]`` is the current version."""

    code = "agreement_outdated"
    message = _("The current version is %(version)s. Show it, and accept it.")


@transaction.atomic
def publish_agreement(*, agreement: Agreement, by: User, at: datetime) -> None:
    """Give a text the next number of its kind; it is the current one from now on.

    :raises PermissionMissing: ``by`` may not change agreements
    :raises AgreementPublished: it is published already
    """
    require_permission(by, "members.change_agreement")
    advisory_lock(f"agreement:{agreement.kind}")
    versions = Agreement.objects.filter(kind=agreement.kind)
    last = versions.aggregate(last=Max("version"))["last"] or 0
    draft = versions.filter(pk=agreement.pk, published_at=None)
    if draft.update(version=last + 1, published_at=at) != 1:
        raise AgreementPublished
    record(
        MEMBERS_AGREEMENT_PUBLISHED, agreement, at=at, by=by, kind=agreement.kind,
        version=last + 1,
    )  # fmt: skip


def current_agreement(kind: str) -> Agreement:
    """Return the version that is in force.

    :raises AgreementMissing: none is published
    """
    row = Agreement.objects.filter(kind=kind).current().first()
    if row is None:
        raise AgreementMissing
    return row


def accepted_versions(member: Member) -> dict[str, int]:
    """Return the newest version that the member has accepted, by kind."""
    persons = Member.objects.of_person(member.pk)
    rows = AgreementAcceptance.objects.filter(member__in=persons).order_by("agreement__kind")
    newest = rows.values("agreement__kind").annotate(version=Max("agreement__version"))
    return dict(newest.values_list("agreement__kind", "version"))


@transaction.atomic
def accept_agreement(*, member: Member, kind: str, version: int, at: datetime) -> Agreement:
    """Record that a member accepts the current version; a repetition changes nothing.

    :raises AgreementMissing: none is published
    :raises AgreementOutdated: ``version`` is not the current one
    """
    agreement = current_agreement(kind)
    if agreement.version != version:
        raise AgreementOutdated(version=agreement.version)
    advisory_lock(f"acceptance:{member.pk}")
    rows = AgreementAcceptance.objects.filter(member=member, agreement=agreement)
    if not rows.exists():
        AgreementAcceptance.objects.create(member=member, agreement=agreement, accepted_at=at)
        record(MEMBERS_AGREEMENT_ACCEPTED, member, at=at, by=member, kind=kind, version=version)
    return agreement
