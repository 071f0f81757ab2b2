"""What the things in one digest came by, and their one-click links that stop just that."""

from dataclasses import dataclass, field
from typing import NamedTuple

from forum.mail import addresses
from forum.mail.addresses import Click
from forum.mail.digests.types import Chosen, DigestReader
from forum.mail.reasons import REASONS, Names, why
from forum.mail.types import House

# What these come by, whatever else is followed: what runs at work, or topics one knows of, is no following to stop.
BY_BLOCK = {"mentions": "mentioned", "reviews": "", "unanswered": ""}


class Stop(NamedTuple):
    """As in types.Item."""

    why: str = ""
    stop_words: str = ""
    stop_url: str = ""
    is_stop_new: bool = False


NONE = Stop()


@dataclass
class Stops:
    """Those of one digest, asked from its top to its end. names: of what is followed."""

    house: House
    reader: DigestReader
    names: Names
    known: dict[tuple[str, int], str] = field(default_factory=dict)

    def of(self, block: str, each: Chosen) -> Stop:
        """That of one thing; an empty one where it came by nothing that is followed."""
        by = BY_BLOCK.get(block, each.reason)
        reason = REASONS.get(by)
        if reason is None:
            return NONE
        because = "" if by == "mentioned" else why(by, each.target_id, self.names)
        asked = reason.stop_kind, reason.stop_id(each.target_id, each.thread_id)
        is_new = asked not in self.known
        if is_new:
            self.known[asked] = self._link(*asked)
        return Stop(f"Because {because}." if because else "", reason.stop_words, self.known[asked], is_new)

    def _link(self, kind: str, stop_id: int) -> str:
        click = Click(self.reader.member_id, "stop", kind, stop_id, int(self.reader.now.timestamp()))
        return self.house.url + addresses.click_path(self.house.secret, click)
