"""The whole forum on one page: which URLs there are, what follows what, what runs when."""

from starlette.routing import Route

from forum import guide, health
from forum.categories import views as categories
from forum.demo import views as demo
from forum.kit.tools import Job
from forum.members import jobs as members
from forum.members import people_views, settings_views
from forum.members import views as member_views
from forum.search import views as search
from forum.site import views as site
from forum.threads import ask_views, edit_views, list_views
from forum.threads import views as threads
from forum.topics import views as topics
from forum.votes import views as votes

ROUTES = [
    *list_views.routes,
    *threads.routes,
    *ask_views.routes,
    *edit_views.routes,
    *votes.routes,
    *categories.routes,
    *topics.routes,
    *search.routes,
    *member_views.routes,
    *settings_views.routes,
    *people_views.routes,
    *guide.routes,
    *site.routes,
    *health.routes,
]

# In demo mode these come first: `/` lets you choose who you are.
DEMO_ROUTES = [Route("/", demo.home_or_choice(list_views.home("latest"))), *demo.routes]

REACTIONS: dict[str, list[Job]] = {
    "sign_in.requested": [members.mail_sign_in_link],
    "member.invited": [members.mail_invitation],
    "member.approved": [members.mail_welcome],
}

# When (minute hour day month weekday, UTC) → what.
SCHEDULE: list[tuple[str, Job]] = [
    ("17 3 * * *", members.clear_up),
]
