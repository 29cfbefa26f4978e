"""A request at a desk: the list with one row beside it, and what a person does with the row."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from backoffice import menu, notes, office, queues, reveals
from backoffice.ages import format_age
from backoffice.desk import Decision, Desk
from backoffice.queues import COUNTED, WAITING, Queue
from common import clock
from common.errors import TwotierError
from common.keys import is_row_key
from common.money import yuan_text

PER_PAGE = 50
ADD_NOTE, ASSIGN, REVEAL = "note", "assign", "reveal"
TEMPLATE = "admin/backoffice/desk.html"
CHANGED = _("This has changed since you opened it. Nothing was decided: check it again.")
TOO_LATE = _("Somebody was faster. Nothing was changed: %(outcome)s.")
GONE = _("This no longer exists.")


class Visit:
    """One request of a person at a desk.

    ``values`` are tab, term and page; without them, those of the address.
    """

    def __init__(
        self, queue: Queue, request: HttpRequest, values: Mapping[str, str] | None = None
    ) -> None:
        assert queue.desk, "only queues with a desk have this page"
        self.queue, self.desk, self.request = queue, queue.desk, request
        self.user: Any = request.user
        self.at = clock.now()
        tabs = {WAITING, *(tab.name for tab in queue.tabs)}
        values = request.GET if values is None else values
        tab = values.get("tab", WAITING)
        self.tab = tab if tab in tabs else WAITING
        self.term = values.get("q", "").strip()
        page = values.get("page", "1")
        self.page = max(1, int(page)) if page.isdecimal() and len(page) <= 4 else 1  # noqa: PLR2004

    def url(self, **values: Any) -> str:
        """Return the address of this desk with other values, such as another row."""
        here = {"tab": self.tab, "q": self.term, "page": self.page, **values}
        defaults = {"tab": WAITING, "q": "", "page": 1, "row": None}
        query = {name: value for name, value in here.items() if value != defaults.get(name)}
        base = office.url(f"queue_{self.queue.name}")
        return f"{base}?{urlencode(query)}" if query else base

    @cached_property
    def rows(self) -> list[Any]:
        """The rows of this page of the list, and one more if there are more."""
        rows = queues.rows_of(self.queue, self.user, self.tab)
        if self.term and self.desk.search:
            rows = self.desk.search(rows, self.term)
        first = (self.page - 1) * PER_PAGE
        return list(self.desk.prepare(rows)[first : first + PER_PAGE + 1])

    def find(self, key: str) -> Any:
        """Return a row by its key, if it exists."""
        if not is_row_key(key):
            return None
        return self.desk.prepare(self.queue.all_rows().filter(pk=int(key))).first()

    def act(self, action: str) -> HttpResponse:
        """Do what a POST asks for with the row of the address."""
        row = self.find(self.request.GET.get("row", ""))
        if row is None:
            messages.warning(self.request, GONE)
            return self.back()
        steps: dict[str, Callable[[Any], HttpResponse]] = {
            decision.name: partial(self.decide, decision) for decision in self.desk.decisions
        }
        if self.desk.has_notes:
            steps |= {ADD_NOTE: self.note, ASSIGN: self.assign}
        if self.desk.reveal:
            steps[REVEAL] = partial(self.reveal, self.desk.reveal)
        return steps.get(action, self._unknown)(row)

    def decide(self, decision: Decision, row: Any) -> HttpResponse:
        """Make the call of a decision, and open what follows."""
        if decision.permission and not self.user.has_perm(decision.permission):
            raise PermissionDenied
        if not is_offered(decision, row, self.desk):
            return self._too_late(row)
        if self.desk.seal and self.request.POST.get("seal") != self.desk.seal(row):
            messages.warning(self.request, CHANGED)
            return self.back_to(row)
        form = bind(decision, self.request.POST)
        if form and not form.is_valid():
            return self.show(row, bound={decision.name: form})
        return self._run(decision, row, form)

    def _run(self, decision: Decision, row: Any, form: forms.Form | None) -> HttpResponse:
        try:
            warning = decision.run(
                row, by=self.user, at=self.at, **(form.cleaned_data if form else {})
            )
        except TwotierError as error:
            return self._refused(row, decision, form, str(error))
        except IntegrityError:
            return self._refused(row, decision, form, str(CHANGED))
        self._report(row, decision, warning)
        if not decision.ends:
            return self.back_to(row)
        following = queues.next_row(self.queue, self.user, row) if self.tab == WAITING else None
        return HttpResponseRedirect(self.url(page=1, row=following.pk if following else None))

    def note(self, row: Any) -> HttpResponse:
        text = self.request.POST.get("note", "")
        try:
            notes.add_note(row=row, text=text, by=self.user, at=self.at)
        except TwotierError as error:
            return self.show(row, note={"text": text, "error": str(error)})
        return self.back_to(row)

    def assign(self, row: Any) -> HttpResponse:
        name = self.request.POST.get("to", "")
        to = self._colleagues.filter(username=name).first() if name else None
        if name and to is None:
            messages.error(self.request, notes.NotStaff.message % {"name": name[:40]})
        else:
            notes.assign(row=row, to=to, by=self.user, at=self.at)
        return self.back_to(row)

    def reveal(self, reveal: reveals.Reveal, row: Any) -> HttpResponse:
        """Show masked values in the response to this POST; they are not stored or linked."""
        if not reveal.is_offered(self.request, row):
            raise PermissionDenied
        reason, form = reveals.read_reason(self.request)
        if form:
            return self.show(row, reveal_form=form)
        shown = reveals.values(reveal, row, by=self.user, at=self.at, reason=reason)
        return self.show(row, revealed=shown)

    def _unknown(self, row: Any) -> HttpResponse:
        messages.error(self.request, _("This cannot be done here. Nothing was changed."))
        return self.back_to(row)

    def back(self) -> HttpResponse:
        return HttpResponseRedirect(self.url())

    def back_to(self, row: Any) -> HttpResponse:
        return HttpResponseRedirect(self.url(row=row.pk))

    def show(self, row: Any = None, **state: Any) -> HttpResponse:
        """Return the page with a row: the one given, the one asked for, or the first."""
        asked = self.request.GET.get("row", "")
        if row is None and asked:
            row = self.find(asked)
            if row is None:
                messages.warning(self.request, GONE)
        opened = bool(row)
        reveal = self.desk.reveal
        row = row or (self.rows[0] if self.rows else None)
        return office.render(
            self.request,
            TEMPLATE,
            title=self.queue.title,
            queue=self.queue,
            desk=self.desk,
            here=self.url(row=row.pk if row else None),
            is_opened=opened,
            may_reveal=reveal is not None and self.user.has_perm(reveal.permission),
            **self._list(row),
            **(self._row(row, **state) if row else {}),
        )

    @cached_property
    def _colleagues(self) -> Any:
        return notes.colleagues(self.queue.permissions)

    def _list(self, current: Any) -> dict[str, Any]:
        shown = self.rows[:PER_PAGE]
        helpers = notes.assignees(shown) if self.desk.has_notes else {}
        limit = self.queue.limit_now() if self.tab == WAITING else None
        items = [
            {
                "row": row,
                "line": line,
                "amount": "" if line.amount is None else yuan_text(line.amount),
                "url": self.url(row=row.pk),
                "is_current": current is not None and row.pk == current.pk,
                "age": self._age(row),
                "is_late": limit is not None and self.at - getattr(row, self.queue.since) > limit,
                "assignee": helpers.get(row.pk),
            }
            for row, line in zip(shown, self.desk.lines(shown), strict=True)
        ]
        more = len(self.rows) > PER_PAGE
        return {
            "tabs": self._tabs(),
            "items": items,
            "term": self.term,
            "limit": format_age(limit) if limit else "",
            "may_select": bool(self.desk.batch) and self.tab == WAITING,
            "nothing": _("No row matches the search.") if self.term else self._emptiness(),
            "list_url": self.url(),
            "earlier": self.url(page=self.page - 1) if self.page > 1 else "",
            "later": self.url(page=self.page + 1) if more else "",
        }

    def _age(self, row: Any) -> str:
        """Return how long a row waits; nothing for one that was never handed over."""
        since = getattr(row, self.queue.since)
        return format_age(self.at - since) if since else ""

    def _emptiness(self) -> Any:
        return self.desk.empty if self.tab == WAITING else _("There are none.")

    def _tabs(self) -> list[dict[str, Any]]:
        counts = queues.tab_counts(self.queue, self.user)
        titles = {WAITING: _("Waiting"), **{tab.name: tab.title for tab in self.queue.tabs}}
        return [
            {
                "name": name,
                "title": title,
                "count": f"{COUNTED}+" if counts[name] > COUNTED else counts[name],
                "url": self.url(tab=name, page=1, q=""),
                "is_current": name == self.tab,
            }
            for name, title in titles.items()
        ]

    def _row(
        self, row: Any, *, bound: dict[str, forms.Form] | None = None, revealed: Any = None,
        reveal_form: forms.Form | None = None, note: dict[str, str] | None = None,
    ) -> dict[str, Any]:  # fmt: skip
        desk, reveal = self.desk, self.desk.reveal
        if reveal and not reveal.is_offered(self.request, row):
            reveal = None
        line = desk.lines([row])[0]
        return {
            "row": row,
            "line": line,
            "amount": "" if line.amount is None else yuan_text(line.amount),
            "full_url": menu.row_url(self.user, self.queue.model, row.pk),
            "age": self._age(row),
            "outcome": desk.outcome(row),
            "seal": desk.seal(row) if desk.seal else "",
            "choices": self._choices(row, bound or {}),
            "reveal": reveal,
            "revealed": revealed,
            "reveal_form": reveal_form or reveals.ReasonForm(),
            "session_reason": reveals.session_reason(self.request),
            "notes": notes.notes_of(row) if desk.has_notes else (),
            "note": note or {},
            "assignee": notes.assignee_of(row) if desk.has_notes else None,
            "colleagues": self._colleagues if desk.has_notes else (),
            "following": self._following(row),
            **desk.context(self.request, row),
        }

    def _choices(self, row: Any, bound: dict[str, forms.Form]) -> list[dict[str, Any]]:
        return [
            {
                "decision": decision,
                "form": bound.get(decision.name) or bind(decision),
                "is_bound": decision.name in bound,
                "refusal": decision.refusal(row, self.user) if decision.refusal else "",
            }
            for decision in self.desk.decisions
            if is_offered(decision, row, self.desk)
            and (not decision.permission or self.user.has_perm(decision.permission))
        ]

    def _following(self, row: Any) -> str:
        """Return the address of the row after this one in the list, if there is one."""
        keys = [other.pk for other in self.rows[:PER_PAGE]]
        after = keys[keys.index(row.pk) + 1 :] if row.pk in keys else keys
        return self.url(row=after[0]) if after else ""

    def _too_late(self, row: Any) -> HttpResponse:
        outcome = self.desk.outcome(row)
        messages.warning(self.request, TOO_LATE % {"outcome": outcome} if outcome else CHANGED)
        return self.back_to(row)

    def _refused(
        self, row: Any, decision: Decision, form: forms.Form | None, error: str
    ) -> HttpResponse:
        fresh = self.find(str(row.pk))
        if fresh and not is_offered(decision, fresh, self.desk):
            return self._too_late(fresh)
        if form is None:
            messages.error(self.request, error)
            return self.back_to(row)
        form.add_error(None, error)
        return self.show(fresh, bound={decision.name: form})

    def _report(self, row: Any, decision: Decision, warning: object) -> None:
        line = self.desk.lines([row])[0]
        link = decision.link(row) if decision.link else (self.url(row=row.pk), line.title)
        text = format_html(
            '{} <a href="{}" class="underline"><bdi>{}</bdi></a>', warning or decision.done, *link
        )
        (messages.warning if warning else messages.success)(self.request, text)


def is_offered(decision: Decision, row: Any, desk: Desk) -> bool:
    """Whether a decision applies to a row as it is now. The service has the last word."""
    if decision.applies and not decision.applies(row):
        return False
    if decision.offered_in:
        return row.status in decision.offered_in
    return not desk.outcome(row)


def bind(decision: Decision, data: Any = None) -> forms.Form | None:
    """Return the form of a decision if it has one; its ids differ from those of other forms."""
    return decision.form(data, auto_id=f"{decision.name}_%s") if decision.form else None
