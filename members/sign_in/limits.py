"""Limit the password links that are asked for on the public page."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.crypto import salted_hmac

from common.locks import advisory_lock
from members.models import PasswordLinkRequest

PERIOD = timedelta(hours=1)
MAX_BY_EMAIL = 5
MAX_BY_CLIENT = 20  # an office shares one address


@transaction.atomic
def count_link_request(*, email: str, client: str | None, at: datetime) -> bool:
    """Count a request for a password link; return whether it is within the limits.

    :param email: as it was typed, whether an account has it or not
    :param client: the address of the client; None: unknown, so that only ``email`` is limited
    """
    advisory_lock("members.password_link")
    PasswordLinkRequest.objects.filter(at__lte=at - PERIOD).delete()
    hashes = {"email_hash": _hash(email.lower()), "client_hash": _hash(client or "")}
    by_email = PasswordLinkRequest.objects.filter(email_hash=hashes["email_hash"])
    by_client = PasswordLinkRequest.objects.filter(client_hash=hashes["client_hash"])
    if by_email.count() >= MAX_BY_EMAIL or (client and by_client.count() >= MAX_BY_CLIENT):
        return False
    PasswordLinkRequest.objects.create(at=at, **hashes)
    return True


def _hash(value: str) -> str:
    return salted_hmac("members.password_link", value, algorithm="sha256").hexdigest()
