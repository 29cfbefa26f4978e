"""Render ``docs/alarms.md`` from the declared kinds of alarms."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.utils import translation

from alarms.kinds import REGISTRY, AlarmKind

PATH = Path(settings.BASE_DIR) / "docs" / "alarms.md"
INTRODUCTION = """\
# Alarms

<!-- Written by ./manage.py alarm_docs; a test compares it with the code. -->

An alarm is something that a person must look at. For each kind and subject at most one is not
closed; raising it again only raises its count. *Critical* means that money is stopped or may be
wrong.

| state | meaning |
|---|---|
| open | new; sent when it opens, and again every day |
| seen | a person took note; no longer sent, and still on every page |
| closed | the cause is gone, or a person gave a reason |

Alarms are in the header of every page of the admin and under *Settings → Alarms* (设置 → 告警).
They are also sent to whatever is configured; each channel is retried alone
([outbox.md](outbox.md)):

| setting | sends |
|---|---|
| `ALARM_EMAILS`, with `EMAIL_URL` and `EMAIL_FROM` | a mail to these addresses |
| `ALARM_WEBHOOK_URL` | a text to a robot of WeCom (企业微信), Feishu (飞书), DingTalk (钉钉) |
| `SENTRY_DSN` | an issue to Sentry, which also gets unexpected errors |

The kind of robot follows from the host of its URL; `ALARM_WEBHOOK_KIND` names it for another host.
For a DingTalk robot choose the security setting *keyword* (自定义关键词) `Twotier`, or *signature*
(加签) and give its secret in `ALARM_WEBHOOK_SECRET`, as for Feishu. The URL is a secret, too.

Alarms are raised by the workers. **If no worker runs, nothing is sent**: let another system watch
`/statusz` ([deployment.md](deployment.md#health-and-alarms)).

## What to do
"""


def render() -> str:
    """Return the text of ``docs/alarms.md``."""
    with translation.override("en"):
        return INTRODUCTION + "".join(
            map(_section, sorted(REGISTRY.values(), key=lambda kind: kind.code))
        )


def _section(kind: AlarmKind) -> str:
    return (
        f"\n### `{kind.code}`\n\n"
        f"{kind.title}. *{kind.severity.label.capitalize()}*, one for each `{kind.subject}`.\n\n"
        f"- **What to do**: {kind.advice}\n"
        f"- **Closed when**: {kind.closing}\n"
    )
