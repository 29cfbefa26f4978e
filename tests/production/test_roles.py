"""Web and workers write rows in a role that cannot change the tables."""

from __future__ import annotations

import psycopg2
import pytest

from tests.production.deployment import Deployment

pytestmark = pytest.mark.slow


def run_sql(deployment: Deployment, name: str, statement: str) -> None:
    url = (deployment.secrets / name).read_text().strip()
    connection = psycopg2.connect(url)
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(statement)
    finally:
        connection.close()


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE ledger_transfer DISABLE TRIGGER USER",
        "SET session_replication_role = replica",
        "TRUNCATE ledger_transfer CASCADE",
        "CREATE TABLE mine (id int)",
        "DROP TRIGGER append_only ON ledger_transfer",
    ],
)
def test_the_role_of_the_processes_cannot_change_tables(
    deployment: Deployment, statement: str
) -> None:
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        run_sql(deployment, "database_url", statement)


def test_it_writes_rows_and_locks_for_the_roll_up(deployment: Deployment) -> None:
    run_sql(deployment, "database_url", "UPDATE orders_policy SET protection_days = 7")
    run_sql(deployment, "database_url", "LOCK TABLE ledger_transfer IN SHARE MODE")


def test_it_is_made_again_without_harm(deployment: Deployment) -> None:
    again = deployment.start("migrate")

    assert again.finish() == 0, again.output()
    run_sql(deployment, "database_url", "SELECT count(*) FROM members_member")
