"""What calls about shares answer."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from api.serializers import Moment
from distribution.models import Distributor
from members.avatars import avatar_url
from sharing.models import Share


class ChatAnswer(serializers.Serializer):
    title = serializers.CharField()
    path = serializers.CharField(help_text="For onShareAppMessage.")
    image = serializers.CharField(help_text="5:4; may be empty.")


class TimelineAnswer(serializers.Serializer):
    title = serializers.CharField()
    query = serializers.CharField(help_text="For onShareTimeline.")
    image = serializers.CharField(help_text="1:1; may be empty.")


class H5Answer(serializers.Serializer):
    link = serializers.CharField()
    title = serializers.CharField()
    desc = serializers.CharField()
    image = serializers.CharField()


class CardAnswer(serializers.Serializer):
    code = serializers.CharField()
    scene = serializers.CharField(help_text="Of codes of the mini-program: at most 32 characters.")
    chat = ChatAnswer()
    timeline = TimelineAnswer()
    h5 = H5Answer()
    qr_url = serializers.CharField(help_text="A PNG of the link's QR code.")
    wxa_code_url = serializers.CharField(
        help_text="The code of the mini-program; empty until WeChat has given it."
    )


class ShareTargetAnswer(serializers.Serializer):
    kind = serializers.ChoiceField(Share.Target.choices)
    id = serializers.CharField(help_text="Empty for recruiting.")


class TargetFactsAnswer(ShareTargetAnswer):
    title = serializers.CharField()
    description = serializers.CharField()
    picture = serializers.CharField(help_text="Its address; may be empty.")


class ShareAnswer(CardAnswer):
    target = ShareTargetAnswer()


class ShareRowAnswer(serializers.Serializer):
    code = serializers.CharField()
    target = serializers.SerializerMethodField()
    title = serializers.SerializerMethodField(help_text="Empty once the target is gone.")
    channel = serializers.ChoiceField(Share.Channel.choices)
    label = serializers.CharField()
    link = serializers.SerializerMethodField()
    created_at = Moment()
    live = serializers.SerializerMethodField(help_text="Neither expired nor switched off.")

    def get_target(self, share: Share) -> dict[str, str]:
        return {"kind": share.target_kind, "id": share.target_id}

    def get_title(self, share: Share) -> str:
        return str(self.context["titles"].get(share.pk, ""))

    def get_link(self, share: Share) -> str:
        return str(self.context["links"][share.pk])

    def get_live(self, share: Share) -> bool:
        return share.is_live(self.context["at"])


class SharerAnswer(serializers.Serializer):
    code = serializers.CharField(help_text="Of the home page.")
    nickname = serializers.CharField(source="member.nickname")
    avatar = serializers.SerializerMethodField(help_text="Its address; may be empty.")

    def get_avatar(self, distributor: Distributor) -> str:
        return avatar_url(distributor.member)


class LandingAnswer(serializers.Serializer):
    url = serializers.CharField(help_text="A whole address, or a path of our pages.")
    mini_path = serializers.CharField(help_text="In the mini-program, with the share.")


class VisitAnswer(serializers.Serializer):
    visit = serializers.CharField(help_text="Empty if nothing was counted.")
    anonymous_id = serializers.CharField(
        help_text="Keep it, and send it with the next visit and with the sign-in."
    )
    bound = serializers.BooleanField(help_text="The one who shared is the member's referrer.")
    own = serializers.BooleanField(help_text="It is the member's own share.")
    distributor = SharerAnswer(
        required=False, help_text="Who shared; only if an active distributor."
    )
    target = TargetFactsAnswer(required=False, help_text="Left out if the code opens nothing.")
    landing = LandingAnswer()


def only_known(values: dict[str, Any]) -> dict[str, Any]:
    """Return the fields that have a value: the others are left out of the answer."""
    return {name: value for name, value in values.items() if value is not None}
