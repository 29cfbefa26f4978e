"""Guards read the real tables, whatever a session lays over their names."""

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
@pytest.mark.parametrize("made", ["TEMP TABLE", "TABLE"])
def test_a_table_laid_over_the_transfers_explains_nothing(made: str) -> None:
    mei = member("Mei")
    earn(mei, 100, "x")
    connection.close()  # a fresh session has no plans that know better
    with connection.cursor() as cursor:
        cursor.execute("CREATE SCHEMA shade; SET search_path = shade, public")
        cursor.execute(COPY.format(made))
        with pytest.raises(IntegrityError, match="no transfer explains the balance"):
            cursor.execute(
                "UPDATE public.ledger_account SET balance = 999 WHERE id = %s", [cash(mei).pk]
            )
    connection.close()
    assert balance(mei) == 100
