"""The whole forum on one page: which URLs there are, what follows what, what runs when."""

from starlette.routing import Route

from forum import guide, health
from forum.accounts import jobs as account_jobs
from forum.accounts import views as accounts
from forum.accounts.types import Holdings
from forum.administration import running_views, setup_views, words_views
from forum.administration import sign_in_views as sign_in_methods
from forum.categories import account as categories_account
from forum.categories import admin_views as categories_admin
from forum.categories import moderator_views, outlook_views
from forum.categories import views as categories
from forum.demo import views as demo
from forum.directory import views as directory
from forum.events import account as events_account
from forum.events import edit_views as events_editing
from forum.events import jobs as events
from forum.events import views as events_views
from forum.following import account as following_account
from forum.following import carrying, joining_in, quiet_views, search_views, start_views, why_views
from forum.following import jobs as following
from forum.following import views as following_views
from forum.following.why_types import MailMade
from forum.following.wishes import Unreached
from forum.identities import account as identities_account
from forum.identities import address_views, confirm_views, key_jobs, oidc_views, passkey_views, security_views, way_jobs
from forum.kit import posting, reports
from forum.kit.limits import Limit
from forum.kit.sheets import MOST_BYTES
from forum.kit.tools import Job, Tools
from forum.mail import account as mail_account
from forum.mail import belated, changing, click_views, delivery, digest_views, instant, instant_jobs, testing
from forum.mail import jobs as mail_jobs
from forum.mail import queue_views as mail_queue
from forum.mail.digests import making, previewing
from forum.mail.digests import rendering as digests
from forum.mail.queries import mail_made
from forum.mail.suppressing import unreached
from forum.mail.types import Renderer
from forum.members import account as members_account
from forum.members import (
    domain_views,
    invitation_views,
    people_views,
    privacy_views,
    register_views,
    requests_views,
    return_views,
    settings_views,
    staff_jobs,
)
from forum.members import jobs as members
from forum.members import views as member_views
from forum.moderation import account as moderation_account
from forum.moderation import (
    flag_views,
    flags,
    holds,
    joins,
    log_views,
    note_views,
    queue,
    queue_views,
    reason_views,
    undo_views,
)
from forum.moderation import health_views as weekly
from forum.moderation import jobs as moderation
from forum.moderation.types import Kind
from forum.notifications import account as notifications_account
from forum.notifications import jobs as notifications_jobs
from forum.notifications import live as notifications_live
from forum.notifications import views as notifications
from forum.products import account as products_account
from forum.products import admin_views as products_admin
from forum.products import bursts, compare_views, owner_views, owners, review_views, stories, story_views, suggesting
from forum.products import jobs as products_jobs
from forum.products import views as products
from forum.renewals import account as renewals_account
from forum.renewals import commands as renewals_commands
from forum.renewals import feed_views, import_views, map_views, round_views, rounds
from forum.renewals import jobs as renewals_jobs
from forum.renewals import views as renewals
from forum.screening import views as screening
from forum.search import account as search_account
from forum.search import asked_jobs, asked_views, likeness, saved_views, word_jobs
from forum.search import jobs as search_jobs
from forum.search import views as search
from forum.site import account as site_account
from forum.site import views as site
from forum.threads import account as threads_account
from forum.threads import ask_views, batch_views, edit_views, list_views, split_views, staff_views
from forum.threads import views as threads
from forum.topics import views as topics
from forum.votes import account as votes_account
from forum.votes import views as votes

ROUTES = [
    *batch_views.routes,  # before the orders of a category's list, whose place in the address it has
    *list_views.routes,
    *threads.routes,
    *ask_views.routes,
    *edit_views.routes,
    *staff_views.routes,
    *split_views.routes,
    *votes.routes,
    *categories.routes,
    *categories_admin.routes,
    *moderator_views.routes,
    *outlook_views.routes,
    *topics.routes,
    *events_views.routes,
    *events_editing.routes,
    *products_admin.routes,
    *review_views.routes,
    *story_views.routes,
    *owner_views.routes,
    *compare_views.routes,  # before a product's page, whose place in the address it has
    *products.routes,
    *renewals.routes,
    *round_views.routes,
    *import_views.routes,
    *feed_views.routes,
    *map_views.routes,
    *search.routes,
    *saved_views.routes,
    *asked_views.routes,
    *following_views.routes,
    *search_views.routes,
    *start_views.routes,
    *why_views.routes,
    *quiet_views.routes,
    *notifications_live.routes,
    *notifications.routes,
    *passkey_views.routes,
    *confirm_views.routes,
    *security_views.routes,
    *member_views.routes,
    *settings_views.routes,
    *requests_views.routes,
    *invitation_views.routes,
    *domain_views.routes,
    *privacy_views.routes,
    *register_views.routes,
    *directory.routes,
    *people_views.routes,
    *oidc_views.routes,
    *address_views.routes,
    *return_views.routes,
    *accounts.routes,
    *setup_views.routes,
    *sign_in_methods.routes,
    *words_views.routes,
    *running_views.routes,
    *mail_queue.routes,
    *click_views.routes,
    *digest_views.routes,
    *queue_views.routes,
    *undo_views.routes,
    *flag_views.routes,
    *screening.routes,
    *reason_views.routes,
    *note_views.routes,
    *log_views.routes,
    *weekly.routes,
    *guide.routes,
    *site.routes,
    *health.routes,
    *reports.routes,
]

# Forms that may hold more than the usual megabyte: paths, and how many bytes.
LARGER_FORMS = {"/admin/invitations": MOST_BYTES}

# In demo mode these come first: `/` lets you choose who you are.
DEMO_ROUTES = [Route("/", demo.home_or_choice(list_views.home("latest"))), *demo.routes]

# What waits for moderators; a room that has something for them adds its kind.
QUEUE: tuple[Kind, ...] = (flags.KIND, holds.KIND, joins.KIND, suggesting.KIND, bursts.KIND)


async def tidy_queue(tools: Tools) -> None:
    """Each minute: the queue follows what was moved, and what was solved elsewhere leaves it."""
    await queue.tidy(tools.db, QUEUE)


async def mail_letter(tools: Tools, item_id: int) -> None:
    """Tell the author of what was judged, as its kind says."""
    await moderation.mail_letter(tools, item_id, QUEUE)


# What each kind of mail becomes when its turn comes.
RENDERERS: dict[str, Renderer] = {
    "instant": instant.render_instant,
    "digest": digests.render_digests,
    "change": changing.render_changes,
    "preview": previewing.render_previews,
    "test": testing.render,
}


async def deliver_mails(tools: Tools) -> None:
    """Each minute, and when something is due at once: send what is due."""
    await delivery.deliver(tools, RENDERERS)


# What each room holds of a member: exported, handed over and forgotten together. An upper room is asked first.
HOLDINGS: Holdings = (
    site_account.HOLDING,
    members_account.HOLDING,
    identities_account.HOLDING,
    categories_account.HOLDING,
    threads_account.HOLDING,
    votes_account.HOLDING,
    moderation_account.HOLDING,
    events_account.HOLDING,
    products_account.HOLDING,
    renewals_account.HOLDING,
    search_account.HOLDING,
    following_account.HOLDING,
    notifications_account.HOLDING,
    mail_account.HOLDING,
)

# What upper rooms keep of products is handed over when two products become one. A room that forgets its statement here
# loses nothing: its foreign key keeps the product.
PRODUCT_MERGES: tuple[str, ...] = (
    *stories.MERGED,
    *owners.MERGED,
    *renewals_commands.MERGED,
    *rounds.MERGED,
    *carrying.MERGED["product"],
)

# The same for two topics that become one.
TOPIC_MERGES: tuple[str, ...] = carrying.MERGED["topic"]

# What mail was made of a post for a member, in sentences: the mail room says so on the page that says why.
MAIL_MADE: MailMade | None = mail_made

# Why no mail reaches a member at all: the same page of theirs that says how they hear of things says this.
UNREACHED: Unreached = unreached

# What is like a title, for rooms below the search: threads beside a thread, under a new question, of a product.
ALIKE = likeness.alike

# What the page of a thread with an event says of it.
BESIDE = events_views.beside

# What holds at once for whoever says on an event's page whether they come, or writes on a thread's, as that page is
# shown next; the jobs of `event.joined`, `event.left` and `post.added` do the same wherever else that is done.
JOINED, WROTE = joining_in.early(joining_in.follow_by_coming), joining_in.early(joining_in.follow_by_writing)

# How often one member, or the guests of one block of addresses, may ask. `limits` is also asked by commands whose
# limit is not about who asks: links for one address, tries of one code.
POSTS, EDITS, ACTS = Limit("posts", 40, 600), Limit("edits", 60, 600), Limit("acts", 200, 600)
FOLLOWS = Limit("follows", 400, 600)
PACE = {
    "POST /ask": POSTS,
    "POST /t/{thread_id:int}/{slug}": POSTS,
    "POST /p/{post_id:int}/edit": EDITS,
    "POST /p/{post_id:int}/delete": ACTS,
    "POST /p/{post_id:int}/restore": ACTS,
    "POST /p/{post_id:int}/accept": ACTS,
    "POST /p/{post_id:int}/unaccept": ACTS,
    "POST /p/{post_id:int}/helpful": ACTS,
    "POST /p/{post_id:int}/flag": ACTS,
    "POST /threads/{thread_id:int}/vendors": ACTS,
    "POST /events/new": POSTS,
    "POST /events/{thread_id:int}/edit": EDITS,
    "POST /events/{thread_id:int}/cancel": ACTS,
    "POST /events/{thread_id:int}/coming": ACTS,
    "POST /products/suggest": ACTS,
    "POST /products/{slug}/use": ACTS,
    "POST /products/{slug}/review": EDITS,
    "POST /reviews/{review_id:int}/answer": POSTS,
    "POST /products/{slug}/moved": POSTS,
    "POST /products/{slug}/ask": POSTS,
    "POST /products/{slug}/contact": ACTS,
    "POST /asked/{asked_id:int}": ACTS,
    "POST /asked/{asked_id:int}/offer": ACTS,
    "POST /searches": ACTS,
    "POST /searches/{saved_id:int}/name": ACTS,
    **dict.fromkeys((f"POST {path}" for path in following_views.PATHS), FOLLOWS),
    "POST /undo/follow/{deed}": FOLLOWS,
    "POST /undo/search/{deed}": ACTS,
    "POST /undo/quiet/{deed}": ACTS,
    "POST /settings/following": FOLLOWS,
    "POST /settings/following/links": ACTS,
    "GET /settings/digest": Limit("digest previews", 60, 600),
    "POST /settings/digest": ACTS,
    "POST /settings/following/start": FOLLOWS,
    "POST /searches/{saved_id:int}/remove": ACTS,
    "POST /notifications/done": ACTS,
    "POST /notifications/{notification_id:int}/done": ACTS,
    "POST /notifications/{notification_id:int}/mute": ACTS,
    "POST /undo/told/{deed}": ACTS,
    "POST /renewals/new": ACTS,
    "POST /renewals/{contract_id:int}/round": ACTS,
    "POST /rounds/{round_id:int}/answer": EDITS,
    "POST /rounds/{round_id:int}/decision": EDITS,
    "POST /rounds/{round_id:int}/right": EDITS,
    "POST /renewals/import": EDITS,
    "POST /renewals/feed": EDITS,
    "GET /renewals/calendar/{token}.ics": Limit("calendars", 300, 3600),
    "POST /renewals/{contract_id:int}/edit": ACTS,
    "POST /renewals/{contract_id:int}/remove": ACTS,
    "POST /preview": Limit("previews", 120, 600),
    "POST /people/invitations": Limit("invitations", 200, 3600),
    "POST /sign-in": Limit("links", 60, 900),
    "POST /sign-in/{token}": Limit("links used", 120, 900),
    "GET /sign-in/with/{provider}": Limit("sign-ins elsewhere", 300, 900),
    "GET /sign-in/with/{provider}/back": Limit("returns", 600, 900),
    "POST /join": Limit("joins", 30, 3600),
    "POST /join/{token}": Limit("joins by link", 60, 900),
    "GET /search": Limit("searches", 120, 60),
    "GET /search/instant": Limit("instant searches", 600, 60),
    "GET /ask/similar": Limit("similar", 300, 60),
}

REACTIONS: dict[str, list[Job]] = {
    "confirmation.requested": [key_jobs.mail_confirmation_link],
    "keys.changed": [key_jobs.mail_key_change],
    "address.asked": [way_jobs.mail_address_link],
    "ways_in.changed": [way_jobs.mail_notice],
    "address.left": [following.void_links],
    "sign_in.requested": [members.mail_sign_in_link],
    "member.merge_asked": [account_jobs.mail_merge_link],
    "member.merged": [account_jobs.mail_merged],
    "member.invited": [members.mail_invitation],
    "member.silenced": [staff_jobs.mail_silence],
    "member.unsilenced": [staff_jobs.mail_end_of_silence],
    "member.suspended": [staff_jobs.mail_suspension],
    "member.unsuspended": [staff_jobs.mail_end_of_suspension],
    "member.role_changed": [staff_jobs.mail_role],
    "invitations.confirmed": [members.send_invitations],
    "join.requested": [members.mail_receipt, moderation.queue_join],
    "join.decided": [members.mail_decision, moderation.unqueue_join],
    "post.added": [following.follow_by_post, notifications_jobs.notify_post, instant_jobs.queue_instant],
    "mention.added": [following.follow_by_post, belated.tell_called],
    "post.shown": [belated.tell_shown, events.renew],
    "thread.merged": [following.carry_thread, notifications_jobs.carry_thread],
    "thread.split": [following.carry_split],
    "answer.accepted": [notifications_jobs.notify_accepted],
    "post.flagged": [moderation.queue_flag],
    "flag.withdrawn": [moderation.unqueue_flag],
    "post.held": [moderation.queue_hold],
    "hold.ended": [moderation.unqueue_hold],
    "hold.published": [events.release],
    "event.joined": [following.follow_by_coming],
    "event.left": [following.follow_by_coming],
    "event.changed": [changing.queue_change],
    "product.suggested": [products_jobs.queue_suggestion],
    "review.written": [products_jobs.look_for_burst],
    "posts.changed": [products_jobs.rescore_thread],
    "decision.settled": [mail_letter],
    "mail.due": [deliver_mails],
    "synonyms.changed": [word_jobs.send_synonyms],
}

# When (minute hour day month weekday, UTC) → what.
SCHEDULE: list[tuple[str, Job]] = [
    ("17 3 * * *", members.clear_up),
    ("19 3 * * *", posting.forget_receipts),
    ("21 3 * * *", way_jobs.clear_up_ways),
    ("29 3 * * *", mail_jobs.forget_old),
    ("23 3 * * *", key_jobs.clear_up),
    ("31 3 * * *", products_jobs.count_nightly),
    ("25 3 * * *", renewals_jobs.clear_up),
    ("27 3 * * *", asked_jobs.forget_asked),
    ("5 * * * *", renewals_jobs.tend_rounds),
    ("*/5 * * * *", staff_jobs.lift_ended_sanctions),
    ("* * * * *", members.send_invitations),
    ("* * * * *", moderation.release_letters),
    ("* * * * *", tidy_queue),
    ("* * * * *", making.make_digests),
    ("* * * * *", deliver_mails),
    ("* * * * *", search_jobs.index_changes),
    ("27 3 * * *", search_jobs.tidy_words),
    ("33 3 * * *", following.clear_up),
    ("37 3 * * *", following.renew_searches),
    ("39 3 * * *", notifications_jobs.clear_up),
]
