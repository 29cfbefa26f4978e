"""What treasury and statements do one at a time. A transaction takes the locks in this order."""

from __future__ import annotations

from common.locks import advisory_lock


def lock_statements() -> None:
    """Serialize imports of statements with whatever else matches or books what may be on one.

    Without it, a document and an import that run together would both post the same movement.
    """
    advisory_lock("closing.statement")


def lock_document(kind: str, number: str) -> None:
    """Serialize postings and reversals of one document number."""
    advisory_lock(f"closing.treasurydocument:{kind}:{number}")
