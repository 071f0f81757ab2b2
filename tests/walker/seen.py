"""Who may see what stands in each text column. A new column needs its line here, or the build fails."""

from collections.abc import Callable

from tests.walker.people import Row, Walker, World, finds_post, finds_thread, is_staff, meets, reads

Rule = Callable[[World, Walker, Row], bool]


def nobody(world: World, who: Walker, row: Row) -> bool:
    return False


def everybody(world: World, who: Walker, row: Row) -> bool:
    return True


def admins(world: World, who: Walker, row: Row) -> bool:
    return who.role == "admin" and not who.is_guest


def themselves(world: World, who: Walker, row: Row) -> bool:
    return not who.is_guest and row["member_id"] == who.member_id


def themselves_and_admins(world: World, who: Walker, row: Row) -> bool:
    return themselves(world, who, row) or admins(world, who, row)


def who_meets(world: World, who: Walker, row: Row) -> bool:
    return meets(world, who, row["id"])


def members_and_oneself(world: World, who: Walker, row: Row) -> bool:
    return not who.is_guest and (who.role != "vendor" or who.member_id == row["id"]) and meets(world, who, row["id"])


def readers(world: World, who: Walker, row: Row) -> bool:
    return reads(world, who, row)


def finders(world: World, who: Walker, row: Row) -> bool:
    return finds_thread(world, who, row["id"])


def finders_of_post(world: World, who: Walker, row: Row) -> bool:
    return finds_post(world, who, row.get("post_id", row.get("id", 0)))


def staff_of_category(world: World, who: Walker, row: Row) -> bool:
    return is_staff(who, row["category_id"])


def staff_or_public(world: World, who: Walker, row: Row) -> bool:
    category = world.one("category", id=row["category_id"])
    is_open = row["is_public"] and category is not None and reads(world, who, category) and not who.is_guest
    return is_open or is_staff(who, row["category_id"])


def finders_of_topic(world: World, who: Walker, row: Row) -> bool:
    topic_id = row.get("topic_id", row.get("id", 0))
    return any(finds_thread(world, who, r["thread_id"]) for r in world.all("thread_topic", topic_id=topic_id))


# Who may see the column, and whether somebody must have seen each of its canaries: else the walk was blind.
MUST: dict[str, Rule] = {
    "district.name": everybody,  # the join form offers them
    "member.name": who_meets,
    "member.handle": who_meets,
    "member.title": who_meets,
    "member.about": members_and_oneself,
    "member_email.address": themselves_and_admins,
    "invitation.address": admins,
    "join_request.address": admins,
    "join_request.name": admins,
    "join_request.title": admins,
    "join_request.note": admins,
    "category.slug": readers,
    "category.name": readers,
    "category.description": readers,
    "topic.slug": finders_of_topic,
    "thread.title": finders,
    "thread.slug": finders,
    "post.source": finders_of_post,
    "post.html": finders_of_post,
    "post_revision.source": finders_of_post,
    "post_revision.heading": finders_of_post,
    "post_revision.reason": finders_of_post,
    "draft.fields": themselves,
}
MAY: dict[str, Rule] = {
    "district.state": everybody,
    "district_domain.domain": admins,
    "member.suspension_reason": admins,
    "member_group.slug": admins,
    "member_group.name": admins,
    "category.ask_template": readers,
    "thread.delete_reason": finders,
    "post.delete_reason": finders_of_post,
    "silence.reason": staff_of_category,
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
