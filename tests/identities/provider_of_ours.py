"""An OpenID Connect provider on loopback that says whatever a test wants it to say."""

import base64
import contextlib
import hashlib
import secrets
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

import httpx
import uvicorn
from joserfc import jwt
from joserfc.jwk import ECKey, OKPKey, RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

KEY = RSAKey.generate_key(2048, {"kid": "first", "use": "sig", "alg": "RS256"})
SECOND = RSAKey.generate_key(2048, {"kid": "second", "use": "sig"})
CURVE = ECKey.generate_key("P-256", {"kid": "curve"})
EDWARDS = OKPKey.generate_key("Ed25519", {"kid": "edwards"})
NOBODYS = RSAKey.generate_key(2048, {"kid": "first"})


def challenge_of(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")


@dataclass
class Provider:
    """claims: laid over the right ones, None takes one away. Each change of its parts is a forgery."""

    url: str = ""
    claims: dict = field(default_factory=dict)
    header: dict = field(default_factory=dict)
    key: object = field(default_factory=lambda: KEY)
    published: list = field(default_factory=lambda: [KEY, CURVE, EDWARDS])
    document: dict = field(default_factory=dict)
    userinfo: dict = field(default_factory=dict)
    said: dict = field(default_factory=dict)  # laid over the answer of the token endpoint
    make_token: Callable | None = None
    codes: dict = field(default_factory=dict)
    asked: list = field(default_factory=list)

    def authorize(self, url: str, **changed: str) -> str:
        """What the browser is sent back to when its owner says yes at `url`."""
        query = {name: texts[0] for name, texts in parse_qs(urlsplit(url).query).items()}
        assert (query["response_type"], query["code_challenge_method"]) == ("code", "S256")
        code = secrets.token_hex(8)
        self.codes[code] = query
        answer = httpx.QueryParams({"code": code, "state": query["state"]} | changed)
        return f"{urlsplit(query['redirect_uri']).path}?{answer}"

    def id_token(self, query: dict) -> str:
        if self.make_token:
            return self.make_token(query | {"issuer": self.url})
        now = int(time.time())
        claims = {
            "iss": self.url, "aud": "ours", "sub": "ada", "nonce": query["nonce"], "iat": now, "exp": now + 300,
            "email": "ada@district.example", "email_verified": True, "name": "Ada Park", "auth_time": now,
        } | self.claims  # fmt: skip
        claims = {name: value for name, value in claims.items() if value is not None}
        header = {"alg": "RS256", "kid": self.key.kid} | self.header
        return jwt.encode({k: v for k, v in header.items() if v is not None}, claims, self.key, [header["alg"]])

    async def discovery(self, request: Request) -> Response:
        self.asked.append("discovery")
        return JSONResponse({
            "issuer": self.url, "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token", "jwks_uri": f"{self.url}/keys",
            "code_challenge_methods_supported": ["S256"],
        } | self.document)  # fmt: skip

    async def keys(self, request: Request) -> Response:
        self.asked.append("keys")
        return JSONResponse(
            {"keys": [key if isinstance(key, dict) else key.as_dict(private=False) for key in self.published]}
        )

    async def token(self, request: Request) -> Response:
        self.asked.append("token")
        form, query = await request.form(), None
        basic = base64.b64encode(b"ours:secret").decode()
        if request.headers.get("authorization") == f"Basic {basic}":
            query = self.codes.pop(form["code"], None)
        if not query or query["code_challenge"] != challenge_of(form.get("code_verifier", "")):
            return JSONResponse({"error": "invalid_grant", "error_description": "<b>evil</b>"}, 400)
        assert form["redirect_uri"] == query["redirect_uri"]
        return JSONResponse({"access_token": "a", "token_type": "Bearer", "id_token": self.id_token(query)} | self.said)

    async def tell(self, request: Request) -> Response:
        assert request.headers["authorization"] == "Bearer a"
        return JSONResponse(self.userinfo)


@contextlib.contextmanager
def running() -> Iterator[Callable[[], Provider]]:
    """A real server on a free port; each call gives a new provider behind the same address."""
    current = Provider()

    def speak(view: str) -> Callable:
        async def answer(request: Request) -> Response:
            return await getattr(current, view)(request)

        return answer

    paths = {"/.well-known/openid-configuration": "discovery", "/keys": "keys", "/token": "token", "/userinfo": "tell"}
    routes = [Route(path, speak(view), methods=["GET", "POST"]) for path, view in paths.items()]
    with served(Starlette(routes=routes)) as port:

        def anew() -> Provider:
            nonlocal current
            current = Provider(f"http://127.0.0.1:{port}")
            return current

        yield anew


@contextlib.contextmanager
def served(app):
    """`app` on a free port, in a thread of its own; yields the port."""
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="critical", lifespan="off", loop="asyncio"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    try:
        yield listening.getsockname()[1]
    finally:
        server.should_exit = server.force_exit = True  # whoever kept a connection is done too
        thread.join(5)
        listening.close()
