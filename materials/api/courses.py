"""Training courses, and which of them a member has read."""

from __future__ import annotations

from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.serializers import Moment, Number, StrictSerializer
from common import clock
from materials import services
from materials.api.materials import MaterialAnswer
from materials.api.texts import BlocksField
from materials.models import Course
from materials.queries import courses_visible_to, materials_visible_to, readings_of, with_files
from members.sessions.views import MemberEndpoint


class CourseRow(serializers.Serializer):
    id = serializers.CharField(source="public_id")
    title = serializers.CharField()
    summary = serializers.CharField()
    version = serializers.IntegerField()
    is_required = serializers.BooleanField()
    published_at = Moment()
    is_read = serializers.SerializerMethodField(help_text="Whether I have read this version.")
    read_at = serializers.SerializerMethodField(help_text="Left out until it is read.")

    def get_is_read(self, course: Course) -> bool:
        return course.pk in self.context["read"]

    def get_read_at(self, course: Course) -> str | None:
        moment = self.context["read"].get(course.pk)
        return Moment().to_representation(moment) if moment else None

    def to_representation(self, course: Course) -> dict[str, Any]:
        body = super().to_representation(course)
        return {name: value for name, value in body.items() if value is not None}


class CourseAnswer(CourseRow):
    blocks = BlocksField(source="text", read_only=True, help_text="The text, ready to be laid out.")
    material = MaterialAnswer(
        required=False, help_text="Pictures or a video; left out without one that I may see."
    )


class CoursesAnswer(serializers.Serializer):
    unread = serializers.IntegerField(help_text="Required ones that I have not read.")
    courses = CourseRow(many=True)


class CourseReadBody(StrictSerializer):
    version = Number(min_value=1, max_value=2**31 - 1, help_text="The version that was shown.")


class Courses(MemberEndpoint):
    scope = "me:read"

    @extend_schema(
        operation_id="courses",
        responses=CoursesAnswer,
        summary="Training courses for me, the required ones first",
    )
    def get(self, request: Request) -> Response:
        courses = list(courses_visible_to(self.member).defer("text"))
        read = readings_of(self.member, courses)
        unread = sum(course.is_required and course.pk not in read for course in courses)
        body = {"unread": unread, "courses": courses}
        return Response(CoursesAnswer(body, context={"read": read}).data)


class OneCourse(MemberEndpoint):
    scope = "me:read"

    @extend_schema(operation_id="course", responses=CourseAnswer, summary="A training course")
    def get(self, request: Request, public_id: str) -> Response:
        at = clock.now()
        course = get_object_or_404(courses_visible_to(self.member), public_id=public_id)
        if course.material_id:
            rows = with_files(materials_visible_to(self.member, at=at).with_figures())
            # In the place of the key, so that nothing is shown that the member may not see.
            course.material = rows.filter(pk=course.material_id).first()
        read = readings_of(self.member, [course])
        return Response(CourseAnswer(course, context={"read": read, "at": at}).data)


class ReadCourse(MemberEndpoint):
    scope = "share"

    @extend_schema(
        operation_id="course_read",
        request=CourseReadBody,
        responses=CourseRow,
        summary="Confirm that I have read a course; a repetition changes nothing",
        description="Another version than the current one: course_outdated.",
    )
    def post(self, request: Request, public_id: str) -> Response:
        course = get_object_or_404(courses_visible_to(self.member), public_id=public_id)
        body = self.validated(CourseReadBody, request.data)
        services.mark_course_read(member=self.member, course=course, at=clock.now(), **body)
        read = readings_of(self.member, [course])
        return Response(CourseRow(course, context={"read": read}).data)
