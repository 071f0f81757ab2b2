"""The static files: read once, served with a year's cache under a path that names their content.

All stylesheets go out as one file, tokens.css first; scripts stay modules of their own.
"""

import gzip
import hashlib
import mimetypes
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

from forum.kit.errors import NotFound

FOREVER = "public, max-age=31536000, immutable"
FIRST_STYLES = ("tokens.css", "base.css", "layout.css", "components.css")
PACKED = {".css", ".js", ".svg"}

mimetypes.add_type("text/javascript", ".js")
mimetypes.add_type("image/svg+xml", ".svg")


class Assets:
    """Every file below `folder`, in memory, and `site.css` made of all stylesheets."""

    def __init__(self, folder: Path) -> None:
        self._files = {path.relative_to(folder).as_posix(): path.read_bytes() for path in _below(folder)}
        self._files["site.css"] = b"".join(path.read_bytes() for path in _styles(folder / "css"))
        self._packed = {name: gzip.compress(body, mtime=0) for name, body in self._files.items() if _packs(name)}
        version = hashlib.sha256(b"".join(name.encode() + body for name, body in sorted(self._files.items())))
        self.prefix = f"/static/{version.hexdigest()[:12]}"

    async def serve(self, request: Request) -> Response:
        """The file named in the path; another version's path gets it too, to be asked for anew. Raises NotFound."""
        name, version = request.path_params["name"], request.path_params["version"]
        if name not in self._files:
            raise NotFound
        takes_gzip = "gzip" in request.headers.get("accept-encoding", "")
        body = self._packed[name] if takes_gzip and name in self._packed else self._files[name]
        headers = {
            "cache-control": FOREVER if self.prefix.endswith(f"/{version}") else "no-cache",
            "vary": "accept-encoding",
        }
        if body is self._packed.get(name):
            headers["content-encoding"] = "gzip"
        media_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
        return Response(body, headers=headers, media_type=media_type)


def _below(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _styles(folder: Path) -> list[Path]:
    first = [folder / name for name in FIRST_STYLES]
    return first + [path for path in _below(folder) if path.suffix == ".css" and path not in first]


def _packs(name: str) -> bool:
    return Path(name).suffix in PACKED
