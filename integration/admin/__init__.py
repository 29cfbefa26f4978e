"""Merges of members, and the clients of the API."""

from django.utils.translation import gettext_lazy as _

from backoffice import menu
from integration.admin import (
    client_panels,
    clients,
    mall_imports,
    member_import,
    merge_queue,
    merges,
)

__all__ = [
    "client_panels", "clients", "mall_imports", "member_import", "merge_queue", "merges",
]  # fmt: skip

menu.register("people", (_("Merges of members"), "merge", "members.membermerge"))
menu.register("system", (_("API clients"), "key", "integration.apiclient"))
