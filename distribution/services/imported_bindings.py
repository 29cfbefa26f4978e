"""Import the bindings that a member had in another system."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from common.errors import TwotierError, violated_constraint
from distribution.events import DISTRIBUTION_BOUND, DISTRIBUTION_UNBOUND
from distribution.models import Binding, Distributor, Policy, Source
from distribution.services.binding import NO_EVIDENCE, insert_binding, record_referral
from distribution.services.unbind import end_binding, end_lapsed_binding, lock_members
from events.services import record
from members.models import Member


class BindingNotImported(TwotierError):
    code = "binding_not_imported"
    message = _(
        "The binding of member %(member)s from %(started_at)s contradicts what is stored"
        " (%(rule)s). Correct it in the file."
    )


@transaction.atomic
def import_binding(
    *,
    member: Member,
    distributor: Distributor,
    started_at: datetime,
    ended_at: datetime | None,
    ends: bool,
) -> None:
    """Store a binding as another system had it, or its end if it is stored; idempotent.

    The policy for poaching and for new members does not apply to the past. Import the bindings of
    all members by ``started_at``: the check for circles looks at those that are stored.

    :param ended_at: ``None`` if it had not ended by the moment of the import
    :param ends: whether it ended, now or later; one that did not expires by the policy
    :raises BindingNotImported: it violates a constraint, such as an overlap or a circle
    """
    lock_members(member.pk)
    end_lapsed_binding(member, at=started_at)
    persons = Member.objects.of_person(member.pk).values("pk")
    binding = Binding.objects.filter(member__in=persons, started_at=started_at).first()
    if binding is None:
        record_referral(
            member, distributor.member, source=Source.IMPORT, at=started_at, evidence=NO_EVIDENCE
        )
        days = None if ends else Policy.current().binding_days
        binding = Binding(
            member=member, distributor=distributor, source=Source.IMPORT, started_at=started_at,
            expires_at=started_at + timedelta(days=days) if days else None,
        )  # fmt: skip
        _insert(binding, ended_at)
    elif ended_at and binding.ended_at is None and not _expires(binding, by=ended_at):
        end_binding(binding, end_reason=Binding.EndReason.IMPORTED, at=ended_at)
        _record_end(binding, ended_at)


def _insert(binding: Binding, ended_at: datetime | None) -> None:
    if ended_at:
        binding.ended_at, binding.end_reason = ended_at, Binding.EndReason.IMPORTED
    try:
        with transaction.atomic():
            insert_binding(binding)
    except IntegrityError as error:
        if not (rule := violated_constraint(error)):
            raise
        raise BindingNotImported(
            member=binding.member.public_id, started_at=binding.started_at, rule=rule
        ) from None
    record(
        DISTRIBUTION_BOUND, binding.member, at=binding.started_at, binding=binding.public_id,
        source=binding.source,
    )  # fmt: skip
    if ended_at:
        _record_end(binding, ended_at)


def _expires(binding: Binding, *, by: datetime) -> bool:
    return binding.expires_at is not None and binding.expires_at <= by


def _record_end(binding: Binding, ended_at: datetime) -> None:
    record(
        DISTRIBUTION_UNBOUND, binding.member, at=ended_at, binding=binding.public_id,
        end_reason=Binding.EndReason.IMPORTED, reason=None,
    )  # fmt: skip
