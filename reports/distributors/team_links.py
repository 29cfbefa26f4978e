"""Build the addresses of a team's page: each keeps what the others have chosen."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from backoffice import office
from distribution.models import Distributor
from reports.distributors.tree import FIRST, STEP, Asked

PAGE = "team"


def team_url(distributor: Distributor) -> str:
    return f"{office.url(PAGE)}?{urlencode({'of': distributor.public_id})}"


@dataclass(frozen=True, slots=True)
class TeamLinks:
    """Addresses of the graph and list of one team."""

    root: Distributor
    asked: Asked

    def sorted(self, sort: str) -> str:
        return self._graph(sort=sort)

    def opened(self, key: int) -> str:
        return self._graph(open=[*self.asked.opened, key])

    def closed(self, key: int) -> str:
        return self._graph(open=[other for other in self.asked.opened if other != key])

    def more(self) -> str:
        return self._graph(shown=self.asked.shown + STEP)

    def all(self) -> str:
        return self._graph(shown=10**6)

    def focused(self, key: int) -> str:
        return self._graph(focus=key)

    def graph(self) -> str:
        return self._graph()

    def listed(self, tier: int, sort: str = "", after: str = "") -> str:
        values = {"of": self.root.public_id, "view": "list", "tier": tier}
        values |= {"sort": sort or self.asked.sort} | ({"after": after} if after else {})
        return f"{office.url(PAGE)}?{urlencode(values)}"

    def _graph(self, **changes: object) -> str:
        asked = self.asked
        values: dict[str, object] = {
            "of": self.root.public_id, "sort": asked.sort, "shown": asked.shown,
            "open": list(asked.opened), "focus": asked.focus or "", **changes,
        }  # fmt: skip
        if values["shown"] == FIRST:
            del values["shown"]
        kept = {name: value for name, value in values.items() if value not in ("", [])}
        return f"{office.url(PAGE)}?{urlencode(kept, doseq=True)}"
