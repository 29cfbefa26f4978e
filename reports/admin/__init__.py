"""Reports of the back office, their blocks on its home, and the comparison of shares."""

from reports.admin import home, pages, person, product, shares
from reports.distributors import comparison_page, impacts, ranking_page, team_page, team_panel

__all__ = [
    "comparison_page", "home", "impacts", "pages", "person", "product", "ranking_page", "shares",
    "team_page", "team_panel",
]  # fmt: skip
