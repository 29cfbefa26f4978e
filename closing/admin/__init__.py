"""Differences, bills, documents and months: looked at here, changed by services only."""

from closing.admin import bills, differences, documents, months

__all__ = ["bills", "differences", "documents", "months"]
