"""compose.yaml and Dockerfile: names that exist, checks of health, nothing open to the world by accident."""

import re
from pathlib import Path

import pytest
from typer.main import get_command

from forum.cli import app as command_line
from forum.kit.settings import Settings

ROOT = Path(__file__).parents[1]
COMPOSE = (ROOT / "compose.yaml").read_text()
SERVICES = ("postgres", "app", "worker", "meilisearch", "mail")
OURS = ("app", "worker")


def block(name: str, indent: int = 2) -> str:
    """The lines below a key, up to the next one as deep."""
    found = re.search(rf"^ {{{indent}}}{name}:.*\n((?: {{{indent + 1},}}.*\n|\n)*)", COMPOSE, re.M)
    assert found, name
    return found[1]


def environment(text: str) -> dict[str, str]:
    return dict(re.findall(r"^ +([A-Z][A-Z_]+): (.+)$", text, re.M))


def test_it_has_exactly_the_services_a_site_needs():
    written = COMPOSE.partition("\nservices:\n")[2].partition("\nvolumes:\n")[0]

    assert set(re.findall(r"^  ([a-z]+):$", written, re.M)) == set(SERVICES)
    assert "profiles: [dev]" in block("mail")


def test_every_name_the_forum_is_given_is_a_setting():
    names = {field.alias for field in Settings.model_fields.values()}
    for text in (block("x-forum", 0), *(block(name) for name in OURS)):
        assert environment(text).keys() <= names
    for name in OURS:
        assert "<<: *forum" in block(name)


def test_what_is_read_from_the_env_file_keeps_its_name():
    for name, value in environment(block("x-forum", 0)).items():
        if value.startswith("${"):
            assert value.startswith((f"${{{name}:-}}", f"${{{name}:?"))


def test_keys_that_sign_mails_are_read_where_the_readme_puts_them_and_stand_in_no_image():
    assert 'volumes: ["./keys:/keys:ro"]' in block("x-forum", 0)
    assert "FORUM_DKIM_KEY=/keys/rsa.pem,/keys/ed.pem" in COMPOSE
    assert "`FORUM_DKIM_KEY=/keys/rsa.pem,/keys/ed.pem`" in (ROOT / "README.md").read_text()
    assert not any("volumes:" in block(name) for name in OURS)  # that would take the place of the shared ones
    assert "keys/" in (ROOT / ".dockerignore").read_text().splitlines()
    assert "/keys/" in (ROOT / ".gitignore").read_text().splitlines()


def test_the_forum_starts_with_these_settings(monkeypatch):
    given = {
        name: re.sub(r"\$\{\w+:[-?][^}]*\}", "", value) for name, value in environment(block("x-forum", 0)).items()
    }
    given |= {"FORUM_BASE_URL": "https://forum.example.org", "SMTP_URL": "smtp://mail:1025"}
    settings = Settings.model_validate({name: value for name, value in given.items() if value})

    assert (settings.host, settings.port, settings.demo) == ("0.0.0.0", 8000, False)  # noqa: S104 - inside a container
    assert settings.site_url == "https://forum.example.org"
    assert settings.database_url.endswith("@postgres/staffroom")


def test_the_readme_names_every_value_without_a_default():
    readme = (ROOT / "README.md").read_text()
    for name in set(re.findall(r"\$\{(\w+):\?", COMPOSE)):
        assert f"\n{name}=" in readme


@pytest.mark.parametrize("name", [name for name in SERVICES if name != "worker"])
def test_whatever_listens_has_a_check_of_its_health(name):
    assert re.search(r'healthcheck:\n +test: \["CMD", .+\]\n', block(name))


def test_the_site_is_healthy_when_it_is_ready():
    assert "http://127.0.0.1:8000/readyz" in block("app")
    assert "condition: service_healthy" in block("worker")


@pytest.mark.parametrize("name", OURS)
def test_the_commands_exist(name):
    program, verb, *options = re.findall(r'"([^"]+)"', re.search(r"command: \[(.+)\]", block(name))[1])
    verbs = get_command(command_line).commands
    known = {flag for option in verbs[verb].params for flag in (*option.opts, *option.secondary_opts)}

    assert program == "forum"
    assert set(options) <= known


def test_no_port_is_open_to_other_machines():
    ports = re.findall(r'"([\d.:]+:\d+)"', " ".join(re.findall(r"ports: \[(.+)\]", COMPOSE)))

    assert len(ports) == 2
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_images_are_named_without_a_registry_and_with_a_version():
    images = re.findall(r"image: (\S+)", COMPOSE) + re.findall(r"^FROM (\S+)", (ROOT / "Dockerfile").read_text(), re.M)
    for image in set(images) - {"staffroom"}:
        assert re.fullmatch(r"[a-z]+(?:/[a-z]+)?:v?[\d.]+(?:-slim)?", image)


def test_the_image_has_all_that_the_wheel_is_made_of_and_runs_without_rights():
    recipe = (ROOT / "Dockerfile").read_text()
    for folder in ("forum", "templates", "static", "migrations"):
        assert f"COPY {folder} {folder}\n" in recipe
    assert "--require-hashes" in recipe
    assert recipe.index("\nUSER staffroom\n") < recipe.index("\nCMD ")
