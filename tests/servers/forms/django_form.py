"""A form of Django with its CSRF protection and its session: python3 django_form.py PORT"""

import sys
from wsgiref.simple_server import make_server

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpResponse
from django.middleware.csrf import get_token
from django.urls import re_path

settings.configure(
    SECRET_KEY="only for the tests of this repository" * 2,
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF=__name__,
    SECURE_PROXY_SSL_HEADER=("HTTP_X_FORWARDED_PROTO", "https"),
    SESSION_ENGINE="django.contrib.sessions.backends.signed_cookies",
    SESSION_COOKIE_SAMESITE="None",
    SESSION_COOKIE_SECURE=True,
    CSRF_COOKIE_SAMESITE="None",
    CSRF_COOKIE_SECURE=True,
    MIDDLEWARE=[
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
    ],
)


def form(request):
    visits = request.session["visits"] = request.session.get("visits", 0) + 1
    said = f"saved {request.POST['name']}" if request.method == "POST" else "empty"
    return HttpResponse(
        f"""<!doctype html><title>Django</title><link rel="icon" href="data:,"><p>{said}, visit {visits}</p>
        <form method="post" action="/form"><input type="hidden" name="csrfmiddlewaretoken" value="{get_token(request)}">
        <input name="name" value="Ann"><button>Save</button></form>"""
    )


urlpatterns = [re_path("", form)]
make_server("127.0.0.1", int(sys.argv[1]), get_wsgi_application()).serve_forever()
