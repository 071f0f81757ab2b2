"""Asks DNS for texts, for pages that look whether a domain is set up."""

from collections.abc import Sequence

SECONDS = 4.0


class NoAnswer(Exception):
    """No name server answered in time, which says nothing about the name."""


class Dns:
    """A client of the machine's name servers, or of others."""

    def __init__(self, servers: Sequence[str] = (), port: int = 53) -> None:
        """servers: their addresses; those of the machine when there are none."""
        self._servers, self._port = servers, port

    async def texts(self, name: str) -> list[str]:
        """The TXT records of a name, each in one piece; none for a name that is not there. Raises NoAnswer."""
        # Loaded when it is asked: it takes longer than all of a page.
        from dns.asyncresolver import Resolver
        from dns.exception import DNSException
        from dns.resolver import NXDOMAIN
        from dns.resolver import NoAnswer as NoTexts

        try:
            resolver = Resolver(configure=not self._servers)
            if self._servers:
                resolver.nameservers, resolver.port = list(self._servers), self._port
            answer = await resolver.resolve(name, "TXT", lifetime=SECONDS)
        except (NXDOMAIN, NoTexts):
            return []
        except (DNSException, OSError) as error:
            raise NoAnswer from error
        return [b"".join(record.strings).decode("utf-8", "replace") for record in answer]
