"""Plans that wait for publication, as one of the queues of the office."""

from __future__ import annotations

from datetime import timedelta

from django.utils.translation import gettext_lazy as _

from backoffice import queues
from backoffice.queues import Queue
from commissions.models import Plan

LIMIT = timedelta(days=2)

queues.register(
    Queue(
        name="plans", title=_("plans to publish"), icon="percent", model="commissions.plan",
        permission="commissions.publish_plan", waiting=Plan.objects.waiting_for,
        since="submitted_at", limit=LIMIT,
    )
)  # fmt: skip
