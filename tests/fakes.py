"""Stand-ins for what lies outside PostgreSQL. They remember; tests look."""

from forum.kit.mailer import Mail


class FakeMailer:
    def __init__(self) -> None:
        self.sent: list[Mail] = []

    async def send(self, mail: Mail) -> None:
        self.sent.append(mail)
