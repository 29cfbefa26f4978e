"""A member's awards, and why each is what it is."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.serializers import Moment, PeriodFilters, Text, within_period
from incentives.api.answers import without_nones
from incentives.explanations import explain
from incentives.models import Award, GiftTask, Reward, cancelled_gift, given_by
from incentives.overview.reward_words import award_text
from ledger.chart import Asset
from members.models import Member
from members.sessions.views import MemberEndpoint


class AwardedGift(serializers.Serializer):
    status = serializers.ChoiceField(GiftTask.Status.choices)
    status_text = serializers.CharField()
    note = serializers.CharField(
        help_text="Such as the number of the parcel, or why the shop cancelled it; may be empty."
    )


class AwardAnswer(serializers.Serializer):
    id = serializers.CharField()
    incentive = serializers.CharField(help_text="Its id.")
    name = serializers.CharField(help_text="Of the incentive.")
    side = serializers.ChoiceField(Reward.Side.choices)
    kind = serializers.ChoiceField(Reward.Kind.choices)
    text = serializers.CharField(help_text="What it gives, as a text.")
    asset = serializers.ChoiceField(Asset.choices, required=False, help_text="Of money and points.")
    due = serializers.IntegerField(
        help_text="In fen, or points; of everything else 1, or 0 if it was taken back."
    )
    given = serializers.IntegerField(
        help_text="What I have got of it; 0 of a gift that the shop cancelled."
    )
    status = serializers.ChoiceField(Award.Status.choices)
    status_text = serializers.CharField()
    hold = serializers.ChoiceField(
        Award.Hold.choices, required=False, help_text="Of held: why. It goes on when that ends."
    )
    hold_text = serializers.CharField(required=False)
    refusal = serializers.ChoiceField(
        Award.Refusal.choices, required=False, help_text="Of refused: why it is never given."
    )
    refusal_text = serializers.CharField(required=False)
    rank = serializers.IntegerField(required=False, help_text="Of contests: my place.")
    first_day = serializers.DateField(help_text="Of the period.")
    reached_at = Moment()
    changed_at = Moment()
    gift = AwardedGift(required=False)
    ends_at = Moment(required=False, help_text="Of a level or a factor of points.")


class OneAwardAnswer(AwardAnswer):
    explanation = serializers.ListField(
        child=serializers.CharField(),
        help_text="Which orders counted, what was taken back, and why.",
    )


class AwardFilters(PeriodFilters):
    status = serializers.ChoiceField(Award.Status.choices, required=False)
    kind = serializers.ChoiceField(Reward.Kind.choices, required=False)
    incentive = Text(max_length=20, required=False, help_text="The id of an incentive.")


class Awards(MemberEndpoint):
    scope = "me:read"

    @extend_schema(
        operation_id="me_awards",
        parameters=[AwardFilters],
        responses=AwardAnswer(many=True),
        summary="What incentives gave me",
        description="from and to compare the time when it was reached.",
    )
    def get(self, request: Request) -> Response:
        values = self.filters(AwardFilters, request)
        rows = awards_of(self.member).filter(**within_period(values, "reached_at"))
        lookups = {"status": "status", "kind": "kind", "incentive": "incentive__public_id"}
        wanted = {lookups[name]: values[name] for name in lookups if name in values}
        return self.answer_page(rows.filter(**wanted), AwardAnswer, shown=award_answers)


class OneAward(MemberEndpoint):
    scope = "me:read"

    @extend_schema(
        operation_id="me_award",
        responses=OneAwardAnswer,
        summary="An award of mine, and why it is what it is",
    )
    def get(self, request: Request, public_id: str) -> Response:
        award: Award = get_object_or_404(awards_of(self.member), public_id=public_id)
        [body] = award_answers([award])
        return Response(OneAwardAnswer(body | {"explanation": explain(award)}).data)


def awards_of(member: Member) -> QuerySet[Award]:
    """Return a person's awards, with what their answers need."""
    return Award.objects.visible_to(member).select_related(
        "incentive", "version", "reward__coupon", "reward__gift__product", "reward__level",
        "gift_task", "level_award", "points_factor",
    )  # fmt: skip


def award_answers(awards: list[Award]) -> list[dict[str, Any]]:
    return [_answer(award) for award in awards]


def _answer(award: Award) -> dict[str, Any]:
    timed = getattr(award, "level_award", None) or getattr(award, "points_factor", None)
    return without_nones(
        {
            "id": award.public_id,
            "incentive": award.incentive.public_id,
            "name": award.version.name,
            "side": award.side,
            "kind": award.kind,
            "text": award_text(award),
            "asset": award.asset or None,
            "due": award.target,
            "given": given_by(award),
            "status": award.status,
            "status_text": (
                _("cancelled by the shop") if cancelled_gift(award) else award.get_status_display()
            ),
            "hold": award.hold or None,
            "hold_text": award.get_hold_display() or None,
            "refusal": award.refusal or None,
            "refusal_text": award.get_refusal_display() or None,
            "rank": award.rank,
            "first_day": award.period_start,
            "reached_at": award.reached_at,
            "changed_at": award.changed_at,
            "gift": _gift(getattr(award, "gift_task", None)),
            "ends_at": timed and timed.ends_at,
        }
    )


def _gift(task: GiftTask | None) -> dict[str, str] | None:
    if task is None:
        return None
    return {"status": task.status, "status_text": task.get_status_display(), "note": task.note}
