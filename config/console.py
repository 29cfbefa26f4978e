"""The language of management commands: that of the server's console, not that of the shop."""

from __future__ import annotations

from django.apps import apps
from django.conf import settings
from django.core.management import ManagementUtility
from django.core.management.base import BaseCommand
from django.utils import translation


class Commands(ManagementUtility):
    def fetch_command(self, subcommand: str) -> BaseCommand:
        # Before the command's module is imported, which translates its help.
        if apps.ready:
            translation.activate(settings.CONSOLE_LANGUAGE)
        return super().fetch_command(subcommand)
