"""``check --deploy`` on the database: migrated, with a tax regime."""

from __future__ import annotations

import os

import pytest
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.db import connection
from pytest_django import DjangoDbBlocker

from config import checks
from members.models import User
from tests.cast import NOON
from tests.databases import using
from withdrawals.services import change_policy


def test_a_tax_regime_is_needed(feng: User) -> None:
    assert [problem.id for problem in checks.shop_can_open()] == ["config.E009"]
    change_policy(by=feng, at=NOON, regime="labor_per_payment")
    assert checks.shop_can_open() == []


def test_the_command_fails_without_one(db: None) -> None:
    with pytest.raises(SystemCheckError, match=r"config\.E009"):
        call_command("check", deploy=True)


def test_before_the_first_migration_it_says_so(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> None:
    name = f"unmigrated_{os.getpid()}"
    with django_db_blocker.unblock():
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE DATABASE {name}")
        try:
            with using(name), pytest.raises(SystemCheckError, match=r"config\.E008"):
                call_command("check", deploy=True, databases=["default"])
        finally:
            with connection.cursor() as cursor:
                cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")
