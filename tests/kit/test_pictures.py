"""Pictures that people send: drawn anew, small, without what the file says; anything else is refused."""

import io
import re
import struct
import zlib

import pytest
from PIL import Image, PngImagePlugin

from forum.kit import pictures
from forum.kit.errors import Invalid


@pytest.fixture(autouse=True, scope="module")
def _children_end():
    yield
    pictures.close()


def drawn(kind="PNG", size=(300, 200), mode="RGB", **more) -> bytes:
    out = io.BytesIO()
    Image.new(mode, size, "#14595f").save(out, kind, **more)
    return out.getvalue()


def opened(png: bytes) -> Image.Image:
    picture = Image.open(io.BytesIO(png))
    picture.load()
    return picture


def header_of(width: int, height: int) -> bytes:
    """A PNG of a few bytes that claims to be large."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0")) + chunk(b"IEND", b"")


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
async def test_a_picture_becomes_a_png_that_fits(kind):
    made = opened(await pictures.png(drawn(kind, (1200, 400)), width=480, height=160))

    assert (made.format, made.size) == ("PNG", (480, 160))


async def test_a_small_picture_stays_as_small_as_it_is_and_may_be_seen_through():
    made = opened(await pictures.png(drawn(size=(30, 20), mode="RGBA"), width=480, height=160))

    assert (made.size, made.mode) == ((30, 20), "RGBA")


async def test_what_a_file_says_about_its_origin_does_not_come_along():
    exif = Image.Exif()
    exif[0x010E] = "zqxcanary"
    exif.get_ifd(0x8825)[1] = "N"  # where it was taken
    text = PngImagePlugin.PngInfo()
    text.add_text("Comment", "zqxcanary")
    for sent in (drawn("JPEG", exif=exif, comment=b"zqxcanary"), drawn("PNG", pnginfo=text, exif=exif)):
        assert b"zqxcanary" in sent

        made = await pictures.png(sent + b"<script>zqxcanary</script>", width=480, height=160)

        assert b"zqxcanary" not in made
        assert not opened(made).getexif()
        assert not opened(made).info


async def test_a_picture_taken_sideways_stands_upright():
    exif = Image.Exif()
    exif[0x0112] = 6

    made = opened(await pictures.png(drawn("JPEG", (300, 200), exif=exif), width=480, height=480))

    assert made.size == (200, 300)


@pytest.mark.parametrize(
    ("sent", "why"),
    [
        (b"", "Choose a file"),
        (b"x" * (pictures.MAX_BYTES + 1), "At most 256 KB; this file has 257 KB"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "no PNG"),
        (b"<html><script>alert(1)</script>", "no PNG"),
        (b"GIF89a<script>alert(1)</script>", "no PNG"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n", "no PNG"),
        (drawn("GIF"), "no PNG"),
        (drawn("TIFF"), "no PNG"),
        (drawn("BMP", (20, 20)), "no PNG"),
        (drawn("PNG")[:-30], "no PNG"),
        (drawn("JPEG")[:200], "no PNG"),
        (header_of(5001, 5000), "25 million pixels"),
        (header_of(12_000, 12_000), "25 million pixels|no PNG"),
        (header_of(2**31 - 1, 2**31 - 1), "25 million pixels|no PNG"),
        (b"https://evil.example/picture.png", "no PNG"),
        (b"\xff\xd8\xff\xe0" + b"\0" * 1000, "no PNG"),
    ],
)
async def test_anything_else_is_refused(sent, why):
    with pytest.raises(Invalid) as refused:
        await pictures.png(sent, width=480, height=160)

    assert re.search(why, refused.value.fields["picture"])


async def test_a_large_picture_of_nothing_much_is_drawn():
    sent = drawn("PNG", (5000, 5000))
    assert len(sent) < pictures.MAX_BYTES

    assert opened(await pictures.png(sent, width=480, height=160)).size == (160, 160)
