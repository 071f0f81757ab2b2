"""How results are ordered: every choice of both engines, each with its reason. Nothing of it is said elsewhere."""

# What PostgreSQL counts with: BM25 (S. Robertson, H. Zaragoza, Foundations and Trends in IR 3 (2009), p. 333) over the
# text, and a title that counts beside it.
SATURATION = 2.0  # k1: posts are short, so a word said twice says more than in a book (usual: 1.2 to 2)
LENGTHINESS = 0.8  # b: a long post holds a word by chance more easily (usual: 0.75)
TITLE = 2.5  # a word in the title is worth about as much as one said again and again in the text

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
ENOUGH = 60  # found documents; with fewer, older months are looked through as well
WIDER = 8  # how many times as many months then
RARE_IN_ALL = 2000  # when not all words must be there: documents of the rarest words, together
FEWEST = 5  # things found; with fewer, those that hold only some of the words are shown as well

# Which words stand for the one typed.
MOST_BEGUN, MOST_MISTYPED = 10, 4  # longer words that begin with it; words that it was typed for
SHORTEST_BEGUN = 2
ONE_ERROR, TWO_ERRORS = 5, 9  # letters: shorter words are too many to be alike by chance
KNOWN_SHARE = 20  # a word is corrected where another is at least so many times as common
