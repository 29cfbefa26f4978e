"""Guards read the real tables, even if a session shadows their names."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, connection

from tests.cast import member
from tests.ledger.money import balance, cash, earn

COPY = """
CREATE {} ledger_transfer AS
SELECT id, debit_id, credit_id, debit_balance_after, 999::bigint AS credit_balance_after
FROM public.ledger_transfer
"""


@pytest.mark.usefixtures("committed")
@pytest.mark.parametrize("kind", ["TEMP TABLE", "TABLE"])
def test_a_table_that_shadows_the_transfers_is_not_read(kind: str) -> None:
    mei = member("Mei")
    earn(mei, 100, "x")
    connection.close()  # a new session has no cached plans
    with connection.cursor() as cursor:
        cursor.execute("CREATE SCHEMA shade; SET search_path = shade, public")
        cursor.execute(COPY.format(kind))
        with pytest.raises(IntegrityError, match="no transfer explains the balance"):
            cursor.execute(
                "UPDATE public.ledger_account SET balance = 999 WHERE id = %s", [cash(mei).pk]
            )
    connection.close()
    assert balance(mei) == 100
