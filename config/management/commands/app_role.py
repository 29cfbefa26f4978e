"""Give the web servers and workers a database role that may write rows, but change no table."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from environ import Env
from psycopg2 import sql

GRANTS = """
GRANT CONNECT, TEMPORARY ON DATABASE {database} TO {role};
GRANT USAGE ON SCHEMA public TO {role};
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role};
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role};
"""


class Command(BaseCommand):
    help = (
        "Create the role that APP_DATABASE_URL names, or set its password, and let it read and"
        " write rows. It cannot switch triggers off. Run it as the owner, after each migrate."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.APP_DATABASE_URL:
            raise CommandError("APP_DATABASE_URL is not set: give the URL of web and workers.")
        given = Env.db_url_config(settings.APP_DATABASE_URL)
        role, password = given["USER"], given["PASSWORD"]
        if role == connection.settings_dict["USER"]:
            raise CommandError(f"{role} is the owner: name another role in APP_DATABASE_URL.")
        with connection.cursor() as cursor:
            cursor.execute("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = %s)", [role])
            (exists,) = cursor.fetchone()
            names = {
                "role": sql.Identifier(role),
                "database": sql.Identifier(connection.settings_dict["NAME"]),
            }
            verb = "ALTER" if exists else "CREATE"
            login = sql.SQL(verb + " ROLE {role} LOGIN PASSWORD {password}")
            cursor.execute(login.format(password=sql.Literal(password), **names))
            cursor.execute(sql.SQL(GRANTS).format(**names))
        self.stdout.write(f"{role} may write rows, and change no table.")
