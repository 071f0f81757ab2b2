"""An SMTP server on loopback that takes everything and counts it, in a process of its own; ends with its input."""

import sys

from aiosmtpd.controller import Controller

from tests.product.running import free_port


class Counting:
    """Takes mails and forgets them."""

    taken = 0

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 - the library's name
        self.taken += 1
        return "250 OK"


if __name__ == "__main__":
    counting = Counting()
    controller = Controller(counting, hostname="127.0.0.1", port=free_port(), data_size_limit=None)
    controller.start()
    print(controller.port, flush=True)
    sys.stdin.read()
    controller.stop()
    print(counting.taken, flush=True)
