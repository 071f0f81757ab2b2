"""Whom digests tell of a review or a question for what they run or know, of one post that comes back.

Nobody is told by this: what stands in a digest is chosen by `choosing`, by the rights and wishes of then.
"""

from forum.following.hearing import DOCUMENTS
from forum.kit.db import Database, rows
from forum.renewals.policy import WORKPLACE
from forum.search.fresh import words_of_new_posts

# Those whose district runs the product of a review, or who follow it, as in choosing.REVIEWS_SQL.
OF_REVIEW = f"""
    SELECT r.id FROM review rv
    JOIN product_use u ON u.product_id = rv.product_id AND u.left_year IS NULL
    JOIN member r ON r.state = 'active' AND u.district_id = {WORKPLACE}
    WHERE rv.post_id = ANY(CAST(:post_ids AS bigint[]))
    UNION
    SELECT f.member_id FROM review rv
    JOIN follow f ON f.kind = 'product' AND f.target_id = rv.product_id AND f.level NOT IN ('muted', 'none')
    WHERE rv.post_id = ANY(CAST(:post_ids AS bigint[]))
"""
# Those who answered in the topics of a question, or whose district runs a product it names, as in
# choosing.UNANSWERED_SQL.
OF_QUESTION = f"""
    SELECT x.author_id FROM question q
    JOIN thread_topic b ON b.thread_id = q.thread_id
    JOIN thread_topic a ON a.topic_id = b.topic_id
    JOIN post x ON x.thread_id = a.thread_id AND x.number > 1 AND x.deleted_at IS NULL
    UNION
    SELECT r.id FROM question q
    JOIN ({DOCUMENTS}) d ON d.post_id = q.post_id
    CROSS JOIN LATERAL unnest(tsvector_to_array(CAST(d.words AS tsvector))) l (lexeme)
    JOIN product_use u ON '#p' || u.product_id = l.lexeme AND u.left_year IS NULL
    JOIN member r ON r.state = 'active' AND u.district_id = {WORKPLACE}
"""
CONCERNED_SQL = f"""
    WITH question AS (
        SELECT p.thread_id, p.id AS post_id FROM post p
        JOIN thread t ON t.id = p.thread_id AND t.kind = 'question'
        WHERE p.id = ANY(CAST(:post_ids AS bigint[])) AND p.number = 1
    )
    SELECT n.member_id FROM digest_plan n
    WHERE n.member_id IN ({OF_REVIEW}) OR n.member_id IN ({OF_QUESTION})
    ORDER BY n.member_id
"""


async def concerned(db: Database, post_id: int) -> list[int]:
    """Ids of members who have digests and would be told of that post, if it is one of these."""
    new = await words_of_new_posts(db, [post_id])
    found = await rows(db, CONCERNED_SQL, post_ids=[post_id], new_ids=list(new), new_words=list(new.values()))
    return [row["member_id"] for row in found]
