"""System checks for what must agree across rooms; ``manage.py check`` runs them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.checks import Warning as CheckWarning
from django.db import connection, connections
from django.db.migrations.executor import MigrationExecutor
from django.utils.module_loading import import_string

from config import event_docs
from wechatpay.merchant import SETTINGS, invalid_settings
from withdrawals.models import Policy

MIN_POSTGRESQL_VERSION = 150_000
MIN_SECRET_LENGTH = 32
MIN_DIFFERENT_CHARACTERS = 10
WECHATPAY_SETTINGS = sorted(set(SETTINGS.values()) - {"WECHATPAY_URL"})  # it has a default


@register()
def flows_resolve(**_: Any) -> list[CheckMessage]:
    """Every follower named in the flows can be called."""
    problems: list[CheckMessage] = []
    for table in ("IN_TRANSACTION", "AFTER_COMMIT"):
        for event_type, followers in import_string(f"{settings.FLOWS}.{table}").items():
            for name in followers:
                try:
                    is_callable = callable(import_string(name))
                except ImportError:
                    is_callable = False
                if not is_callable:
                    problems.append(
                        Error(
                            f"{settings.FLOWS}.{table}: {name}, to follow {event_type}, "
                            "is not a function.",
                            hint="Name an existing function by its dotted path.",
                            id="config.E001",
                        )
                    )
    return problems


@register()
def followed_events_are_declared(**_: Any) -> list[CheckMessage]:
    """Check that some room declares every event that the flows follow."""
    declared = {each for types in event_docs.declared().values() for each in types}
    return [
        Error(
            f"{settings.FLOWS}.{table}: {event_type} is declared by no room.",
            hint="Declare it in the events.py of its room, or correct its name.",
            id="config.E004",
        )
        for table in ("IN_TRANSACTION", "AFTER_COMMIT")
        for event_type in import_string(f"{settings.FLOWS}.{table}")
        if event_type not in declared
    ]


@register(Tags.security, deploy=True)
def secrets_are_random(**_: Any) -> list[CheckMessage]:
    """Check that no secret is short, repetitive or used twice. The messages do not repeat them."""
    secrets = [("SECRET_KEY", settings.SECRET_KEY), ("FINGERPRINT_KEY", settings.FINGERPRINT_KEY)]
    secrets += [("FIELD_ENCRYPTION_KEYS", key) for key in settings.FIELD_ENCRYPTION_KEYS]
    values = [secret for _name, secret in secrets]
    problems: list[CheckMessage] = [
        Error(
            f"{name} can be guessed.",
            hint=f"Use at least {MIN_SECRET_LENGTH} random characters: openssl rand -hex 32.",
            id="config.E005",
        )
        for name, secret in secrets
        if len(secret) < MIN_SECRET_LENGTH or len(set(secret)) < MIN_DIFFERENT_CHARACTERS
    ]
    if len(set(values)) < len(values):
        problems.append(
            Error(
                "Two of SECRET_KEY, FIELD_ENCRYPTION_KEYS and FINGERPRINT_KEY are equal.",
                hint="Create each on its own: openssl rand -hex 32.",
                id="config.E006",
            )
        )
    return problems


@register(Tags.security, deploy=True)
def host_names_are_listed(**_: Any) -> list[CheckMessage]:
    if not any(name.strip().startswith("*") for name in settings.ALLOWED_HOSTS):
        return []
    return [
        Error(
            "ALLOWED_HOSTS accepts every host: links in mails could lead to another site.",
            hint="List the shop's own host names.",
            id="config.E007",
        )
    ]


@register(deploy=True)
def shop_can_open(**_: Any) -> list[CheckMessage]:
    """Check that the database is migrated and that a tax regime was chosen."""
    executor = MigrationExecutor(connection)
    if missing := executor.migration_plan(executor.loader.graph.leaf_nodes()):
        return [
            Error(
                f"{len(missing)} migrations have not run.",
                hint="Run manage.py migrate.",
                id="config.E008",
            )
        ]
    if Policy.current().regime == Policy.Regime.NONE:
        return [
            Error(
                "No tax regime is chosen: nothing is paid out.",
                hint="Ask the tax adviser, then set it in Withdrawals, Payout policy in the admin.",
                id="config.E009",
            )
        ]
    return []


@register()
def wechat_pay_is_complete(**_: Any) -> list[CheckMessage]:
    """Check that the settings of WeChat Pay are all set and can be used, or none is set."""
    names = invalid_settings()
    if settings.PAYOUT_GATEWAY == "wechat" and names:
        return [
            Error(
                f"PAYOUT_GATEWAY is wechat, and missing or invalid are: {', '.join(names)}.",
                hint="Copy them from the merchant platform of WeChat Pay; keys are PEM texts.",
                id="config.E010",
            )
        ]
    given = [name for name in WECHATPAY_SETTINGS if getattr(settings, name)]
    if settings.PAYOUT_GATEWAY != "wechat" and given and names:
        return [
            CheckWarning(
                f"WeChat Pay is half configured: missing or invalid are {', '.join(names)}.",
                hint=f"Complete them and set PAYOUT_GATEWAY=wechat, or remove {', '.join(given)}.",
                id="config.W001",
            )
        ]
    return []


@register(Tags.database)
def postgresql_is_recent(databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    """The guards of money are PostgreSQL's, from version 15 on."""
    problems: list[CheckMessage] = []
    for alias in databases or []:
        connection = connections[alias]
        if connection.vendor != "postgresql":
            problems.append(
                Error(
                    "Twotier runs on PostgreSQL only.", hint="Set DATABASE_URL.", id="config.E002"
                )
            )
            continue
        connection.ensure_connection()
        version = connection.connection.server_version
        if version < MIN_POSTGRESQL_VERSION:
            problems.append(
                Error(
                    f"PostgreSQL {version // 10_000} is too old.",
                    hint="Use PostgreSQL 15 or newer.",
                    id="config.E003",
                )
            )
    return problems
