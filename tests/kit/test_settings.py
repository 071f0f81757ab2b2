"""Settings: read from the environment, each bad value refused in one sentence."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from forum.kit.settings import BadSettings, Settings, is_loopback, load
from tests.kit.keys import pem


@pytest.fixture(autouse=True)
def _a_bare_environment(monkeypatch):
    for field in Settings.model_fields.values():
        monkeypatch.delenv(field.alias, raising=False)


def test_without_any_setting_the_site_is_for_this_machine(monkeypatch):
    settings = load()

    assert settings.site_url == "http://127.0.0.1:8000"
    assert (settings.demo, settings.is_https, settings.can_mail, settings.log) == (False, False, False, "warning")


def test_each_setting_is_read_from_its_variable(monkeypatch, tmp_path):
    (tmp_path / "dkim.pem").write_bytes(pem(Ed25519PrivateKey.generate()))
    values = {
        "FORUM_HOST": "0.0.0.0",  # noqa: S104
        "FORUM_PORT": "8123",
        "FORUM_VAR": "/srv/forum",
        "FORUM_BASE_URL": "https://forum.example.org/",
        "FORUM_SITE_NAME": "Schulhof, the forum",
        "FORUM_TIME_ZONE": "Pacific/Honolulu",
        "FORUM_DEMO": "0",
        "DATABASE_URL": "postgresql://forum@db/forum",
        "FORUM_LOG": "debug",
        "SMTP_URL": "smtps://a%40b:c@mail.example.org",
        "SMTP_CONNECTIONS": "2",
        "FORUM_MAIL_FROM": "no-reply@example.org",
        "FORUM_MAIL_DOMAIN": "lists.example.org",
        "FORUM_MAILS_A_MINUTE": "30",
        "FORUM_DKIM_KEY": str(tmp_path / "dkim.pem"),
        "FORUM_DKIM_SELECTOR": "one",
        "FORUM_SECRET": "kept-secret-of-thirty-two-letters",
        "FORUM_TRUSTED_PROXIES": "192.0.2.7, 2001:db8::/32",
        "FORUM_GOOGLE_CLIENT_ID": "g",
        "FORUM_GOOGLE_CLIENT_SECRET": "kept-secret",
        "FORUM_MICROSOFT_CLIENT_ID": "m",
        "FORUM_MICROSOFT_CLIENT_SECRET": "ms",
        "FORUM_MICROSOFT_TENANT": "9f0f6b4c-5a51-4a53-8f0c-0f1d2c3b4a59",
        "FORUM_OIDC_ISSUER": "https://login.example.org/realms/district",
        "FORUM_OIDC_NAME": "Pine County",
        "FORUM_OIDC_CLIENT_ID": "o",
        "FORUM_OIDC_CLIENT_SECRET": "os",
        "FORUM_OIDC_DOMAINS": " Pine.example, district.org ,",
        "MEILI_URL": "http://meilisearch:7700/",
        "MEILI_MASTER_KEY": "kept-secret-as-well",
    }
    for name, text in values.items():
        monkeypatch.setenv(name, text)

    settings = load()

    assert set(values) == {field.alias for field in Settings.model_fields.values()}
    assert (settings.port, str(settings.var), settings.site_url) == (8123, "/srv/forum", "https://forum.example.org")
    assert (settings.site_host, settings.sender) == ("forum.example.org", "no-reply@example.org")
    assert (settings.mailing_domain, settings.sender_domain) == ("lists.example.org", "example.org")
    assert (settings.smtp_connections, settings.mails_a_minute, settings.dkim_selector) == (2, 30, "one")
    assert settings.is_https
    assert [str(network) for network in settings.proxies] == ["192.0.2.7/32", "2001:db8::/32"]
    assert settings.can_mail
    assert settings.sign_in_buttons == (("google", "Google"), ("microsoft", "Microsoft"), ("oidc", "Pine County"))
    assert settings.oidc_domains == "pine.example,district.org"
    assert settings.meili_url == "http://meilisearch:7700"
    assert "kept-secret" not in repr(settings)


def test_an_empty_variable_is_as_good_as_none(monkeypatch):
    for field in Settings.model_fields.values():
        monkeypatch.setenv(field.alias, "")

    assert load() == Settings()


def test_what_the_command_line_says_wins(monkeypatch):
    monkeypatch.setenv("FORUM_PORT", "8123")

    assert load(port=9000).port == 9000


def test_the_sender_is_the_forum_at_its_host():
    assert Settings(base_url="https://forum.example.org").sender == "forum@forum.example.org"


def test_an_address_of_the_sixth_kind_is_written_in_brackets():
    settings = Settings(host="::1", port=8001)

    assert (settings.site_url, settings.site_host) == ("http://[::1]:8001", "::1")


BASE_URL = "write it as https://forum.example.org, without a path"
TENANT = "write the tenant's id, or organizations for people of any"
ISSUER = "write it as https://login.example.org, as the provider names itself"
MEILI = "write it as http://host:7700, without a path"
MEILI_KEY = "write 16 to 500 characters without spaces, the same as the engine was given"
OIDC_DOMAINS = "write domains with commas between them, as in district.org, county.example"
SMTP = "write it as smtp://user:password@host:587, or smtps:// for TLS at once"
DATABASE = "write it as postgresql://user:password@host:5432/name"


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        *(("FORUM_PORT", text, "write a number from 1 to 65535") for text in ("0", "65536", "eighty", "-1", "80.5")),
        *(("FORUM_DEMO", text, "write 1 for on or 0 for off") for text in ("perhaps", "2")),
        *(("FORUM_TIME_ZONE", text, "write the name of a time zone, as America/Chicago") for text in ("CST6", "Texas")),
        *(("FORUM_LOG", text, "write debug, info, warning or error") for text in ("loud", "INFO", "info\n")),
        *(("FORUM_SITE_NAME", text, "write 1 to 60 characters on one line") for text in ("a\nb", "x" * 61, "a\x00")),
        *(
            ("FORUM_BASE_URL", text, BASE_URL)
            for text in (
                "forum.example.org",
                "ftp://forum.example.org",
                "https://",
                "https://forum.example.org/forum",
                "https://forum.example.org?x=1",
                "https://forum.example.org#top",
                "https://me:secret@forum.example.org",
                "https://forum.example.org:99999",
                "https://forum.example.org:x",
                "https://[",
                "https://forum example.org",
                "https://schüle.example",
                "https://forum.example.org\n",
            )
        ),
        *(
            ("SMTP_URL", text, SMTP)
            for text in ("mail.example.org", "http://mail.example.org", "smtp://", "smtp://mail:x", "smtp://mail:0", "smtp://[")
        ),
        *(("DATABASE_URL", text, DATABASE) for text in ("mysql://db/forum", "db", "postgresql+asyncpg://db/forum")),
        *(
            ("FORUM_MAIL_FROM", text, "write one address, as forum@example.org")
            for text in ("forum", "Forum <forum@example.org>", "a@b, c@d", "a@b\nBcc: c@d", "a@b@c", "@example.org")
        ),
        *(("FORUM_MICROSOFT_TENANT", text, TENANT) for text in ("common", "pine.example", "x" * 36)),
        *(("FORUM_OIDC_DOMAINS", text, OIDC_DOMAINS) for text in ("district", "@a.org", "*.a.org", "a.b;c.d")),
        *(
            ("FORUM_OIDC_ISSUER", text, ISSUER)
            for text in (
                "login.example.org",
                "http://login.example.org",
                "https://login.example.org?x=1",
                "https://a@b.example",
                "ftp://localhost",
            )
        ),
        *(
            ("MEILI_URL", text, MEILI)
            for text in ("meilisearch:7700", "ftp://meilisearch", "http://", "http://a/b", "http://me:secret@a", "http://a?b")
        ),
        *(("MEILI_MASTER_KEY", text, MEILI_KEY) for text in ("too-short", "x" * 501, "sixteen or more but spaces")),
        *(("FORUM_OIDC_NAME", text, "write 1 to 40 characters on one line") for text in ("x" * 41, "a\nb")),
        *(("FORUM_GOOGLE_CLIENT_ID", text, "write it as the provider gave it") for text in ("a b", "x" * 501, "é")),
    ],
)  # fmt: skip
def test_a_bad_value_is_refused_in_one_sentence_that_names_its_variable(monkeypatch, name, text, sentence):
    if "\x00" in text:
        with pytest.raises(BadSettings) as refusal:
            load(site_name=text)
    else:
        monkeypatch.setenv(name, text)
        with pytest.raises(BadSettings) as refusal:
            load()

    assert str(refusal.value) == f"{name}: {sentence}."


@pytest.mark.parametrize(
    "name", ["FORUM_GOOGLE_CLIENT_ID", "FORUM_MICROSOFT_CLIENT_SECRET", "FORUM_OIDC_ISSUER", "FORUM_OIDC_CLIENT_ID"]
)
def test_a_provider_that_is_half_set_up_is_refused(monkeypatch, name):
    monkeypatch.setenv(name, "https://login.example.org")

    with pytest.raises(BadSettings, match=f"set .*{name}.*, or n"):
        load()


@pytest.fixture
def keys(tmp_path):
    for name in ("rsa.pem", "ed.pem"):
        (tmp_path / name).write_bytes(pem(Ed25519PrivateKey.generate()))
    return tmp_path


def test_two_keys_have_a_name_each(monkeypatch, keys):
    monkeypatch.setenv("FORUM_DKIM_KEY", f"{keys}/rsa.pem, {keys}/ed.pem")
    monkeypatch.setenv("FORUM_DKIM_SELECTOR", "rsa2026, ed2026")

    assert load().dkim_keys == (("rsa2026", keys / "rsa.pem"), ("ed2026", keys / "ed.pem"))


@pytest.mark.parametrize(
    ("files", "names", "sentence"),
    [
        (["rsa.pem", "ed.pem"], "", "names 2 files and FORUM_DKIM_SELECTOR 1 name: write a name of its own"),
        (["rsa.pem", "ed.pem"], "one,one", "names 2 files and FORUM_DKIM_SELECTOR 1 name: write a name of its own"),
        (["rsa.pem"], "one,two", "names 1 file and FORUM_DKIM_SELECTOR 2 names: write a name of its own"),
        (["rsa.pem"] * 3, "one,two", "name one file, or two with a comma between"),
        (["rsa.pem", "gone.pem"], "one,two", "gone.pem: the file cannot be read"),
        (["rsa.pem", "ed.pem"], "one,two,three", "or two with a comma between, as rsa2026,ed2026"),
        (["rsa.pem"], "Not a name", "write letters, digits and hyphens, as forum2026"),
    ],
)
def test_keys_and_names_that_do_not_go_together_are_said(monkeypatch, keys, files, names, sentence):
    monkeypatch.setenv("FORUM_DKIM_KEY", ",".join(f"{keys}/{name}" for name in files))
    monkeypatch.setenv("FORUM_DKIM_SELECTOR", names)

    with pytest.raises(BadSettings) as refusal:
        load()
    assert sentence in str(refusal.value)


def test_each_bad_value_is_said_at_once(monkeypatch):
    monkeypatch.setenv("FORUM_PORT", "x")
    monkeypatch.setenv("SMTP_URL", "x")

    with pytest.raises(BadSettings) as refusal:
        load()

    assert [line.partition(":")[0] for line in str(refusal.value).splitlines()] == ["FORUM_PORT", "SMTP_URL"]


@pytest.mark.parametrize("secret", ["smtp://user:hunter2@", "http://user:hunter2@mail"])
def test_a_refusal_does_not_repeat_a_password(monkeypatch, secret):
    monkeypatch.setenv("SMTP_URL", secret)

    with pytest.raises(BadSettings) as refusal:
        load()

    assert "hunter2" not in str(refusal.value)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1.2.3", "::1", "localhost", "forum.localhost"])
def test_demo_mode_runs_on_a_loopback_address(host):
    assert is_loopback(host)
    assert Settings(demo=True, host=host).demo


@pytest.mark.parametrize(
    "settings",
    [
        {"host": "0.0.0.0"},  # noqa: S104
        {"host": "::"},
        {"host": "192.168.1.4"},
        {"host": "0.0.0.0", "base_url": "http://127.0.0.1:8000"},  # noqa: S104
        {"host": "forum.example.org", "base_url": "http://localhost:8000"},
        {"base_url": "https://forum.example.org"},
        {"base_url": "http://localhost.example.org"},
        {"base_url": "http://127.0.0.1.example.org"},
        {"base_url": "http://127.1"},
        {"base_url": "http://[::ffff:192.0.2.1]"},
        {"base_url": "http://notlocalhost"},
    ],
    ids=str,
)
def test_demo_mode_runs_nowhere_else(settings):
    with pytest.raises(BadSettings) as refusal:
        load(demo=True, **settings)

    assert "demo mode lets anybody sign in as anybody" in str(refusal.value)
    assert "unset FORUM_DEMO" in str(refusal.value)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "0:0::0"])  # noqa: S104
def test_a_site_on_every_address_says_which_one_mails_link_to(host):
    with pytest.raises(BadSettings) as refusal:
        load(host=host)

    assert f"FORUM_HOST={host} means every address" in str(refusal.value)
    assert "set FORUM_BASE_URL" in str(refusal.value)
    assert load(host=host, base_url="https://forum.example.org").site_url == "https://forum.example.org"


def test_settings_do_not_change():
    with pytest.raises(ValueError, match="frozen"):
        Settings().port = 1
