"""Who may open which route: a second opinion, by method and path. A new route needs its row here, or the build fails.

A row says for whom the address is there, though what it is asked may be refused to them with a reason; for everybody
else it is missing, refused, or leads to signing in. Taking back or putting away what is not one's own is there for
anybody: it answers as if it were done, and does nothing.
"""

from collections.abc import Callable

from tests.walker.addresses import Places
from tests.walker.people import Walker, World, finds_post, finds_thread, is_staff, meets, reads, sees_vendor, works_for
from tests.walker.seen import all_staff, whose_list

Door = Callable[[World, Walker, Places], bool]


def anybody(world: World, who: Walker, at: Places) -> bool:
    return True


def nobody(world: World, who: Walker, at: Places) -> bool:
    """Of those who walk: it wants a secret that only a mail, an app or another site knows, or demo mode."""
    return False


def guests(world: World, who: Walker, at: Places) -> bool:
    return who.is_guest


def signed_in(world: World, who: Walker, at: Places) -> bool:
    return not who.is_guest


def fellows(world: World, who: Walker, at: Places) -> bool:
    """Members but vendors."""
    return not who.is_guest and who.role != "vendor"


def staff(world: World, who: Walker, at: Places) -> bool:
    return all_staff(world, who, at)


def admins(world: World, who: Walker, at: Places) -> bool:
    return not who.is_guest and who.role == "admin"


def readers(world: World, who: Walker, at: Places) -> bool:
    return reads(world, who, world.one("category", slug=at["slug"]))


def category_staff(world: World, who: Walker, at: Places) -> bool:
    category = world.one("category", slug=at["slug"])
    return reads(world, who, category) and is_staff(who, category["id"])


def thread_finders(world: World, who: Walker, at: Places) -> bool:
    return finds_thread(world, who, at["thread_id"])


def thread_staff(world: World, who: Walker, at: Places) -> bool:
    thread = world.one("thread", id=at["thread_id"])
    return finds_thread(world, who, thread["id"]) and is_staff(who, thread["category_id"])


def thread_asker_and_staff(world: World, who: Walker, at: Places) -> bool:
    thread = world.one("thread", id=at["thread_id"])
    is_own = not who.is_guest and thread["author_id"] == who.member_id
    return finds_thread(world, who, thread["id"]) and (is_own or is_staff(who, thread["category_id"]))


def post_finders(world: World, who: Walker, at: Places) -> bool:
    return finds_post(world, who, at["post_id"])


def members_who_find_post(world: World, who: Walker, at: Places) -> bool:
    return not who.is_guest and post_finders(world, who, at)


def post_author_and_staff(world: World, who: Walker, at: Places) -> bool:
    post = world.one("post", id=at["post_id"])
    thread = world.one("thread", id=post["thread_id"])
    is_own = not who.is_guest and post["author_id"] == who.member_id
    return finds_post(world, who, post["id"]) and (is_own or is_staff(who, thread["category_id"]))


def asker_and_staff(world: World, who: Walker, at: Places) -> bool:
    thread = world.one("thread", id=world.one("post", id=at["post_id"])["thread_id"])
    is_own = not who.is_guest and thread["author_id"] == who.member_id
    return finds_post(world, who, at["post_id"]) and (is_own or is_staff(who, thread["category_id"]))


def event_finders(world: World, who: Walker, at: Places) -> bool:
    """What is deleted has no time and place, for nobody."""
    thread = world.one("thread", id=at["thread_id"])
    posts = {row["post_id"] for row in world.tables["event"]}
    has_event = any(post["id"] in posts for post in world.all("post", thread_id=thread["id"]))
    return has_event and not thread["deleted_at"] and finds_thread(world, who, thread["id"])


def members_who_find_event(world: World, who: Walker, at: Places) -> bool:
    return not who.is_guest and event_finders(world, who, at)


def event_author_and_staff(world: World, who: Walker, at: Places) -> bool:
    return event_finders(world, who, at) and thread_asker_and_staff(world, who, at)


def topic_finders(world: World, who: Walker, at: Places) -> bool:
    topic = world.one("topic", slug=at["slug"])
    return any(finds_thread(world, who, row["thread_id"]) for row in world.all("thread_topic", topic_id=topic["id"]))


def acquainted(world: World, who: Walker, at: Places) -> bool:
    member = world.one("member", handle=at["handle"])
    is_shown = member["state"] == "active" or (member["state"] != "unnamed" and admins(world, who, at))
    return is_shown and meets(world, who, member["id"])


def acquainted_admins(world: World, who: Walker, at: Places) -> bool:
    return admins(world, who, at) and acquainted(world, who, at)


def admins_of_people(world: World, who: Walker, at: Places) -> bool:
    return admins(world, who, at) and world.one("member", id=at["member_id"])["state"] != "unnamed"


def acquainted_staff(world: World, who: Walker, at: Places) -> bool:
    return all_staff(world, who, at) and acquainted(world, who, at)


def told(world: World, who: Walker, at: Places) -> bool:
    """Whose notification it is, while a post of it is there for them."""
    row = world.one("notification", id=at["notification_id"])
    posts = [world.one("post", id=post_id) for post_id in row["post_ids"]]
    stand = [p for p in posts if not (p["deleted_at"] or world.one("thread", id=p["thread_id"])["deleted_at"])]
    is_own = not who.is_guest and row["member_id"] == who.member_id
    return is_own and any(finds_post(world, who, post["id"]) for post in stand)


def own(table: str, place: str, column: str = "member_id") -> Door:
    """Only whom the row is of."""

    def is_own(world: World, who: Walker, at: Places) -> bool:
        return not who.is_guest and world.one(table, id=at[place])[column] == who.member_id

    return is_own


def staff_of(table: str, place: str) -> Door:
    """Staff of the row's category; administrators where it is of none."""

    def looks_after(world: World, who: Walker, at: Places) -> bool:
        return is_staff(who, world.one(table, id=at[place])["category_id"])

    return looks_after


def note_staff(world: World, who: Walker, at: Places) -> bool:
    note = world.one("staff_note", id=at["note_id"])
    is_of_page = world.one("member", handle=at["handle"])["id"] == note["member_id"]
    return is_of_page and is_staff(who, note["category_id"])


def item_staff(world: World, who: Walker, at: Places) -> bool:
    """Nobody judges their own."""
    item = world.one("queue_item", id=at["item_id"])
    return is_staff(who, item["category_id"]) and item["author_id"] != who.member_id


def product_seers(world: World, who: Walker, at: Places) -> bool:
    return sees_vendor(world, who, world.one("product", slug=at["slug"])["vendor_id"])


def reviewers(world: World, who: Walker, at: Places) -> bool:
    product_id = world.one("product", slug=at["slug"])["id"]
    return not who.is_guest and world.one("review", product_id=product_id, member_id=who.member_id) is not None


def asked_ones(world: World, who: Walker, at: Places) -> bool:
    return fellows(world, who, at) and world.one("owner_asked", id=at["asked_id"])["member_id"] == who.member_id


def offered_ones(world: World, who: Walker, at: Places) -> bool:
    asked = world.one("owner_asked", id=at["asked_id"])
    question = world.one("owner_question", id=asked["question_id"])
    return fellows(world, who, at) and question["member_id"] == who.member_id and asked["offered_at"] is not None


def review_readers(world: World, who: Walker, at: Places) -> bool:
    review = world.one("review", id=at["review_id"])
    vendor_id = world.one("product", id=review["product_id"])["vendor_id"]
    return sees_vendor(world, who, vendor_id) and finds_post(world, who, review["post_id"])


def vendor_seers(world: World, who: Walker, at: Places) -> bool:
    return sees_vendor(world, who, world.one("vendor", slug=at["slug"])["id"])


def district_people(world: World, who: Walker, at: Places) -> bool:
    return works_for(world, who) is not None


def list_keepers(world: World, who: Walker, at: Places) -> bool:
    return whose_list(world, who, world.one("contract_list", id=at["contract_list_id"]))


def round_readers(world: World, who: Walker, at: Places) -> bool:
    return fellows(world, who, at) and finds_thread(
        world, who, world.one("review_round", id=at["round_id"])["thread_id"]
    )


def contract_keepers(world: World, who: Walker, at: Places) -> bool:
    return works_for(world, who) == world.one("contract", id=at["contract_id"])["district_id"]


def thread_followers(world: World, who: Walker, at: Places) -> bool:
    is_there = not world.one("thread", id=at["thread_id"])["deleted_at"]
    return is_there and not who.is_guest and finds_thread(world, who, at["thread_id"])


def person_followers(world: World, who: Walker, at: Places) -> bool:
    is_there = world.one("member", id=at["member_id"])["state"] in ("active", "unclaimed")
    return is_there and fellows(world, who, at) and who.member_id != at["member_id"]


def product_followers(world: World, who: Walker, at: Places) -> bool:
    return sees_vendor(world, who, world.one("product", id=at["product_id"])["vendor_id"])


def topic_followers(world: World, who: Walker, at: Places) -> bool:
    threads = [world.one("thread", id=row["thread_id"]) for row in world.all("thread_topic", topic_id=at["topic_id"])]
    return not who.is_guest and any(
        finds_thread(world, who, thread["id"]) for thread in threads if not thread["deleted_at"]
    )


def vendor_followers(world: World, who: Walker, at: Places) -> bool:
    return sees_vendor(world, who, at["vendor_id"])


def category_followers(world: World, who: Walker, at: Places) -> bool:
    return not who.is_guest and reads(world, who, world.one("category", id=at["category_id"]))


DOORS: dict[str, Door] = {
    # Following.
    "GET /follow/thread/{thread_id:int}": thread_followers,
    "POST /follow/thread/{thread_id:int}": thread_followers,
    "GET /follow/person/{member_id:int}": person_followers,
    "POST /follow/person/{member_id:int}": person_followers,
    "GET /follow/search/{saved_id:int}": own("saved_search", "saved_id"),
    "POST /follow/search/{saved_id:int}": own("saved_search", "saved_id"),
    "GET /follow/product/{product_id:int}": product_followers,
    "POST /follow/product/{product_id:int}": product_followers,
    "GET /follow/topic/{topic_id:int}": topic_followers,
    "POST /follow/topic/{topic_id:int}": topic_followers,
    "GET /follow/vendor/{vendor_id:int}": vendor_followers,
    "POST /follow/vendor/{vendor_id:int}": vendor_followers,
    "GET /follow/category/{category_id:int}": category_followers,
    "POST /follow/category/{category_id:int}": category_followers,
    "GET /follow/everything": signed_in,
    "POST /follow/everything": signed_in,
    "GET /settings/digest": signed_in,
    "POST /settings/digest": signed_in,
    "GET /settings/following": signed_in,
    "POST /settings/following": signed_in,
    "POST /settings/following/links": signed_in,
    "GET /settings/following/start": signed_in,
    "POST /settings/following/start": signed_in,
    "GET /p/{post_id:int}/why": members_who_find_post,
    "GET /admin/quiet": admins,
    "POST /admin/quiet": admins,
    "POST /admin/quiet/{quiet_id:int}/remove": admins,
    # Events.
    "GET /events": anybody,
    "GET /events/past": anybody,
    "GET /events/new": signed_in,
    "POST /events/new": signed_in,
    "GET /events/{thread_id:int}.ics": event_finders,
    "POST /events/{thread_id:int}/coming": members_who_find_event,
    "GET /events/{thread_id:int}/edit": event_author_and_staff,
    "POST /events/{thread_id:int}/edit": event_author_and_staff,
    "POST /events/{thread_id:int}/cancel": event_author_and_staff,
    # Renewals.
    "GET /renewals": fellows,
    "GET /renewals/months": fellows,
    "GET /renewals/others": fellows,
    "GET /renewals/map": fellows,
    "GET /renewals/feed": fellows,
    "POST /renewals/feed": fellows,
    "POST /renewals/feed/stop": fellows,
    "GET /renewals/calendar/{token}.ics": nobody,
    "GET /renewals/import": district_people,
    "POST /renewals/import": district_people,
    "GET /renewals/import/{contract_list_id:int}": list_keepers,
    "POST /renewals/import/{contract_list_id:int}/store": list_keepers,
    "GET /rounds": fellows,
    "GET /rounds/{round_id:int}": round_readers,
    "POST /rounds/{round_id:int}/answer": round_readers,
    "POST /rounds/{round_id:int}/put-away": round_readers,
    "POST /rounds/{round_id:int}/close": round_readers,
    "POST /rounds/{round_id:int}/decision": round_readers,
    "POST /rounds/{round_id:int}/right": round_readers,
    "GET /renewals/{contract_id:int}/round": contract_keepers,
    "POST /renewals/{contract_id:int}/round": contract_keepers,
    "GET /renewals/new": district_people,
    "POST /renewals/new": district_people,
    "GET /renewals/{contract_id:int}/edit": contract_keepers,
    "POST /renewals/{contract_id:int}/edit": contract_keepers,
    "GET /renewals/{contract_id:int}/remove": contract_keepers,
    "POST /renewals/{contract_id:int}/remove": contract_keepers,
    # Products.
    "GET /products": signed_in,
    "GET /products/compare": signed_in,
    "GET /products/compare.csv": signed_in,
    "GET /products/compare/packet": signed_in,
    "GET /products/suggest": fellows,
    "POST /products/suggest": fellows,
    "GET /products/{slug}": product_seers,
    "POST /products/{slug}/use": product_seers,
    "GET /products/{slug}/review": product_seers,
    "POST /products/{slug}/review": product_seers,
    "POST /products/{slug}/review/still-true": reviewers,
    "POST /products/{slug}/review/withdraw": reviewers,
    "POST /products/peers": fellows,
    "GET /products/{slug}/moved": product_seers,
    "POST /products/{slug}/moved": product_seers,
    "GET /products/{slug}/ask": product_seers,
    "POST /products/{slug}/ask": product_seers,
    "POST /products/{slug}/contact": product_seers,
    "GET /asked": fellows,
    "POST /asked/{asked_id:int}": asked_ones,
    "POST /asked/{asked_id:int}/offer": offered_ones,
    "POST /asked/questions/{question_id:int}/writer": admins,
    "GET /reviews/{review_id:int}/answer": review_readers,
    "POST /reviews/{review_id:int}/answer": review_readers,
    "POST /reviews/{review_id:int}/writer": admins,
    "POST /admin/products/reviews": admins,
    "GET /vendors/{slug}": vendor_seers,
    "GET /admin/products": admins,
    "POST /admin/products": admins,
    "GET /admin/products/new": admins,
    "POST /admin/products/new": admins,
    "GET /admin/products/{slug}": admins,
    "POST /admin/products/{slug}": admins,
    "POST /admin/products/{slug}/merge": admins,
    "GET /admin/vendors/{slug}": admins,
    "POST /admin/vendors/{slug}": admins,
    "POST /admin/vendors/{slug}/people/{member_id:int}/remove": admins,
    # Searches one keeps.
    "GET /notifications": signed_in,
    "GET /notifications/done": signed_in,
    "POST /notifications/done": signed_in,
    "GET /notifications/bell": signed_in,
    "GET /notifications/live": signed_in,
    "GET /notifications/{notification_id:int}": told,
    "POST /notifications/{notification_id:int}/done": signed_in,
    "POST /notifications/{notification_id:int}/mute": told,
    "GET /searches": signed_in,
    "POST /searches": signed_in,
    "POST /searches/{saved_id:int}/name": own("saved_search", "saved_id"),
    "POST /searches/{saved_id:int}/remove": signed_in,
    # Pages that everybody reads.
    "GET /": anybody,
    "GET /top": anybody,
    "GET /unanswered": anybody,
    "GET /c": anybody,
    "GET /topics": anybody,
    "GET /search": anybody,
    "GET /search/instant": anybody,
    "GET /help": anybody,
    "GET /help/{name}": anybody,
    "GET /terms": anybody,
    "GET /terms/{version:int}": anybody,
    "GET /privacy": anybody,
    "GET /privacy/{version:int}": anybody,
    "GET /healthz": anybody,
    "GET /readyz": anybody,
    "POST /csp-report": anybody,
    "POST /theme": anybody,
    "POST /threads/order": anybody,
    # Threads, posts, categories and topics.
    "GET /t/{thread_id:int}": thread_finders,
    "GET /t/{thread_id:int}/{slug}": thread_finders,
    "POST /t/{thread_id:int}/{slug}": thread_finders,
    "GET /p/{post_id:int}": post_finders,
    "GET /p/{post_id:int}/history": post_finders,
    "GET /p/{post_id:int}/flag": members_who_find_post,
    "POST /p/{post_id:int}/flag": members_who_find_post,
    "POST /p/{post_id:int}/helpful": members_who_find_post,
    "GET /p/{post_id:int}/edit": post_author_and_staff,
    "POST /p/{post_id:int}/edit": post_author_and_staff,
    "GET /p/{post_id:int}/delete": post_author_and_staff,
    "POST /p/{post_id:int}/delete": post_author_and_staff,
    "POST /p/{post_id:int}/restore": post_finders,
    "POST /p/{post_id:int}/accept": asker_and_staff,
    "POST /p/{post_id:int}/unaccept": asker_and_staff,
    "GET /c/{slug}": readers,
    "GET /c/{slug}/{order}": readers,
    "GET /topics/{slug}": topic_finders,
    "GET /topics/{slug}/{order}": topic_finders,
    "POST /topics/merge": admins,
    # Writing.
    "GET /ask": signed_in,
    "POST /ask": signed_in,
    "GET /ask/similar": anybody,
    "POST /preview": signed_in,
    "GET /drafts": signed_in,
    "POST /drafts": signed_in,
    "POST /drafts/drop": anybody,
    "GET /unread": signed_in,
    "POST /unread": signed_in,
    "GET /flags": signed_in,
    "POST /flags/{flag_id:int}/withdraw": anybody,
    "POST /held/{held_id:int}/withdraw": anybody,
    "POST /announcements/{announcement_id:int}/dismiss": anybody,
    # What staff do.
    "GET /c/{slug}/manage": category_staff,
    "POST /c/{slug}/manage": category_staff,
    "GET /threads/{thread_id:int}/manage": thread_staff,
    "GET /threads/{thread_id:int}/split": thread_staff,
    "GET /threads/{thread_id:int}/duplicate": thread_asker_and_staff,
    "POST /threads/{thread_id:int}/duplicate": thread_asker_and_staff,
    "POST /threads/{thread_id:int}/vendors": thread_asker_and_staff,
    "POST /threads/{thread_id:int}/merge": thread_staff,
    "POST /threads/{thread_id:int}/move": thread_staff,
    "POST /threads/{thread_id:int}/set": thread_staff,
    "POST /threads/{thread_id:int}/slow": thread_staff,
    "POST /threads/{thread_id:int}/split": thread_staff,
    "POST /undo/follow/{deed}": signed_in,
    "POST /undo/search/{deed}": signed_in,
    "POST /undo/quiet/{deed}": admins,
    "POST /undo/told/{deed}": signed_in,
    "POST /undo/{entry_id:int}": own("audit_entry", "entry_id", "actor_id"),
    "GET /moderation": staff,
    "POST /moderation": staff,
    "GET /moderation/health": staff,
    "GET /moderation/log": staff,
    "GET /moderation/reasons": admins,
    "POST /moderation/reasons": admins,
    "POST /moderation/reasons/{reason_id:int}/drop": admins,
    "GET /moderation/words": staff,
    "POST /moderation/words": staff,
    "POST /moderation/words/{word_id:int}/drop": staff_of("watched_word", "word_id"),
    "GET /moderation/items/{item_id:int}": item_staff,
    "POST /moderation/items/{item_id:int}": item_staff,
    "POST /moderation/items/{item_id:int}/claim": item_staff,
    "GET /moderation/members/{handle}": acquainted_staff,
    "POST /moderation/members/{handle}": acquainted_staff,
    "POST /moderation/members/{handle}/notes/{note_id:int}/drop": note_staff,
    "POST /people/{handle}/silence": acquainted_staff,
    "POST /people/{handle}/unsilence": acquainted_staff,
    "POST /people/{handle}/suspend": acquainted_admins,
    "POST /people/{handle}/unsuspend": acquainted_admins,
    "GET /log": signed_in,
    # People.
    "GET /people": fellows,
    "GET /people/{handle}": acquainted,
    "GET /people/requests": admins,
    "POST /people/requests/{request_id:int}": admins,
    "POST /people/invitations": admins,
    # Signing in and joining.
    "GET /sign-in": anybody,
    "POST /sign-in": anybody,
    "GET /sign-in/sent": anybody,
    "GET /sign-in/{token}": nobody,
    "POST /sign-in/{token}": nobody,
    "POST /sign-in/passkey": anybody,
    "POST /sign-in/passkey/options": anybody,
    "GET /sign-in/with/{provider}": nobody,
    "GET /sign-in/with/{provider}/back": nobody,
    "GET /settings/sign-in/with/{provider}": nobody,
    "POST /sign-out": anybody,
    "GET /join": anybody,
    "POST /join": anybody,
    "GET /join/{token}": nobody,
    "POST /join/{token}": nobody,
    "GET /return/{token}": nobody,
    "POST /return/{token}": nobody,
    "GET /address/{token}": nobody,
    "POST /address/{token}": nobody,
    "GET /merge/{token}": nobody,
    "POST /merge/{token}": nobody,
    "GET /confirm": signed_in,
    "GET /confirm/second-factor": signed_in,
    "GET /confirm/link/{token}": nobody,
    "POST /confirm/link/{token}": nobody,
    "POST /confirm/link": signed_in,
    "POST /confirm/code": signed_in,
    "POST /confirm/passkey": signed_in,
    "POST /confirm/passkey/options": signed_in,
    # One's own account.
    "GET /settings": signed_in,
    "POST /settings": signed_in,
    "GET /settings/account": signed_in,
    "POST /settings/account/export": signed_in,
    "POST /settings/account/merge": signed_in,
    "POST /settings/account/deactivate": signed_in,
    "POST /settings/account/delete": signed_in,
    "GET /settings/privacy": signed_in,
    "POST /settings/privacy": signed_in,
    "GET /settings/security": signed_in,
    "GET /settings/security/codes": signed_in,
    "POST /settings/security/codes": signed_in,
    "POST /settings/security/codes/turn-on": signed_in,
    "POST /settings/security/codes/turn-off": signed_in,
    "POST /settings/security/recovery-codes": signed_in,
    "POST /settings/security/passkeys": signed_in,
    "POST /settings/security/passkeys/options": signed_in,
    "POST /settings/security/passkeys/{passkey_id:int}/name": own("passkey", "passkey_id"),
    "POST /settings/security/passkeys/{passkey_id:int}/remove": own("passkey", "passkey_id"),
    "GET /settings/sessions": signed_in,
    "POST /settings/sessions/end-all": signed_in,
    "POST /settings/sessions/end-others": signed_in,
    "POST /settings/sessions/{session_id:int}/end": signed_in,
    "GET /settings/sign-in": signed_in,
    "GET /settings/sign-in/change": signed_in,
    "POST /settings/sign-in/addresses": signed_in,
    "POST /settings/sign-in/addresses/choose": signed_in,
    "POST /settings/sign-in/addresses/remove": signed_in,
    "POST /settings/sign-in/identities/{identity_id:int}/unlink": signed_in,
    # Administration: the rest of it is listed below.
    "GET /logo/{logo_hash}.png": nobody,  # no logo has this name
    "GET /look/{look_hash}.css": anybody,
    # Demo mode and development: not there on this site.
    "GET /demo": nobody,
    "POST /demo": nobody,
    "POST /confirm/demo": nobody,
    "GET /mail/u/{signed:path}": nobody,  # no link was signed like this
    "POST /mail/u/{signed:path}": nobody,
    "POST /mail/take-back": nobody,  # no click was sealed like this
    "GET /dev/mail": nobody,
    "GET /dev/mail/{mail_id:int}": nobody,
    "GET /dev/mail/{mail_id:int}/html": nobody,
}

# Everything under /admin is for administrators; a new page there needs its row all the same.
ADMINISTRATION = """
    GET /admin
    GET /admin/accounts/merge
    POST /admin/accounts/merge
    GET /admin/announcements
    POST /admin/announcements
    POST /admin/announcements/{announcement_id:int}/withdraw
    POST /admin/backups
    GET /admin/categories
    GET /admin/categories/new
    POST /admin/categories/new
    GET /admin/categories/view-as
    GET /admin/categories/{category_id:int}
    POST /admin/categories/{category_id:int}
    POST /admin/categories/{category_id:int}/delete
    GET /admin/categories/{category_id:int}/moderators
    POST /admin/categories/{category_id:int}/moderators
    POST /admin/categories/{category_id:int}/moderators/remove
    POST /admin/categories/{category_id:int}/move
    GET /admin/domains
    POST /admin/domains
    GET /admin/features
    POST /admin/features
    GET /admin/groups
    POST /admin/groups
    GET /admin/groups/{group_id:int}
    POST /admin/groups/{group_id:int}
    POST /admin/groups/{group_id:int}/people/{member_id:int}/remove
    GET /admin/invitations
    POST /admin/invitations
    GET /admin/invitations/lists/{list_id:int}
    POST /admin/invitations/lists/{list_id:int}/send
    POST /admin/invitations/{invitation_id:int}/resend
    POST /admin/invitations/{invitation_id:int}/withdraw
    GET /admin/jobs
    POST /admin/jobs/retry
    POST /admin/jobs/{job_id:int}
    GET /admin/look
    POST /admin/look
    POST /admin/logo
    POST /admin/logo/remove
    GET /admin/mail
    POST /admin/mail
    GET /admin/mail/queue
    POST /admin/mail/queue/again
    POST /admin/mail/queue/test
    POST /admin/mail/queue/{queued_id:int}/again
    POST /admin/mail/suppressions
    POST /admin/mail/suppressions/drop
    GET /admin/pages
    GET /admin/pages/{slug}
    POST /admin/pages/{slug}
    GET /admin/people
    GET /admin/search
    POST /admin/search/synonyms
    GET /admin/search/synonyms/{synonym_id:int}
    POST /admin/search/synonyms/{synonym_id:int}
    POST /admin/search/synonyms/{synonym_id:int}/remove
    POST /admin/setup
    GET /admin/sign-in
    POST /admin/sign-in/{method}
    POST /admin/sign-in/{method}/test
"""
DOORS |= {row.strip(): admins for row in ADMINISTRATION.strip().splitlines()}
DOORS |= dict.fromkeys(
    ("GET /admin/people/{member_id:int}", "POST /admin/people/{member_id:int}/role"), admins_of_people
)
DOORS["POST /admin/sign-in/{method}/test"] = nobody  # no provider is set up here
