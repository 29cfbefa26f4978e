# mypy: allow-subclassing-any
"""Django's ``./manage.py changepassword``, on record; the user then waits before a review."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.management.commands import changepassword
from django.db import transaction

from common import clock
from events.services import record
from members.events import MEMBERS_PASSWORD_RESET
from members.models import User
from members.reviews import restart_review_wait


class Command(changepassword.Command):
    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> str | None:
        done: str | None = super().handle(*args, **options)
        user, at = User.objects.get(username=options["username"]), clock.now()
        restart_review_wait(user, at=at)
        record(MEMBERS_PASSWORD_RESET, user, at=at)
        return done
