"""How results are ordered: every choice of both engines, each with its reason. Nothing of it is said elsewhere."""

import math
from datetime import UTC, datetime

# What PostgreSQL counts with: BM25 (S. Robertson, H. Zaragoza, Foundations and Trends in IR 3 (2009), p. 333) over the
# text, and a title that counts beside it.
SATURATION = 2.0  # k1: posts are short, so a word said twice says more than in a book (usual: 1.2 to 2)
LENGTHINESS = 0.75  # b: a long post holds a word by chance more easily (as usual)
TITLE = 1.5  # a word in the title is worth as much as one said twice in the text; more finds less (make bench-search)

# How much a word counts that is not the one typed: exact words over prefixes over typing errors.
EXACT, SYNONYM, BEGUN, MISTYPED = 1.0, 0.9, 0.7, 0.5

# What counts beside the words, small enough that better words always win.
ROLES = {"answer": 1.10, "question": 1.05, "reply": 1.0, "": 1.05}  # an accepted answer over a question over a reply
ANSWERED = 1.05  # a thread that helped somebody may help again
HELPFUL_EACH, HELPFUL_MOST = 0.02, 1.10  # twofold helpfulness counts once more, up to what an answer counts
FRESH, FADING_YEARS = 0.15, 6.0  # of two equal threads the newer one; what a decade takes away is a seventh

# How much PostgreSQL looks at. Ranking costs a few microseconds a document, so of those with a common word only the
# newest are ranked, and those with the words in their titles.
MOST_RANKED = 800  # of one sort; with less, good old threads are lost, with more, each key typed takes longer
LEAST_RANKED = 200  # also where few are shown: the best is not always among the newest
MOST_MONTHS = 6  # that an index is asked for one by one; from there on years, of which there are fewer
WIDER = 8  # how many times as many months are looked through next, when there were too few
RARE_IN_ALL = 2000  # when not all words must be there: documents of the rarest words, together
MOST_WORDS = 24  # of one question, whatever signs stand between them
MOST_STEMS = 40  # of all words together: whoever types many words means them as they are
FEWEST = 5  # things found; with fewer, those that hold only some of the words are shown as well

# Which words stand for the one typed.
MOST_BEGUN, MOST_MISTYPED = 10, 4  # longer words that begin with it; words that it was typed for
SHORTEST_BEGUN = 2
ONE_ERROR, TWO_ERRORS = 5, 9  # letters: shorter words are too many to be alike by chance
KNOWN_SHARE = 20  # a word is corrected where another is at least so many times as common

# Meilisearch sorts into ever smaller groups, one rule after the other; what counts beside the words comes last of all.
# It is asked without the words of which questions are made, and in longer ones without the little words: with each of
# them needed, hardly anything would be found. The index keeps them, for "single sign on" and other synonyms and phrases
# of which they are a part. Never left out: "it", which also is a department, and "no" and "not", which turn it round.
OF_QUESTIONS = (
    "am an are be been can could did do does had has have he her his how i if is its me my our she should than that "
    "the their them then there these they this those was we were what when where which while who why will would you"
)
LITTLE = "a and as at but by for from in into of on or so to with your"
QUESTION_WORDS, LITTLE_WORDS = frozenset(OF_QUESTIONS.split()), frozenset(LITTLE.split())
SHORT = 4  # words, as in "software as a service"
# Where any word will do: how many words are asked for, how many are looked at of what each finds, and how much of a
# word the last of them is worth. Tried on Cranfield and a Q&A site: with fewer or more, questions find less.
ANY_WORDS, ANY_FOUND, ANY_LAST = 8, 50, 0.4
# Years in which being recent counts half, and how many doublings an answer and helpfulness are worth.
HALF_LIFE, ANSWER_DOUBLES, MARKS_DOUBLE = 10.0, 1.0, 0.5
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


def worth(at: datetime, *, is_answered: bool | None, helpful: int) -> float:
    """What a document is worth beside its words, in doublings: an answer, marks (three are one), time (ten years).

    Exponential decay is linear in its logarithm, so a document's number stays right however time goes on.
    """
    years = (at - LONG_AGO).total_seconds() / (365.25 * 24 * 3600)
    doublings = years / HALF_LIFE + ANSWER_DOUBLES * bool(is_answered) + MARKS_DOUBLE * math.log2(1 + max(helpful, 0))
    return round(doublings, 2)


def _only_equal(*fields: str) -> list[dict[str, object]]:
    """Fields that are compared with = and IN only: their values need no order, and nobody searches among them."""
    return [
        {
            "attributePatterns": list(fields),
            "features": {"facetSearch": False, "filter": {"equality": True, "comparison": False}},
        }
    ]


MEILI_SETTINGS: dict[str, object] = {
    # Where words count most: title, accepted answer, question, reply; then the words of what is no post, and last the
    # title of a reply's thread, so that "chromebook hinge" finds the reply with the hinge, and "chromebook" the thread.
    "searchableAttributes": ["title", "answer", "question", "reply", "text", "thread_title"],
    "rankingRules": [
        "sort",  # only without words: the newest first
        "typo",  # a word as it is before one that is like it, whatever it stands in: "printer" is no "painter"
        "attributeRank",  # the better place, wherever in it: a post's first words say no more than its last
        "exactness",  # a title that is just the words, then one that begins with them, whole words before prefixes
        "proximity",  # words side by side; below the place, or a sentence of a reply would beat a title
        "worth:desc",  # answered, helpful, recent; last, so that an exact title never loses to a vague fresh post
    ],
    # One of each thread, its best post.
    "distinctAttribute": "group_key",
    # Rights and filters. A question's reader is in each of them, so they must be cheap.
    "filterableAttributes": [
        *_only_equal(
            "category_id",
            "audiences",
            "kind",
            "kinds",
            "group",
            "topics",
            "author_id",
            "product_ids",
            "is_answered",
        ),
        {
            "attributePatterns": ["at"],
            "features": {"facetSearch": False, "filter": {"equality": True, "comparison": True}},
        },
    ],
    "sortableAttributes": ["at"],
    # A search tells ids and nothing else, whatever it is asked: texts come from the database, for who may read them.
    "displayedAttributes": ["id", "group"],
    # One slip in words of four letters, as a letter left out of five makes four; two from nine on, where words are
    # rarely two slips apart. Not in numbers: form 470 is not form 471.
    "typoTolerance": {"minWordSizeForTypos": {"oneTypo": 4, "twoTypos": 9}, "disableOnNumbers": True},
    # Words are found while they are typed, at the cost of a larger index.
    "prefixSearch": "indexingTime",
    # Phrases are taken at their word; the cheaper way finds them where their words stand anywhere in a text.
    "proximityPrecision": "byWord",
    # One word, not twice a one.
    "dictionary": ["1:1"],
    "pagination": {"maxTotalHits": 1000},  # nobody looks farther; it bounds what one question costs
    "facetSearch": False,  # the database counts, and only what its reader may see
    "searchCutoffMs": 100,  # what is found by then is better than no answer within what a page waits
}
