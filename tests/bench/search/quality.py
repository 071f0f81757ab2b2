"""How good what is found is: our engines, ts_rank and BM25 on the same questions, well and badly typed."""

from collections.abc import Mapping
from importlib.util import find_spec
from statistics import fmean

from forum.kit.db import connect
from forum.kit.embedded import Embedded
from forum.kit.meili import Meili
from tests.bench import table
from tests.bench.search import contenders
from tests.bench.search.contenders import Asked
from tests.bench.search.databases import new_database
from tests.bench.search.judged import FOLDER, NAMES, Collection, Question, collection, there_are
from tests.bench.search.measures import ndcg, recall
from tests.bench.search.typos import with_typos

SLIPS = 3  # how often each question is typed badly, each time in other places


async def report(postgres: Embedded, meili: Meili | None, *, slips: int = SLIPS, most: int = len(NAMES)) -> None:
    """Print a line for each collection and contender. most: how many of the collections, the smallest first."""
    print("\nQuality: mean of all questions; typos: a slip in each word of more than four letters.\n")
    for name in there_are()[:most]:
        await _report(postgres, collection(name), meili, slips)
    missing = [name for name in NAMES if name not in there_are()]
    if missing:
        print(f"Left out: {', '.join(missing)}, which {FOLDER} does not hold. FORUM_TEST_DATA names its parent.")
    if not find_spec("bm25s"):
        print("Left out: BM25, as the package bm25s is not installed. `make bench-search` installs it.")
    if not meili:
        print("Left out: Meilisearch, as neither MEILI_URL names a server nor MEILI_BIN a program.")


async def _report(postgres: Embedded, judged: Collection, meili: Meili | None, slips: int) -> None:
    async with connect(await new_database(postgres, f"quality {judged.name}")) as db:
        asked = {"Staffroom, PostgreSQL": await contenders.ours(db, judged.documents)}
        if meili:
            asked["Staffroom, Meilisearch"] = await contenders.ours_on_meili(meili, db, judged.documents)
        asked["ts_rank, one word of them"] = await contenders.bare(db, judged.documents)
        if find_spec("bm25s"):
            asked["BM25"] = await contenders.bm25(judged.documents)
        title = f"{judged.name}: {len(judged.documents):,} documents, {len(judged.questions)} questions"
        table.row(title, "nDCG@10", "recall", "with typos", "lost")
        for name, figures in (await _figures(judged, asked, slips)).items():
            table.row(name, *figures)
        print()


async def _figures(judged: Collection, asked: Mapping[str, Asked], slips: int) -> dict[str, tuple[str, ...]]:
    """For each contender nDCG@10, recall@20, nDCG@10 with typos and how much less that is."""
    figures = {}
    for name, each in asked.items():
        clean = [await each(question.text) for question in judged.questions]
        gain = fmean(ndcg(found, question.relevant) for found, question in zip(clean, judged.questions, strict=True))
        share = fmean(recall(found, question.relevant) for found, question in zip(clean, judged.questions, strict=True))
        left = fmean([await _gain_with_typos(each, question, slips) for question in judged.questions])
        figures[name] = f"{gain:.4f}", f"{share:.4f}", f"{left:.4f}", f"{100 * (1 - left / gain):.1f} %"
    return figures


async def _gain_with_typos(asked: Asked, question: Question, slips: int) -> float:
    typed = [with_typos(question.text, f"{question.text} {number}") for number in range(slips)]
    return fmean([ndcg(await asked(text), question.relevant) for text in typed])
