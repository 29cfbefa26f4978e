"""The configuration of ``django.contrib.admin`` with the site of the back office."""

from __future__ import annotations

from django.contrib.admin.apps import AdminConfig


class OfficeAdminConfig(AdminConfig):
    default_site = "backoffice.site.OfficeSite"
