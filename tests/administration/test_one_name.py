"""The site has one name: nobody reads the setting where the administrators' choice should stand."""

import re

from forum.kit.site import TEMPLATES
from tests.test_architecture import CODE, place

MAY = {
    "forum/reader.py",
    "forum/site/queries.py",
    "forum/kit/mailer.py",
    "forum/serve.py",  # says it on the terminal before the database is asked
    "forum/administration/setup_views.py",  # shows what an empty name gives
}


def test_the_name_of_the_settings_is_read_in_few_places():
    reading = {place(path) for path in CODE if re.search(r"settings(_of\(request\))?\.site_name", path.read_text())}

    assert reading <= MAY


def test_no_template_calls_the_site_by_the_name_of_the_software():
    assert [path.name for path in TEMPLATES.rglob("*.html") if "Staffroom" in path.read_text()] == []
