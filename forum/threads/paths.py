"""Where posts are found: the path of a thread leads to the page on which one stands, and to it."""

POSTS_A_PAGE = 50


def page_start(number: int) -> int:
    """The number behind which the page of post `number` begins: 0 for posts 1 to 50."""
    return (number - 1) // POSTS_A_PAGE * POSTS_A_PAGE


def place_of(path: str, number: int) -> str:
    """The path that opens the page of a post, at that post. path: of its thread."""
    start = page_start(number)
    return f"{path}?after={start}#p{number}" if start else f"{path}#p{number}"


def path_of_post(path: str, number: int) -> str:
    """The same, but of the opening post the thread's own. path: of the thread."""
    return place_of(path, number) if number > 1 else path
