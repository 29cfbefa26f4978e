"""Reversal of a document that was posted by mistake."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from closing.events import CLOSING_DOCUMENT_REVERSED
from closing.models import StatementLine, TreasuryDocument
from closing.services.locks import lock_document, lock_statements
from closing.services.treasury import POST_PERMISSION, transfer_source
from common.errors import SelfApprovalForbidden, TwotierError
from common.requirements import require_permission, require_reason
from events.services import record
from ledger.models import Transfer
from ledger.services import reverse
from members.models import User
from members.reviews import require_may_review


class DocumentNotReversible(TwotierError):
    code = "document_not_reversible"
    message = _(
        "This document is on a statement, is needed by another document or is already reversed."
    )


@transaction.atomic
def reverse_document(*, document: TreasuryDocument, reason: str, by: User, at: datetime) -> None:
    """Reverse a document once; another person does it. Its number may then be posted again.

    :raises SelfApprovalForbidden: ``by`` posted it, or it is about ``by``'s own debt
    :raises DocumentNotReversible: a statement or another document depends on it
    :raises PermissionMissing, ReasonRequired, ReviewTooEarly: nothing was changed
    """
    require_permission(by, POST_PERMISSION)
    require_may_review(by.pk)
    reason = require_reason(reason)
    lock_statements()
    lock_document(document.kind, document.number)
    document = TreasuryDocument.objects.select_for_update(no_key=True, of=("self",)).get(
        pk=document.pk
    )
    own_members = {document.by_member, document.by.member_id, document.member_id} - {None, 0}
    if by.pk == document.by_id or by.member_id in own_members:
        raise SelfApprovalForbidden
    if document.reversed_at or not _is_reversible(document):
        raise DocumentNotReversible
    original = Transfer.objects.get(key=document.key)
    reverse(original=original, source=transfer_source(document), effective_at=at)
    document.reversed_by, document.reversed_by_member = by, by.member_id or 0
    document.reversed_at, document.reversal_reason = at, reason
    document.save(
        update_fields=["reversed_by", "reversed_by_member", "reversed_at", "reversal_reason"]
    )
    record(CLOSING_DOCUMENT_REVERSED, document, at=at, by=by, reason=reason)


def _is_reversible(document: TreasuryDocument) -> bool:
    if StatementLine.objects.filter(document=document).exists():
        return False
    if document.kind != TreasuryDocument.Kind.BANK_PAYMENT:
        return True
    returns = TreasuryDocument.objects.active().filter(
        attempt=document.attempt_id, kind=TreasuryDocument.Kind.BANK_RETURN
    )
    return not returns.exists()
