"""What the API shows of categories and products."""

from __future__ import annotations

from rest_framework import serializers

from catalog.models import Industry, Sku
from commissions.storefront import PLATFORMS
from ledger.chart import Asset


class CategoryRow(serializers.Serializer):
    code = serializers.CharField()
    name = serializers.CharField()
    parent = serializers.CharField(
        source="parent.code", default="", help_text="The code of the category above; may be empty."
    )
    industry = serializers.ChoiceField(
        Industry.choices, allow_blank=True, help_text="Empty: that of the category above."
    )


class CategoriesAnswer(serializers.Serializer):
    results = CategoryRow(many=True)


class CategoryName(serializers.Serializer):
    code = serializers.CharField()
    name = serializers.CharField()


class ProductEarningAnswer(serializers.Serializer):
    kind = serializers.ChoiceField(Asset.choices)
    min = serializers.IntegerField(source="least", help_text="In fen, or points.")
    max = serializers.IntegerField(source="most")


class ProductRow(serializers.Serializer):
    id = serializers.CharField(source="public_id")
    title = serializers.CharField()
    category = CategoryName()
    price = serializers.IntegerField(help_text="The lowest of its SKUs, in fen.", allow_null=True)
    highest_price = serializers.IntegerField(allow_null=True)
    strike_price = serializers.IntegerField(
        allow_null=True,
        help_text="Before a reduction: the lowest price of the seven days before it. Null without"
        " one. Show no other price struck through.",
    )
    picture = serializers.CharField(help_text="An address; empty without a picture.")
    square_picture = serializers.CharField(help_text="1:1, 600 pixels.")
    chat_picture = serializers.CharField(help_text="5:4, 750 pixels wide.")
    on_sale = serializers.BooleanField()
    purchasable_on = serializers.ListField(
        child=serializers.ChoiceField(PLATFORMS),
        help_text="WeChat allows no virtual goods in mini-programs on iOS.",
    )
    my_commission = ProductEarningAnswer(
        required=False, help_text="On one unit as tier 1. Absent: nothing, or no distributor."
    )


class PictureAnswer(serializers.Serializer):
    url = serializers.CharField()
    width = serializers.IntegerField()
    height = serializers.IntegerField()


class SkuAnswer(serializers.Serializer):
    sku = serializers.CharField(source="code")
    variety = serializers.CharField()
    kind = serializers.ChoiceField(Sku.Kind.choices)
    price = serializers.IntegerField(help_text="In fen.")
    purchasable_on = serializers.ListField(child=serializers.ChoiceField(PLATFORMS))


class ChatCardAnswer(serializers.Serializer):
    title = serializers.CharField()
    path = serializers.CharField()
    image = serializers.CharField()


class TimelineCardAnswer(serializers.Serializer):
    title = serializers.CharField()
    query = serializers.CharField()
    image = serializers.CharField()


class H5CardAnswer(serializers.Serializer):
    link = serializers.CharField()
    title = serializers.CharField()
    desc = serializers.CharField()
    image = serializers.CharField()


class ReadyCard(serializers.Serializer):
    code = serializers.CharField()
    scene = serializers.CharField()
    chat = ChatCardAnswer()
    timeline = TimelineCardAnswer()
    h5 = H5CardAnswer()
    qr_url = serializers.CharField()
    wxa_code_url = serializers.CharField()


class ProductAnswer(ProductRow):
    pictures = PictureAnswer(many=True)
    skus = SkuAnswer(many=True)
    url = serializers.CharField(help_text="Its page at the mall; may be empty.")
    mini_path = serializers.CharField(help_text="Its page in the mini-program; may be empty.")
    version = serializers.CharField(help_text="Another one as soon as what is shown changes.")
    share = ReadyCard(required=False, help_text="Absent without a login that may share.")
