"""Errors that any call of the REST API may answer with."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from common.errors import TwotierError


class Repeatable:
    """What errors have in common after which the client may repeat the request."""

    retry_after: int | None = None
    """Seconds."""


class BadRequest(TwotierError):
    code = "bad_request"
    message = _("The request could not be read. Check its headers and its address.")
    status = 400


class MalformedJson(TwotierError):
    code = "malformed_json"
    message = _("The body is not valid JSON in UTF-8.")
    status = 400


class InvalidInput(TwotierError):
    """``data["errors"]`` lists every invalid field."""

    code = "invalid_input"
    message = _("Some fields are invalid. Nothing was changed.")
    status = 400


class InvalidCursor(TwotierError):
    code = "invalid_cursor"
    message = _("This cursor belongs to another list or another filter. Start at the first page.")
    status = 400


class NotSignedIn(TwotierError):
    code = "not_signed_in"
    message = _("Sign in first.")
    status = 401


class ScopeMissing(TwotierError):
    code = "scope_missing"
    message = _("This needs the scope “%(scope)s”, which the token or the client does not have.")
    status = 403


class NotFound(TwotierError):
    code = "not_found"
    message = _("There is nothing at this address, or it is not yours.")
    status = 404


class FeatureOff(TwotierError):
    code = "feature_off"
    message = _("This shop does not use this feature.")
    status = 404


class MethodNotAllowed(TwotierError):
    code = "method_not_allowed"
    message = _("This address does not accept this method: see the header Allow.")
    status = 405


class NotAcceptable(TwotierError):
    code = "not_acceptable"
    message = _("The API answers in JSON only. Send Accept: application/json.")
    status = 406


class InProgress(Repeatable, TwotierError):
    code = "in_progress"
    message = _("The same request is being processed. Repeat it in a moment.")
    retry_after = 1


class BodyTooLarge(TwotierError):
    code = "body_too_large"
    message = _("The body is larger than %(limit)s KiB. Send less at once. Nothing was changed.")
    status = 413


class UnsupportedMediaType(TwotierError):
    code = "unsupported_media_type"
    message = _("Send JSON as application/json, and a file as multipart/form-data.")
    status = 415


class IdempotencyKeyMissing(TwotierError):
    code = "idempotency_key_missing"
    message = _("Send an Idempotency-Key of 1 to 255 characters, and the same one when repeating.")
    status = 400


class IdempotencyKeyReused(TwotierError):
    code = "idempotency_key_reused"
    message = _("This Idempotency-Key was sent with another body. Use a new key.")
    status = 422


class TooManyRequests(Repeatable, TwotierError):
    code = "too_many_requests"
    message = _("Too many requests. Repeat this after the time in Retry-After.")
    status = 429


class ServerFault(TwotierError):
    code = "server_fault"
    message = _("This is a fault on our side. Name the request id when you report it.")
    status = 500


class Unavailable(Repeatable, TwotierError):
    code = "unavailable"
    message = _("The service is busy. Repeat the request in a moment; that is safe.")
    status = 503
    retry_after = 1
