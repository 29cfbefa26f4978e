"""What the operator of the server sets, in words for those who work in the back office.

Secrets and addresses are not shown, only whether there are any.
"""

from __future__ import annotations

from collections.abc import Iterator

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from backoffice.settings_index import ServerSetting, register_server

GATEWAYS = {
    "sandbox": lambda: _("for trying only: nothing is paid"),
    "manual": lambda: _("by hand, with files of the bank"),
    "wechat": lambda: _("by WeChat Pay"),
}


def server_settings() -> Iterator[ServerSetting]:
    """Yield the settings that people ask about."""
    yield ServerSetting("BRAND_NAME", _("name of the shop"), settings.BRAND_NAME)
    yield ServerSetting("PAYOUT_GATEWAY", _("how withdrawals are paid"),
                        GATEWAYS[settings.PAYOUT_GATEWAY]())  # fmt: skip
    yield ServerSetting(
        "STAFF_TOTP", _("second factor of staff"),
        _("required of everybody") if settings.STAFF_TOTP else _("for those who have set it up"),
    )  # fmt: skip
    yield ServerSetting("STAFF_IDLE_MINUTES", _("staff who release money are signed out after"),
                        _minutes(settings.STAFF_IDLE_MINUTES))  # fmt: skip
    yield ServerSetting("EMAIL_URL", _("mail server"), _is_set(bool(settings.EMAIL_URL)))
    has_alarms = bool(settings.ALARM_EMAILS or settings.ALARM_WEBHOOK_URL)
    yield ServerSetting("ALARM_EMAILS", _("alarms are also sent"), _is_set(has_alarms))
    yield ServerSetting("API_REQUESTS_A_MINUTE", _("requests a minute of each API client"),
                        f"{settings.API_REQUESTS_A_MINUTE:,}")  # fmt: skip


def _minutes(count: int) -> str:
    return ngettext("%(count)s minute", "%(count)s minutes", count) % {"count": count}


def _is_set(is_set: bool) -> str:
    return _("set up") if is_set else _("not set up")


register_server("alarms.view_job", server_settings)
