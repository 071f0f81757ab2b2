"""Charts: bars in proportion, words for people."""

from forum.kit.charts import FOOT, WIDTH, bar_chart


def test_the_highest_bar_fills_the_picture_and_nothing_has_no_height():
    chart = bar_chart("x", "Posts", [("1 Jan", 0), ("8 Jan", 5), ("15 Jan", 10), ("22 Jan", None)], lambda n: f"{n:g}")

    assert [bar.height for bar in chart.bars] == [0, FOOT / 2, FOOT, 0]
    assert [bar.y + bar.height for bar in chart.bars] == [FOOT] * 4
    assert all(bar.x >= 0 and bar.x + bar.width <= WIDTH for bar in chart.bars)
    assert [bar.text for bar in chart.bars] == ["0", "5", "10", "none"]
    assert (chart.first, chart.last, chart.top) == ("1 Jan", "22 Jan", "10")


def test_a_chart_of_nothing_says_so():
    for points in ([], [("1 Jan", None)]):
        chart = bar_chart("x", "Posts", points, str)
        assert (chart.line, chart.top) == ("Nothing yet.", "")
