"""Stand-ins for what lies outside PostgreSQL. They remember; tests look."""

from email import message_from_bytes
from email.policy import default

from forum.kit.mailer import Mail
from forum.kit.relay import Answer, said_now


class FakeMailer:
    """Takes every mail: simple ones are in `sent`, whole ones in `sent` as their plain text and in `letters`."""

    def __init__(self) -> None:
        self.sent: list[Mail] = []
        self.letters = []

    async def send(self, mail: Mail) -> None:
        self.sent.append(mail)

    async def hand_over(self, recipient, words) -> Answer:
        message = await said_now(words)
        if message is None:
            return Answer("dropped")
        read = message_from_bytes(message, policy=default)
        self.letters.append(read)
        self.sent.append(Mail(recipient, str(read["subject"]), read.get_body(("plain",)).get_content()))
        return Answer("taken", code=250)

    def room(self):
        return None

    def wait(self, domain) -> float:
        return 0.0

    def pause(self, domain) -> float:
        return 0.0

    async def aclose(self) -> None:
        pass
