"""Differences, bills, documents and months: looked at here, changed by services only."""

from closing.admin import differences, documents, months, statements

__all__ = ["differences", "documents", "months", "statements"]
