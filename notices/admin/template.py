"""The page of a message template: its texts with a preview, a trial, and its versions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _text
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from backoffice import office
from backoffice.names import staff_name
from backoffice.office import OfficePage
from backoffice.timeline import format_moment
from common import clock
from common.errors import TwotierError
from members.models import User
from notices import placeholders, scenes, wordings
from notices.admin.counts import DAYS, Counts, counts_by_kind, reasons
from notices.admin.preview import preview_of
from notices.admin.templates import ALL, ONE, PREVIEW, VIEW, channels_of, log_url
from notices.admin.wording_form import WordingForm
from notices.admin.words import WHEN, WORDING_COLOURS, badge
from notices.models import NoticeKind as Kind
from notices.models import Wording
from notices.samples import sample
from notices.wordings import PERMISSION, WordingInvalid

SHOWN_VERSIONS = 30
MAX_DIGITS = 9  # of the number of a version


@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, kind: str) -> HttpResponse:
    found = _kind(kind)
    if request.method != "POST":
        return _show(request, found, _opened_form(request, found))
    if not request.user.has_perm(PERMISSION):
        raise PermissionDenied
    action = ACTIONS.get(request.POST.get("action", ""))
    if action is None:
        raise Http404
    return action(request, found)


@require_POST
def preview(request: HttpRequest, kind: str) -> HttpResponse:
    """Return how the texts of the form would look; nothing is saved."""
    found = _kind(kind)
    form = WordingForm(found, request.POST)
    form.is_valid()
    values, faults = {}, []
    for name, text in form.texts.items():
        try:
            values[name] = wordings.checked(found, name, text)
        except WordingInvalid as error:
            faults.append(error.data["fault"])
    channels = form.cleaned_data.get("channels") or Wording.Channels.APP
    wording = Wording(kind=found, channels=channels, **values)
    return office.render(
        request, "admin/notices/preview.html", title="", faults=faults,
        **preview_of(found, wording),
    )  # fmt: skip


def _save(request: HttpRequest, kind: Kind) -> HttpResponse:
    form = WordingForm(kind, request.POST)
    if not form.is_valid():
        return _show(request, kind, form)
    try:
        row = wordings.save_wording(
            kind=kind, texts=form.texts, channels=form.cleaned_data["channels"],
            based_on=form.cleaned_data["based_on"], by=_user(request), at=clock.now(),
        )  # fmt: skip
    except WordingInvalid as error:
        form.add_error(str(error.data["field"]), str(error.data["fault"]))
        return _show(request, kind, form)
    except wordings.WordingOutdated as error:
        form.add_error(None, str(error))
        # What was typed stays, and is saved if the button is pressed again.
        form.data = {**form.data, "based_on": str(error.data["number"])}
        return _show(request, kind, form)
    except TwotierError as error:
        form.add_error(None, str(error))
        return _show(request, kind, form)
    messages.success(
        request,
        _text("Version %(number)s is saved. Try it, then put it into force.")
        % {"number": row.number},
    )
    return _back(kind)


def _put_into_force(request: HttpRequest, kind: Kind) -> HttpResponse:
    row = _version(request, kind)
    done = _text("Version %(number)s is in force: new messages say this.") % {"number": row.number}
    return _press(
        request, kind, done,
        lambda: wordings.put_into_force(wording=row, by=_user(request), at=clock.now()),
    )  # fmt: skip


def _use_shipped(request: HttpRequest, kind: Kind) -> HttpResponse:
    row = _version(request, kind)
    return _press(
        request, kind, _text("New messages use the shipped texts."),
        lambda: wordings.use_shipped_texts(wording=row, by=_user(request), at=clock.now()),
    )  # fmt: skip


def _try(request: HttpRequest, kind: Kind) -> HttpResponse:
    row = _version(request, kind) if request.POST.get("version") else None
    try:
        trial = wordings.send_trial(kind=kind, wording=row, by=_user(request), at=clock.now())
    except TwotierError as error:
        messages.error(request, str(error))
        return _back(kind)
    if trial.by_wechat:
        messages.success(request, _text("It is sent to you: in the app, and shortly by WeChat."))
    else:
        messages.warning(
            request, _text("It is sent to you in the app. By WeChat not: %(why)s")
            % {"why": trial.reason},
        )  # fmt: skip
    return _back(kind)


ACTIONS: Mapping[str, Callable[[HttpRequest, Kind], HttpResponse]] = {
    "save": _save, "force": _put_into_force, "shipped": _use_shipped, "try": _try,
}  # fmt: skip


def _press(request: HttpRequest, kind: Kind, done: str, call: Callable[[], object]) -> HttpResponse:
    try:
        call()
    except TwotierError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, done)
    return _back(kind)


def _kind(name: str) -> Kind:
    if name not in Kind:
        raise Http404
    return Kind(name)


def _version(request: HttpRequest, kind: Kind) -> Wording:
    number = request.POST.get("version", "")
    row = Wording.objects.filter(kind=kind, number=int(number)).first() if _fits(number) else None
    if row is None:
        raise Http404
    return row


def _fits(number: str) -> bool:
    return number.isascii() and number.isdigit() and len(number) <= MAX_DIGITS


def _user(request: HttpRequest) -> User:
    user: Any = request.user
    return user  # type: ignore[no-any-return]


def _back(kind: Kind) -> HttpResponse:
    return HttpResponseRedirect(office.url(ONE, kind=kind))


def _opened_form(request: HttpRequest, kind: Kind) -> WordingForm:
    """Return the form with the version of the address, or the latest one."""
    versions = Wording.objects.filter(kind=kind)
    number = request.GET.get("version", "")
    row = versions.filter(number=int(number)).first() if _fits(number) else None
    row = row or versions.order_by("-number").first()
    initial: dict[str, Any] = {"based_on": wordings.latest_number(kind)}
    if row:
        initial |= {name: placeholders.to_shown(getattr(row, name)) for name in wordings.TEXTS}
    offered = wordings.offered_channels(kind)
    initial["channels"] = row.channels if row else offered[-1]
    return WordingForm(kind, initial=initial)


def _show(request: HttpRequest, kind: Kind, form: WordingForm) -> HttpResponse:
    rows = Wording.objects.filter(kind=kind).select_related("created_by", "in_force_by")
    versions = list(rows.order_by("-number")[:SHOWN_VERSIONS])
    in_force = rows.in_force().first()
    at = clock.now()
    count = counts_by_kind(at=at).get(kind, Counts())
    return office.render(
        request, "admin/notices/template.html", title=kind.label,
        kind=kind, when=WHEN[kind], form=form, versions=[_shown(row) for row in versions],
        in_force=in_force, labels=placeholders.labels_of(kind),
        channels=channels_of(sample(kind, in_force, at=at)),
        counts=count, days=DAYS, reasons=reasons(kind, at=at) if count.not_sent else [],
        log_url=log_url(kind), all_url=office.url(ALL), preview_url=office.url(PREVIEW, kind=kind),
        may_change=request.user.has_perm(PERMISSION), has_wechat=kind in scenes.SCENES,
        has_member=getattr(request.user, "member_id", None) is not None,
        **preview_of(kind, _typed(kind, form)),
    )  # fmt: skip


def _typed(kind: Kind, form: WordingForm) -> Wording:
    """Return what the form has as a version that is not stored; wrong texts as shipped ones."""
    values = {}
    for name in wordings.TEXTS:
        if name not in form.fields:
            continue
        try:
            values[name] = wordings.checked(kind, name, str(form[name].value() or ""))
        except WordingInvalid:
            continue
    channels = form["channels"].value()
    return Wording(kind=kind, channels=channels, **values)


def _shown(row: Wording) -> dict[str, Any]:
    return {
        "row": row,
        "is_in_force": row.status == Wording.Status.IN_FORCE,
        "badge": badge(WORDING_COLOURS[row.status], row.get_status_display()),
        "saved": f"{format_moment(row.created_at)} · {staff_name(row.created_by)}",
        "since": f"{format_moment(row.in_force_since)} · {staff_name(row.in_force_by)}"
        if row.in_force_since
        else "",
        "text": placeholders.to_shown(row.body_zh or row.body_en),
    }


office.register(
    OfficePage(ONE, "messages/<str:kind>", _("Message template"), VIEW, page, of=f"office:{ALL}")
)
office.register(
    OfficePage(
        PREVIEW, "messages/<str:kind>/preview", _("Preview"), PERMISSION, preview,
        of=f"office:{ALL}",
    )
)  # fmt: skip
