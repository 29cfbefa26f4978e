"""A document that was posted by mistake is taken back by somebody else."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from closing.models import BillRow, Document
from closing.services.refusals import NotYours, check_may, given
from closing.services.treasury import POST, source_of, turn_of
from common.errors import TwotierError
from common.locks import take_turns
from events.services import happened
from ledger.models import Transfer
from ledger.services import reverse
from members.models import User


class NotReversible(TwotierError):
    code = "not_reversible"
    message = _("This stands on a bill or under another document, or is reversed already.")


@transaction.atomic
def reverse_document(*, document: Document, reason: str, by: User, at: datetime) -> None:
    """Take back what was posted by mistake: by somebody else, and once. The number is free again.

    :raises NotYours: they have posted it themselves, or it is their own debt
    :raises NotReversible: the provider's bill has it, or another document stands on it
    :raises WrongStatus, NotAllowed, NoReason: nothing was changed
    """
    check_may(by, POST)
    reason = given(reason)
    take_turns("closing.bill", turn_of(document.kind, document.number))
    document = Document.objects.select_for_update(no_key=True, of=("self",)).get(pk=document.pk)
    themselves = {document.by.member_id, document.member_id} - {None}
    if by.pk == document.by_id or by.member_id in themselves:
        raise NotYours
    if document.reversed_at or not _may_be_reversed(document):
        raise NotReversible
    original = Transfer.objects.get(key=document.key)
    reverse(original=original, source=source_of(document), effective_at=at)
    document.reversed_by, document.reversed_at, document.reversed_why = by, at, reason
    document.save(update_fields=["reversed_by", "reversed_at", "reversed_why"])
    happened("closing.document_reversed", document, at=at, by=by, reason=reason)


def _may_be_reversed(document: Document) -> bool:
    if BillRow.objects.filter(document=document).exists():
        return False
    returned = Document.objects.standing().filter(
        attempt=document.attempt_id, kind=Document.Kind.BANK_RETURN
    )
    is_payment = document.kind == Document.Kind.BANK_PAYMENT
    return not (is_payment and returned.exists())
