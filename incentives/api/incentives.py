"""Incentives for a member: which run, how far the member is, and their rankings."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.serializers import StrictSerializer
from common import clock
from incentives.api.answers import IncentiveAnswer, incentive_answers
from incentives.api.awards import AwardAnswer, award_answers, awards_of
from incentives.api.proofs import ProofAnswer
from incentives.models import Proof, Version
from incentives.overview.audience import (
    audience_condition,
    counting_versions,
    known_to,
    running_for,
)
from incentives.overview.not_counted import REASONS, not_counted_for
from incentives.overview.rankings import NoRanking, ranking_of
from members.models import Member
from members.sessions.views import MemberEndpoint

LATEST = 20
"""How many awards and proofs the answer about one incentive has."""
YEAR = timedelta(days=366)
FIRST_DAY, LAST_DAY = (clock.EARLIEST_TIME + YEAR).date(), (clock.LATEST_TIME - YEAR).date()
"""Of a ranking: the longest period around them has dates that can be stored."""


class NotCountedAnswer(serializers.Serializer):
    order = serializers.CharField(help_text="The number.")
    reason = serializers.ChoiceField(
        REASONS,
        help_text="shared: the buyer and I share an ID number or a payee, as a risk rule found.",
    )
    text = serializers.CharField(help_text="The reason in words.")


class OneIncentiveAnswer(IncentiveAnswer):
    my_awards = AwardAnswer(many=True, help_text=f"The latest {LATEST}; see /me/awards for all.")
    my_proofs = ProofAnswer(many=True, help_text=f"The latest {LATEST}.")
    not_counted = NotCountedAnswer(
        many=True,
        help_text="The latest orders of the present period that would count for me if the buyer"
        " were somebody else.",
    )


class RankingQuery(StrictSerializer):
    period = serializers.DateField(
        required=False, help_text="Any day of the period; by default today."
    )

    def validate_period(self, day: date) -> date:
        if not FIRST_DAY <= day <= LAST_DAY:
            limits = {"first": FIRST_DAY, "last": LAST_DAY}
            raise serializers.ValidationError(
                _("Give a day from %(first)s to %(last)s.") % limits, "invalid"
            )
        return day


class RankingPlace(serializers.Serializer):
    rank = serializers.IntegerField(help_text="Equal values share the better place.")
    name = serializers.CharField(help_text="Masked.")
    value = serializers.IntegerField()
    is_me = serializers.BooleanField(source="is_own")


class OwnPlaceAnswer(serializers.Serializer):
    rank = serializers.IntegerField(
        required=False, help_text="Absent: nothing counts yet, or more than 1,000 are better."
    )
    value = serializers.IntegerField(help_text="Of completed orders.")
    coming = serializers.IntegerField(help_text="Of paid orders that are not completed yet.")
    missing = serializers.IntegerField(help_text="To the next better place; 0 for the first.")


class RankingAnswer(serializers.Serializer):
    first_day = serializers.DateField()
    results = RankingPlace(many=True)
    mine = OwnPlaceAnswer()
    final = serializers.BooleanField(help_text="The period is closed: the places stay.")


class Incentives(MemberEndpoint):
    scope = "me:read"

    @extend_schema(
        operation_id="incentives",
        responses=IncentiveAnswer(many=True),
        summary="Incentives that run for me, with my progress",
        description=(
            "Also those that reward me as the friend whom a member brought. Progress counts"
            " completed orders; coming shows what is paid and may still be refunded. It lags some"
            " seconds behind the orders."
        ),
    )
    def get(self, request: Request) -> Response:
        at = clock.now()
        rows = running_for(self.member, at=at)
        return self.answer_page(
            rows, IncentiveAnswer, shown=lambda page: _answers(page, self.member, at)
        )


class OneIncentive(MemberEndpoint):
    scope = "me:read"

    @extend_schema(
        operation_id="incentive",
        responses=OneIncentiveAnswer,
        summary="An incentive: terms, my progress and my awards",
        description="Also of one that has ended, if I took part.",
    )
    def get(self, request: Request, public_id: str) -> Response:
        at = clock.now()
        version = _find(self.member, public_id, at)
        [body] = _answers([version], self.member, at)
        awards = awards_of(self.member).filter(incentive=version.incentive_id)
        proofs = Proof.objects.visible_to(self.member).filter(incentive=version.incentive_id)
        body["my_awards"] = award_answers(list(awards[:LATEST]))
        body["my_proofs"] = list(proofs.select_related("upload")[:LATEST])
        body["not_counted"] = not_counted_for(version, self.member, at=at)
        return Response(OneIncentiveAnswer(body).data)


class Ranking(MemberEndpoint):
    scope = "me:read"

    @extend_schema(
        operation_id="incentive_ranking",
        parameters=[RankingQuery],
        responses=RankingAnswer,
        summary="The best of a contest, and my own place; names are masked",
        description="Of incentives that give by place; others answer no_ranking. It is live until"
        " the period closes.",
    )
    def get(self, request: Request, public_id: str) -> Response:
        query, at = self.filters(RankingQuery, request), clock.now()
        version = _find(self.member, public_id, at)
        if version.reach != Version.Reach.RANK:
            raise NoRanking
        body = ranking_of(version, self.member, day=query.get("period"), at=at)
        return Response(RankingAnswer(body).data)


def _find(member: Member, public_id: str, at: datetime) -> Version:
    newest = get_object_or_404(known_to(member, at=at), incentive__public_id=public_id)
    [version] = counting_versions([newest], at=at)
    return version


def _answers(page: list[Version], member: Member, at: datetime) -> list[dict[str, Any]]:
    versions = counting_versions(page, at=at)
    keys = [row.pk for row in versions]
    earns = Version.objects.filter(audience_condition(member), pk__in=keys)
    return incentive_answers(versions, member, earns=set(earns.values_list("pk", flat=True)), at=at)
