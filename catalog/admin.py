"""Categories, products and their SKUs."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.db.models import Count, Field, Max, Min, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from mptt.exceptions import InvalidMove
from mptt.forms import MPTTAdminForm
from unfold.admin import TabularInline
from unfold.contrib.filters.admin import ChoicesDropdownFilter, DropdownFilter
from unfold.enums import ActionVariant

from catalog import services
from catalog.models import Category, Product, ProductQuerySet, Sku
from common.admin import ModelAdmin, YuanField, column
from common.dialogs import decision
from common.money import format_yuan
from members.models import User

INDENT = "\u3000"  # a select keeps no ordinary blanks


@admin.register(Category)
class CategoryAdmin(ModelAdmin):
    form = MPTTAdminForm
    list_display = ["tree_name", "parent", "code"]
    list_display_links = ["tree_name"]
    list_select_related = ["parent"]
    list_per_page = 200
    ordering = ["tree_id", "lft"]
    sortable_by = ()
    search_fields = ["name", "code"]
    fields = ["name", "code", "parent"]

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **options: Any) -> Any:
        return super().formfield_for_foreignkey(
            db_field, request, level_indicator=INDENT, **options
        )

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        obj.save()  # the whole row: its place in the tree is in columns that no form shows

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return super().changeform_view(request, *args, **kwargs)
        except InvalidMove:  # the form has checked it, but the tree was moved since
            messages.error(request, _("A category cannot be below itself. Nothing was moved."))
        return HttpResponseRedirect(request.get_full_path())

    @column(_("category"))
    def tree_name(self, category: Category) -> str:
        return format_html(
            '<span style="padding-inline-start:{}rem">{}</span>',
            1.5 * category.level,
            category.name,
        )


class CategoryFilter(DropdownFilter):
    """A category with all below it."""

    title = _("category")
    parameter_name = "category"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[int, str]]:
        tree = Category.objects.order_by("tree_id", "lft")
        return [(one.pk, INDENT * one.level + one.name) for one in tree]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Product]) -> QuerySet[Product]:
        chosen = str(self.value() or "")
        if not chosen:
            return queryset
        top = Category.objects.filter(pk=chosen).first() if chosen.isdecimal() else None
        if top is None:
            return queryset.none()
        return queryset.filter(category__in=top.get_descendants(include_self=True))


class SkuInline(TabularInline):
    model = Sku
    extra = 0
    show_change_link = False
    hide_title = True

    def get_fields(self, request: HttpRequest, obj: Product | None = None) -> list[str]:
        if self.has_change_permission(request, obj):
            return ["code", "variety", "kind", "price", "cost"]
        return ["code", "variety", "kind", "price_in_yuan", "cost_in_yuan"]

    def get_readonly_fields(self, request: HttpRequest, obj: Product | None = None) -> list[str]:
        return ["price_in_yuan", "cost_in_yuan"]

    def has_delete_permission(self, request: HttpRequest, obj: Product | None = None) -> bool:
        # Later on the last one could go, and leave a product on sale with nothing to buy.
        draft = obj is None or obj.status == Product.Status.DRAFT
        return draft and bool(super().has_delete_permission(request, obj))

    def formfield_for_dbfield(self, db_field: Field, request: HttpRequest, **options: Any) -> Any:
        if db_field.name == "price":
            return YuanField(label=db_field.verbose_name, help_text=_("In yuan."))
        if db_field.name == "cost":
            return YuanField(
                label=db_field.verbose_name,
                help_text=_("In yuan; empty when not known."),
                required=False,
            )
        return super().formfield_for_dbfield(db_field, request, **options)

    @column(_("price"))
    def price_in_yuan(self, sku: Sku) -> str:
        return format_yuan(sku.price)

    @column(_("cost"))
    def cost_in_yuan(self, sku: Sku) -> str:
        return "–" if sku.cost is None else format_yuan(sku.cost)


@admin.register(Product)
class ProductAdmin(ModelAdmin):
    list_display = ["name", "category", "state", "skus", "prices"]
    list_select_related = ["category"]
    list_filter = [("status", ChoicesDropdownFilter), CategoryFilter]
    search_fields = ["name"]
    search_help_text = _("Words of the name, or how a SKU begins")
    fields = ["name", "category", "status", "public_id"]
    readonly_fields = ["status", "public_id"]
    inlines = [SkuInline]
    actions_detail = ["put_on_sale", "take_off_sale"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Product]:
        found: QuerySet[Product] = super().get_queryset(request)
        return found.annotate(
            sku_count=Count("skus"), lowest=Min("skus__price"), highest=Max("skus__price")
        )

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **options: Any) -> Any:
        return super().formfield_for_foreignkey(
            db_field, request, level_indicator=INDENT, **options
        )

    def get_search_results(
        self, request: HttpRequest, queryset: ProductQuerySet, search_term: str
    ) -> tuple[QuerySet[Product], bool]:
        return (queryset.search(search_term) if search_term.strip() else queryset), False

    def get_fields(self, request: HttpRequest, obj: Product | None = None) -> list[str]:
        return self.fields if obj else ["name", "category"]

    def get_actions_detail(self, request: HttpRequest, object_id: str) -> list[Any]:
        product = self.get_object(request, unquote(str(object_id)))
        possible = {
            "put_on_sale": Product.Status.ON_SALE,
            "take_off_sale": Product.Status.OFF_SALE,
        }
        return [
            action
            for action in super().get_actions_detail(request, object_id)
            if product and product.status in Product.COMES_FROM[possible[action.path]]
        ]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        draft = not isinstance(obj, Product) or obj.status == Product.Status.DRAFT
        return draft and bool(super().has_delete_permission(request, obj))

    @decision(
        _("Put on sale"),
        question=_("Buyers can find and buy it from now on."),
        done=_("It is on sale."),
        permission="change",
        icon="storefront",
        variant=ActionVariant.PRIMARY,
    )
    def put_on_sale(self, row: Product, *, by: User, at: datetime) -> None:
        services.put_on_sale(product=row, by=by, at=at)

    @decision(
        _("Take off sale"),
        question=_("Buyers cannot find it any more. What they have ordered stays as it is."),
        done=_("It is off sale."),
        permission="change",
        icon="remove_shopping_cart",
    )
    def take_off_sale(self, row: Product, *, by: User, at: datetime) -> None:
        services.take_off_sale(product=row, by=by, at=at)

    @column(_("status"), label={"on_sale": "success", "off_sale": "warning", "draft": "info"})
    def state(self, product: Product) -> tuple[str, str]:
        return product.status, product.get_status_display()

    @column(_("SKUs"))
    def skus(self, product: Any) -> int:
        return int(product.sku_count)

    @column(_("price"))
    def prices(self, product: Any) -> str:
        if product.lowest is None:
            return "–"
        low, high = format_yuan(product.lowest), format_yuan(product.highest)
        return low if low == high else f"{low} – {high}"
