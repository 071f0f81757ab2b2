"""The live test of a provider: what signing in needs, on the page, without a secret."""

from forum.kit.db import run
from forum.site.queries import setting
from tests.administration.acts import acts
from tests.factories import a_member, an_admin, sign_in_as
from tests.identities.conftest import anew, forgetful, home, home_settings, home_tools, provider

__all__ = ["anew", "forgetful", "home", "home_settings", "home_tools", "provider"]  # its fixtures serve here as well


async def test_a_provider_that_answers_is_good_and_one_that_does_not_says_why(db, home, provider):
    await sign_in_as(home, db, await an_admin(db))
    assert "Pine County" in (await home.get("/admin/sign-in")).text

    good = (await home.post("/admin/sign-in/oidc/test")).text
    provider.document = {"issuer": "http://evil.example"}
    bad = (await home.post("/admin/sign-in/oidc/test")).text

    assert "The provider answers and names itself" in good
    assert "Not good" not in good
    assert "http://127.0.0.1:8000/sign-in/with/oidc/back" in good
    assert "Not good" in bad
    assert await acts(db) == [("provider.tested", {}, {"oidc": True}), ("provider.tested", {}, {"oidc": False})]


async def test_the_clients_secret_is_on_no_page(db, home, home_settings):
    await sign_in_as(home, db, await an_admin(db))
    secret = home_settings.oidc_client_secret

    for page in (await home.get("/admin/sign-in"), await home.post("/admin/sign-in/oidc/test")):
        assert f'"{secret}"' not in page.text
        assert f">{secret}<" not in page.text


async def test_a_provider_that_is_switched_off_is_neither_offered_nor_taken(db, home):
    await sign_in_as(home, db, await an_admin(db))
    assert (await home.post("/admin/sign-in/oidc", data={"on": "0"})).status_code == 303
    home.cookies.clear()

    assert "Pine County" not in (await home.get("/sign-in")).text
    assert (await home.get("/sign-in/with/oidc")).status_code == 404
    assert (await setting(db)).methods_off == ("oidc",)


async def test_an_account_at_a_provider_is_another_way_in_only_while_that_is_on(db, home):
    admin = await an_admin(db)
    await run(
        db,
        """
        INSERT INTO identity (member_id, issuer, subject, provider)
        VALUES (:id, 'https://idp.example', 'ada', 'oidc')
        """,
        id=admin.id,
    )
    await sign_in_as(home, db, admin)
    await home.post("/admin/sign-in/oidc", data={"on": "0"})

    assert (await home.post("/admin/sign-in/mail", data={"on": "0"})).status_code == 403
    await home.post("/admin/sign-in/oidc", data={"on": "1"})
    assert (await home.post("/admin/sign-in/mail", data={"on": "0"})).status_code == 303
    # and now the last way of that administrator stays
    assert (await home.post("/admin/sign-in/oidc", data={"on": "0"})).status_code == 403


async def test_only_administrators_ask_a_provider(db, home, provider):
    await sign_in_as(home, db, await a_member(db))

    assert (await home.post("/admin/sign-in/oidc/test")).status_code == 404
    assert provider.asked == []
