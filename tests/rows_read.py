"""Count the rows that the database reads for queries, so that a scan of many shows."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext


@contextmanager
def reads_at_most(limit: int) -> Iterator[None]:
    """Fail if one of the queries in the block reads more rows than this.

    Each is explained after the block, with statistics of the tables as they are then. What writes
    is left out: it would write again.
    """
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    with CaptureQueriesContext(connection) as queries:
        yield
    for query in queries.captured_queries:
        sql = query["sql"]
        reads = sql.lstrip().startswith(("SELECT", "WITH")) and "INSERT INTO" not in sql
        if reads and "pg_advisory" not in sql:
            read = rows_read(sql)
            assert read <= limit, f"{read} rows are read by {sql}"


def rows_read(sql: str) -> int:
    """Run a query; return how many rows its scans returned or passed over.

    By an index where there is one, as in a large table.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}")
        (plan,) = cursor.fetchone()
        cursor.execute("SET LOCAL enable_seqscan = on")
    return sum(map(_of_node, _nodes((json.loads(plan) if isinstance(plan, str) else plan)[0])))


def _of_node(node: dict[str, Any]) -> int:
    if "Scan" not in node["Node Type"] or node["Node Type"] in ("Subquery Scan", "CTE Scan"):
        return 0
    removed = sum(value for name, value in node.items() if name.startswith("Rows Removed"))
    return int((node["Actual Rows"] + removed) * node["Actual Loops"])


def _nodes(part: dict[str, Any]) -> Iterator[dict[str, Any]]:
    if "Node Type" in part:
        yield part
    for below in (part.get("Plan"), *part.get("Plans", [])):
        if below:
            yield from _nodes(below)
