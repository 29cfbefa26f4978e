"""Which of the database's rules refused a statement."""

from __future__ import annotations


def violated_constraint(error: Exception) -> str:
    """The name of the constraint, or of the guard that speaks like one; empty when none did.

    Catch the error outside a savepoint of its own: the transaction must be able to go on.
    """
    diagnosis = getattr(error.__cause__, "diag", None)
    return str(getattr(diagnosis, "constraint_name", None) or "")
