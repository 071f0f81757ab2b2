"""Who may see what stands in each text column. A new column needs its line here, or the build fails."""

from collections.abc import Callable

from tests.walker.people import (
    Row,
    Walker,
    World,
    finds_post,
    finds_thread,
    is_staff,
    meets,
    reads,
    sees_vendor,
    works_for,
)

Rule = Callable[[World, Walker, Row], bool]


def nobody(world: World, who: Walker, row: Row) -> bool:
    return False


def everybody(world: World, who: Walker, row: Row) -> bool:
    return True


def admins(world: World, who: Walker, row: Row) -> bool:
    return who.role == "admin" and not who.is_guest


def admins_while_it_waits(world: World, who: Walker, row: Row) -> bool:
    return row["decided_at"] is None and admins(world, who, row)


def themselves(world: World, who: Walker, row: Row) -> bool:
    return not who.is_guest and row["member_id"] == who.member_id


def themselves_and_admins(world: World, who: Walker, row: Row) -> bool:
    return themselves(world, who, row) or admins(world, who, row)


def who_meets(world: World, who: Walker, row: Row) -> bool:
    return meets(world, who, row["id"])


def members_and_oneself(world: World, who: Walker, row: Row) -> bool:
    is_let_in = not who.is_guest and (who.role != "vendor" or who.member_id == row["id"])
    return is_let_in and row["state"] != "unnamed" and meets(world, who, row["id"])


def readers(world: World, who: Walker, row: Row) -> bool:
    """Administrators look after every category, also one that is hidden."""
    return reads(world, who, row) or admins(world, who, row)


def readers_of_category(world: World, who: Walker, row: Row) -> bool:
    return reads(world, who, world.one("category", id=row["category_id"]))


def finders(world: World, who: Walker, row: Row) -> bool:
    return finds_thread(world, who, row["id"])


def finders_of_post(world: World, who: Walker, row: Row) -> bool:
    return finds_post(world, who, row.get("post_id", row.get("id", 0)))


def finders_of_shown_post(world: World, who: Walker, row: Row) -> bool:
    """What is deleted leaves a line without words, also for its author and staff."""
    return not row["deleted_at"] and finders_of_post(world, who, row)


def finders_of_standing_post(world: World, who: Walker, row: Row) -> bool:
    """What is deleted has no time and place, for nobody."""
    post = world.one("post", id=row["post_id"])
    is_gone = post["deleted_at"] or world.one("thread", id=post["thread_id"])["deleted_at"]
    return not is_gone and finds_post(world, who, row["post_id"])


def its_members_and_admins(world: World, who: Walker, row: Row) -> bool:
    return admins(world, who, row) or (not who.is_guest and row["id"] in who.groups)


def staff_of_category(world: World, who: Walker, row: Row) -> bool:
    return is_staff(who, row["category_id"])


def staff_or_public(world: World, who: Walker, row: Row) -> bool:
    category = world.one("category", id=row["category_id"])
    is_open = row["is_public"] and category is not None and reads(world, who, category) and not who.is_guest
    return is_open or is_staff(who, row["category_id"])


def finders_of_topic(world: World, who: Walker, row: Row) -> bool:
    topic_id = row.get("topic_id", row.get("id", 0))
    return any(finds_thread(world, who, r["thread_id"]) for r in world.all("thread_topic", topic_id=topic_id))


def seers(world: World, who: Walker, row: Row) -> bool:
    """Name and description of a category are seen by more people than read it, where it says so."""
    is_seen = row["seen_by"] == "everyone" or (row["seen_by"] == "members" and not who.is_guest)
    is_let_in = who.role != "vendor" or row["seen_by"] == "everyone" or row["lets_vendors_in"]
    return readers(world, who, row) or (is_seen and is_let_in and not row["is_hidden"])


def audience(world: World, who: Walker, row: Row) -> bool:
    if admins(world, who, row) or row["audience"] == "everyone":
        return True
    is_staff_member = bool(who.moderates) and not who.is_guest
    return not who.is_guest and (row["audience"] == "members" or is_staff_member)


def author_and_staff(world: World, who: Walker, row: Row) -> bool:
    is_own = not who.is_guest and row["author_id"] == who.member_id
    return is_own or is_staff(who, row["category_id"])


def reporter_and_staff(world: World, who: Walker, row: Row) -> bool:
    thread = world.one("thread", id=world.one("post", id=row["post_id"])["thread_id"])
    return themselves(world, who, row) or is_staff(who, thread["category_id"])


def all_staff(world: World, who: Walker, row: Row) -> bool:
    return not who.is_guest and (who.role == "admin" or bool(who.moderates))


def themselves_and_staff_if_said(world: World, who: Walker, row: Row) -> bool:
    is_shown = "staff" in (row["title_for"], row["about_for"])
    return themselves(world, who, row) or (is_shown and all_staff(world, who, row))


def reviewer(world: World, who: Walker, row: Row) -> bool:
    return themselves(world, who, world.one("review", id=row["review_id"]))


def readers_of_decisions(world: World, who: Walker, row: Row) -> bool:
    may_read = not who.is_guest and who.role != "vendor" and finds_thread(world, who, row["thread_id"])
    return may_read and row["decision"] != ""


def readers_of_judgements(world: World, who: Walker, row: Row) -> bool:
    return row["was_right"] != "" and readers_of_decisions(world, who, row)


def who_mentions(world: World, who: Walker, row: Row) -> bool:
    """Who is not named has no handle and no page."""
    return row["state"] != "unnamed" and who_meets(world, who, row)


def seers_of_vendor(world: World, who: Walker, row: Row) -> bool:
    return sees_vendor(world, who, row["id"])


def seers_of_vendor_and_readers(world: World, who: Walker, row: Row) -> bool:
    """A post of its people says whom they work for."""
    speakers = {account["member_id"] for account in world.all("vendor_account", vendor_id=row["id"])}
    posts = [p["id"] for p in world.tables["post"] if p["author_id"] in speakers and not p["deleted_at"]]
    return seers_of_vendor(world, who, row) or any(finds_post(world, who, post) for post in posts)


def seers_of_product(world: World, who: Walker, row: Row) -> bool:
    return sees_vendor(world, who, row["vendor_id"])


def seers_of_its_product(world: World, who: Walker, row: Row) -> bool:
    return sees_vendor(world, who, world.one("product", id=row["product_id"])["vendor_id"])


def people_of_district(world: World, who: Walker, row: Row) -> bool:
    return works_for(world, who) == row["district_id"]


def whose_list(world: World, who: Walker, row: Row) -> bool:
    return not who.is_guest and row["created_by"] == who.member_id and people_of_district(world, who, row)


def signed_in(world: World, who: Walker, row: Row) -> bool:
    return not who.is_guest


# Who may see the column, and whether somebody must have seen each of its canaries: else the walk was blind.
MUST: dict[str, Rule] = {
    "event.place": finders_of_standing_post,
    "event.link": finders_of_standing_post,
    "district.name": everybody,  # the join form offers them
    "member.name": who_meets,
    "member.handle": who_mentions,
    "member.title": who_meets,
    "member.about": members_and_oneself,
    "member_email.address": themselves_and_admins,
    "invitation.address": admins,
    "join_request.address": admins_while_it_waits,
    "join_request.name": admins_while_it_waits,
    "join_request.title": admins_while_it_waits,
    "join_request.note": admins_while_it_waits,
    "category.slug": readers,
    "category.name": seers,
    "category.description": seers,
    "site_setting.name": everybody,
    "site_setting.backup_note": admins,
    "site_page.html": everybody,
    "site_page.body": admins,
    "announcement.html": audience,
    "mail_test.outcome": admins,
    "mail.dedupe_key": nobody,
    "mail.reason": nobody,
    "mail.message_id": nobody,
    "mail.domain": admins,
    "mail.outcome": admins,
    "mail_suppression.address": admins,
    "watched_word.words": staff_of_category,
    "reason_template.name": all_staff,
    "reason_template.letter": all_staff,
    "staff_note.body": staff_of_category,
    "held_post.title": author_and_staff,
    "held_post.body": author_and_staff,
    "post_flag.note": reporter_and_staff,
    "passkey.name": themselves,
    "identity.label": themselves,
    "member_privacy.title": themselves_and_staff_if_said,
    "member_privacy.about": themselves_and_staff_if_said,
    "topic.slug": finders_of_topic,
    "thread.title": finders,
    "thread.slug": finders,
    "post.source": finders_of_post,
    "post.html": finders_of_shown_post,
    "post_revision.source": finders_of_post,
    "post_revision.heading": finders_of_post,
    "post_revision.reason": finders_of_post,
    "draft.fields": themselves,
    "review.works": finders_of_post,
    "review.lacks": finders_of_post,
    "review.to_ask": themselves,  # as it was typed; what others read is the post's
    "review.left_for": themselves,
    "review.renew_if": themselves,
    "review_price.included": reviewer,
    "review_round.reason": readers_of_decisions,
    "review_round.lesson": readers_of_judgements,
    "round_answer.works": themselves,
    "round_answer.lacks": themselves,
    "round_answer.instead": themselves,
    "round_answer.advice": themselves,
    "peer_choice.state": themselves,
    "switch_story.carried_how": themselves,  # as it was typed; what others read is the post's
    "switch_story.went_well": themselves,
    "switch_story.went_badly": themselves,
    "vendor.name": seers_of_vendor_and_readers,
    "vendor.slug": seers_of_vendor,
    "product.name": seers_of_product,
    "product.slug": seers_of_product,
    "product.about": seers_of_product,
    "product.website": seers_of_product,
    "product_name.name": seers_of_its_product,
    "product_category.name": signed_in,
    "product_category.slug": signed_in,
    "contract.note": people_of_district,
    "saved_search.name": themselves,
    "saved_search.query": themselves_and_admins,  # once it was looked for, the log has its words, without a name
    "quiet_time.name": admins,
    "search_asked.words": admins,
    "search_synonym.terms": admins,
    "product_suggestion.name": themselves_and_admins,
    "product_suggestion.vendor_name": themselves_and_admins,
    "product_suggestion.website": themselves_and_admins,
    "product_suggestion.note": themselves_and_admins,
}
MAY: dict[str, Rule] = {
    "event.time_zone": nobody,  # no zone is called so
    "event_before.time_zone": nobody,
    "event_before.place": finders_of_standing_post,  # mails of a change tell it
    "event_before.link": finders_of_standing_post,
    "review.size": nobody,
    "owner_asked.size": nobody,
    "peer_choice.size": themselves,
    "vendor.compared": nobody,
    "product_name.compared": nobody,
    "product_address.slug": nobody,
    "product_suggestion.compared": nobody,
    "contract_list.source": whose_list,
    "mail_wish.time_zone": themselves,
    "announcement.body": admins,
    "district.state": everybody,
    "district.locale": everybody,
    "district.time_zone": everybody,
    "district_domain.domain": admins,
    "member.suspension_reason": admins,
    "member_group.slug": admins,
    "member_group.name": its_members_and_admins,
    "category.ask_template": readers,
    "thread.delete_reason": finders,
    "post.delete_reason": finders_of_post,
    "silence.reason": staff_of_category,
    "join_request.reason": admins,
    "category_address.slug": readers_of_category,
    "watched_word.sentence": staff_of_category,
    "held_post.topics": author_and_staff,
    "held_post.beside": author_and_staff,
    "held_event.time_zone": nobody,  # held_post.beside says it
    "held_event.place": nobody,
    "held_event.link": nobody,
    "held_post.reason": author_and_staff,
    "queue_item.letter": staff_of_category,
    "domain_rule.domain": admins,
    "invitation.name": admins,
    "invitation.title": admins,
    "invitation_row.address": admins,
    "invitation_row.name": admins,
    "invitation_row.title": admins,
    "invitation_row.problem": admins,
    "code_secret.secret": nobody,
    "address_request.address": nobody,
    "address_notice.address": nobody,
    "oidc_attempt.next_path": nobody,
    "audit_entry.reason": staff_or_public,
    "topic_synonym.slug": finders_of_topic,
    "sign_in_request.address": nobody,
    "sign_in_request.next_path": nobody,
    "mailed_link.address": nobody,
    "mail_known_id.message_id": nobody,
    "mail_message.message_id": nobody,
    "mail_message.author_key": nobody,
    "mail_message.author_name": nobody,
    "mail_message.author_address": nobody,
    "mail_message.title": nobody,
    "mail_message.subject_key": nobody,
    "mail_message.source": nobody,
    "mail_message.html": nobody,
    "mail_list_address.address": nobody,
    "mail_author.key": nobody,
    "mailed_link.next_path": nobody,
}
RULES = MUST | MAY
