"""Change what a client may do, switch it off and on, and end its previous secret."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from common.errors import TwotierError
from common.requirements import require_permission, require_reason
from events.services import record
from integration.clients import ClientRevoked, known_scopes
from integration.events import (
    INTEGRATION_CLIENT_OLD_SECRET_ENDED,
    INTEGRATION_CLIENT_SCOPES_CHANGED,
    INTEGRATION_CLIENT_SWITCHED_OFF,
    INTEGRATION_CLIENT_SWITCHED_ON,
)
from integration.models import SCOPES, ApiClient
from integration.pausing import MANAGE_PERMISSION
from members.models import User


class ClientWithoutScope(TwotierError):
    code = "client_without_scope"
    message = _("A client needs at least one scope. Switch it off if it may do nothing.")
    status = 400


class ScopesUnchanged(TwotierError):
    code = "scopes_unchanged"
    message = _("The client may do exactly this already. Nothing was changed.")


class ClientIsOff(TwotierError):
    code = "client_is_off"
    message = _("This client is switched off already. Reload the page.")


class ClientIsOn(TwotierError):
    code = "client_is_on"
    message = _("This client is not switched off. Reload the page.")


class NoOldSecret(TwotierError):
    code = "no_old_secret"
    message = _("This client has no previous secret: only the present one is valid.")


@transaction.atomic
def change_scopes(*, client: ApiClient, scopes: Sequence[str], by: User, at: datetime) -> ApiClient:
    """Change what a client may do, from its next request on.

    :raises PermissionMissing: ``by`` may not manage clients
    :raises UnknownScope, ClientWithoutScope, ScopesUnchanged, ClientRevoked: nothing was changed
    """
    require_permission(by, MANAGE_PERMISSION)
    wanted = set(known_scopes(scopes))
    if not wanted:
        raise ClientWithoutScope
    row = _lock(client)
    before, after = list(row.scopes), [scope for scope in SCOPES if scope in wanted]
    if set(before) == wanted:
        raise ScopesUnchanged
    row.scopes = after
    row.save(update_fields=["scopes"])
    record(
        INTEGRATION_CLIENT_SCOPES_CHANGED, row, at=at, by=by,
        before={"scopes": before}, after={"scopes": after},
    )  # fmt: skip
    return row


@transaction.atomic
def switch_off_client(*, client: ApiClient, reason: str, by: User, at: datetime) -> None:
    """Refuse all requests of a client, and send nothing to its endpoints, until it is on again.

    :raises PermissionMissing: ``by`` may not manage clients
    :raises ReasonRequired: there is no reason, or it is too long
    :raises ClientIsOff, ClientRevoked: nothing was changed
    """
    require_permission(by, MANAGE_PERMISSION)
    reason = require_reason(reason)
    row = _lock(client)
    if row.switched_off_at:
        raise ClientIsOff
    row.switched_off_at = at
    row.save(update_fields=["switched_off_at"])
    record(INTEGRATION_CLIENT_SWITCHED_OFF, row, at=at, by=by, reason=reason)


@transaction.atomic
def switch_on_client(*, client: ApiClient, by: User, at: datetime) -> None:
    """Accept requests of a client again, and send what waits for its endpoints.

    :raises PermissionMissing: ``by`` may not manage clients
    :raises ClientIsOn, ClientRevoked: nothing was changed
    """
    require_permission(by, MANAGE_PERMISSION)
    row = _lock(client)
    if not row.switched_off_at:
        raise ClientIsOn
    row.switched_off_at = None
    row.save(update_fields=["switched_off_at"])
    record(INTEGRATION_CLIENT_SWITCHED_ON, row, at=at, by=by)


@transaction.atomic
def end_old_secret(*, client: ApiClient, by: User, at: datetime) -> None:
    """End the previous secret, once the server signs with the present one.

    :raises PermissionMissing: ``by`` may not manage clients
    :raises NoOldSecret, ClientRevoked: nothing was changed
    """
    require_permission(by, MANAGE_PERMISSION)
    row = _lock(client)
    if not row.old_secret_encrypted:
        raise NoOldSecret
    row.old_secret_encrypted = ""
    row.save(update_fields=["old_secret_encrypted"])
    record(INTEGRATION_CLIENT_OLD_SECRET_ENDED, row, at=at, by=by)


def _lock(client: ApiClient) -> ApiClient:
    """Lock a client.

    :raises ClientRevoked: it is revoked
    """
    row = ApiClient.objects.select_for_update(no_key=True).get(pk=client.pk)
    if row.revoked_at:
        raise ClientRevoked
    return row
