"""Makes a picture somebody sent safe to show: drawn anew in a child process, of bounded size, without metadata."""

import base64
import io
import warnings

from PIL import Image, ImageOps

from forum.kit.errors import Invalid, TooMany
from forum.kit.sandbox import Busy, Sandbox, TooSlow

MAX_BYTES = 256 * 1024
MAX_PIXELS = 25_000_000
FORMATS = ("PNG", "JPEG", "WEBP")
BUSY_SECONDS = 10
REFUSED = "!"  # stands before a reason; no base64 text begins with it


async def png(sent: bytes, *, width: int, height: int) -> bytes:
    """`sent` as a PNG that fits into width × height, of the picture alone.

    Raises Invalid for the field `picture` unless it is a PNG, JPEG or WebP of up to 256 KB and 25 million pixels.
    """
    if not sent:
        raise Invalid(picture="Choose a file first.")
    if len(sent) > MAX_BYTES:
        raise Invalid(picture=f"At most 256 KB; this file has {-(-len(sent) // 1024)} KB. Make it smaller.")
    try:
        answer = await _SANDBOX.run(f"{width} {height} {base64.b64encode(sent).decode()}")
    except TooSlow:
        raise Invalid(picture="This picture takes too long to draw. Save it again as a PNG of usual size.") from None
    except Busy:
        raise TooMany(BUSY_SECONDS) from None
    if answer.startswith(REFUSED):
        raise Invalid(picture=answer.removeprefix(REFUSED))
    return base64.b64decode(answer)


def close() -> None:
    """Ends the child process of `png`."""
    _SANDBOX.close()


def redraw(text: str) -> str:
    """`png` in the child process: width, height and the file in base64 → the PNG in base64, or why not."""
    width, height, sent = text.split(" ")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # Pillow only warns of pictures made to use up memory
            return _redrawn(base64.b64decode(sent), (int(width), int(height)))
    except Exception:  # whatever the decoders stumble over is a picture we do not take
        return f"{REFUSED}This is no PNG, JPEG or WebP picture that can be read. Save it again as a PNG."


def _redrawn(sent: bytes, most: tuple[int, int]) -> str:
    with Image.open(io.BytesIO(sent), formats=FORMATS) as picture:  # reads the header alone
        if picture.width * picture.height > MAX_PIXELS:
            return f"{REFUSED}At most 25 million pixels; this has {picture.width} × {picture.height}. Make it smaller."
        picture.draft("RGB", most)  # a JPEG is read no larger than it needs to be
        drawn = ImageOps.exif_transpose(picture).convert("RGBA")
    drawn.thumbnail(most)
    bare = Image.new("RGBA", drawn.size)  # what a picture carries beside its pixels does not come along
    bare.paste(drawn)
    out = io.BytesIO()
    bare.save(out, "PNG", optimize=True)
    return base64.b64encode(out.getvalue()).decode()


_SANDBOX = Sandbox("forum.kit.pictures:redraw", cpu_seconds=3.0, size=1, queue=8)
