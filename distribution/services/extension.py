"""Staff give a binding a later expiry."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from common.errors import TwotierError, violated_constraint
from common.locks import lock_rows
from common.requirements import require_reason
from distribution.events import DISTRIBUTION_EXTENDED
from distribution.models import Binding, BindingExtension
from distribution.models.relations import EXTENSION_LIMIT
from distribution.services.unbind import lock_members
from events.services import record
from members.models import User

OWN_CONSTRAINT = "binding_extension_not_own"


class OwnBinding(TwotierError):
    code = "own_binding"
    message = _("This is a binding of your own or of your own team: ask a colleague.")
    status = 403


class BindingOver(TwotierError):
    code = "binding_over"
    message = _("This binding is over, so it cannot be extended: give the member an upline again.")


class BindingWithoutExpiry(TwotierError):
    code = "binding_without_expiry"
    message = _("This binding does not expire: there is nothing to extend.")


class ExpiryNotLater(TwotierError):
    code = "expiry_not_later"
    message = _(
        "The new expiry must be later than the present one, and at most ten years ahead. Nothing"
        " was changed: reload the page to see the present one."
    )
    status = 400


@dataclass(frozen=True, slots=True)
class ExtensionPreview:
    """Whether a binding can be extended, or was: ``error`` says why not."""

    binding: Binding
    error: TwotierError | None


def preview_extensions(
    *, bindings: Sequence[Binding], until: datetime, at: datetime
) -> list[ExtensionPreview]:
    """Return which of these bindings ``extend`` would extend now."""
    keys = [binding.pk for binding in bindings]
    in_force = Binding.objects.running().in_force(at).filter(pk__in=keys).in_bulk()
    return [
        ExtensionPreview(binding, _obstacle(in_force.get(binding.pk), until, at=at))
        for binding in bindings
    ]


@transaction.atomic
def extend(
    *, binding: Binding, until: datetime, reason: str, by: User, at: datetime
) -> BindingExtension:
    """Let a binding in force expire later; orders placed until then pay its upline.

    :raises ReasonRequired: the reason is empty or too long
    :raises BindingOver: the binding has ended or expired, or its upline has exited
    :raises BindingWithoutExpiry: it lasts until somebody ends it
    :raises ExpiryNotLater: it lasts until then already, or the moment is too far away
    :raises OwnBinding: ``by`` is the member or the upline
    """
    reason = require_reason(reason)
    lock_members(binding.member_id)
    lock_rows(Binding.objects.filter(pk=binding.pk))  # an order that renews it locks only this row
    current = Binding.objects.running().in_force(at).filter(pk=binding.pk).first()
    if obstacle := _obstacle(current, until, at=at):
        raise obstacle
    assert current, "an obstacle otherwise"
    extension = _save(current, until, reason=reason, by=by, at=at)
    record(
        DISTRIBUTION_EXTENDED, current.member, at=at, by=by, binding=current.public_id,
        reason=reason, before={"expires_at": current.expires_at}, after={"expires_at": until},
    )  # fmt: skip
    return extension


@transaction.atomic
def extend_many(
    *, bindings: Iterable[Binding], until: datetime, reason: str, by: User, at: datetime
) -> list[ExtensionPreview]:
    """Extend each of these bindings; a refusal of one does not affect the others.

    :raises ReasonRequired: the reason is empty or too long
    """
    reason = require_reason(reason)
    rows = sorted(bindings, key=lambda row: row.member_id)
    lock_members(*[row.member_id for row in rows])
    results = []
    for row in rows:
        try:
            extend(binding=row, until=until, reason=reason, by=by, at=at)
        except TwotierError as error:
            results.append(ExtensionPreview(row, error))
        else:
            results.append(ExtensionPreview(row, None))
    return results


def _obstacle(current: Binding | None, until: datetime, *, at: datetime) -> TwotierError | None:
    """Return what stands against an extension; ``current`` is the binding if it is in force."""
    if current is None:
        return BindingOver()
    if current.expires_at is None:
        return BindingWithoutExpiry()
    if not current.expires_at < until <= at + EXTENSION_LIMIT:
        return ExpiryNotLater()
    return None


def _save(
    binding: Binding, until: datetime, *, reason: str, by: User, at: datetime
) -> BindingExtension:
    """Move the expiry and record it; the binding is locked."""
    assert binding.expires_at, "an obstacle otherwise"
    try:
        with transaction.atomic():
            Binding.objects.filter(pk=binding.pk).update(expires_at=until)
            return BindingExtension.objects.create(
                binding=binding, expired_at=binding.expires_at, expires_at=until, reason=reason,
                by=by, by_member=by.member_id or 0, at=at,
            )  # fmt: skip
    except IntegrityError as error:
        if violated_constraint(error) != OWN_CONSTRAINT:
            raise
        raise OwnBinding from None
