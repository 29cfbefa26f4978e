from django.urls import path

from materials.api import announcements, courses, materials

urlpatterns = [
    path("materials", materials.Materials.as_view()),
    path("materials/campaigns", materials.Campaigns.as_view()),
    path("materials/campaigns/<str:public_id>/archive", materials.CampaignArchive.as_view()),
    path("materials/<str:public_id>", materials.OneMaterial.as_view()),
    path("materials/<str:public_id>/used", materials.UseMaterial.as_view()),
    path("announcements", announcements.Announcements.as_view()),
    path("courses", courses.Courses.as_view()),
    path("courses/<str:public_id>", courses.OneCourse.as_view()),
    path("courses/<str:public_id>/read", courses.ReadCourse.as_view()),
]
