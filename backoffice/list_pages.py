"""The addresses beside a list: its totals, its columns, its saved views, its exports."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ORDER_VAR, PAGE_VAR, SEARCH_VAR
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from backoffice import totals
from backoffice.exports import ask_export, send_export
from backoffice.filters import DateRangeFilter, field_title
from backoffice.list_queries import COLUMNS, frozen_query
from backoffice.saved_views import choose_columns, remove_view, save_view, views_of
from common import clock
from common.errors import TwotierError

FRAGMENTS = "admin/backoffice/list"
