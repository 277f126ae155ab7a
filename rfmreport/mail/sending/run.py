"""One run of sending: errand by errand, round by round, with a note in the ledger at each step."""

from __future__ import annotations

import random
from collections import deque
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

from rfmreport.mail.ledger import Entry
from rfmreport.mail.sending.connection import Connection, HopelessError, TryLaterError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from rfmreport.mail.deliveries import Delivery, State
    from rfmreport.mail.ledger import EntryState, Key, Ledger
    from rfmreport.mail.sending.connection import Ending
    from rfmreport.mail.sending.errands import Errand
    from rfmreport.mail.sending.server import Server

_FIRST_WAIT_SECONDS = 10.0
_WAIT_GROWTH = 4
_LONGEST_WAIT_SECONDS = 300.0
_JITTER = (0.75, 1.25)
_LOST_IN_A_ROW = 2
_NOT_DELIVERED = ("refused", "unsent")
_STATES: dict[Ending, Literal["sent", "refused", "unsent", "unknown"]] = {
    "accepted": "sent",
    "refused": "refused",
    "later": "unsent",
    "lost": "unsent",
    "unknown": "unknown",
    "not_asked": "unsent",
}


class Run:
    """Brings errands, round by round, and notes in the ledger what becomes of each."""

    def __init__(
        self,
        server: Server,
        ledger: Ledger,
        tell: Callable[[str], None],
        sleep: Callable[[float], None],
    ) -> None:
        """Use that server and ledger; `tell` is told what is done, `sleep` waits between rounds."""
        self.results: dict[Key, Delivery] = {}
        self.trouble = ""
        self._server = server
        self._ledger = ledger
        self._tell = tell
        self._sleep = sleep

    def bring(self, errands: list[Errand], tries: int) -> None:
        """Try each errand until it comes to an end, at most so many times."""
        for number in range(tries):
            if errands and number:
                self._wait(number, self.results[errands[0].key].reply)
            errands = self._round(errands) if errands else []

    def _wait(self, number: int, reason: str) -> None:
        seconds = min(_FIRST_WAIT_SECONDS * _WAIT_GROWTH ** (number - 1), _LONGEST_WAIT_SECONDS)
        seconds *= random.uniform(*_JITTER)  # noqa: S311  spreads the load, keeps no secret
        self._tell(f"trying again in {seconds:.0f} s ({reason})")
        self._sleep(seconds)

    def _round(self, errands: list[Errand]) -> list[Errand]:
        """Try each errand once; return those to try again, what cost a connection last."""
        queue = deque(errands)
        later: list[Errand] = []
        lost: list[Errand] = []
        connection: Connection | None = None
        lost_in_a_row = 0
        try:
            while queue:
                connection = connection or self._connect()
                errand = queue.popleft()
                ending = self._bring_one(connection, errand)
                if ending in {"later", "lost"}:
                    (later if ending == "later" else lost).append(errand)
                lost_in_a_row = lost_in_a_row + 1 if ending in {"lost", "unknown"} else 0
                if lost_in_a_row == _LOST_IN_A_ROW:
                    self._not_reached(queue, self.results[errand.key].reply)
                    break
                connection = connection if connection.is_open else None
            if connection:
                connection.leave()
        except TryLaterError as error:
            self._not_reached(queue, str(error))
        except HopelessError as error:
            self._not_reached([*queue, *later, *lost], str(error))
            return []
        finally:
            if connection:
                connection.close()
        return [*queue, *later, *lost]

    def _connect(self) -> Connection:
        self._tell(f"connecting to {self._server}")
        connection = Connection(self._server)
        self.trouble = ""
        return connection

    def _not_reached(self, errands: Sequence[Errand], reason: str) -> None:
        self.trouble = reason if errands else self.trouble
        for errand in errands:
            self._conclude(errand, "unsent", reason)

    def _bring_one(self, connection: Connection, errand: Errand) -> Ending:
        """Run one transaction, with a note on either side of the handing over."""
        self._tell(f"sending {errand.delivery.list_name} to {errand.delivery.recipient}")
        before = self._ledger.entry(errand.key)
        answer = connection.transact(
            errand.mail, errand.recipient, lambda: self._note(errand, "pending", "")
        )
        state = _STATES[answer.ending]
        if answer.ending != "not_asked":
            self._settle(errand, before, state, answer.words)
        self._conclude(errand, state, answer.words)
        return answer.ending

    def _settle(self, errand: Errand, before: Entry | None, state: EntryState, reply: str) -> None:
        """Note how it ended; what may have been delivered before stays so if nothing came of it."""
        if state in _NOT_DELIVERED and before and before.state not in _NOT_DELIVERED:
            self._ledger.note(before)
        else:
            self._note(errand, state, reply)

    def _note(self, errand: Errand, state: EntryState, reply: str) -> None:
        message_id = errand.delivery.message_id
        self._ledger.note(Entry(errand.key, state, message_id, reply, datetime.now(UTC)))

    def _conclude(self, errand: Errand, state: State, reply: str) -> None:
        so_far = self.results.get(errand.key, errand.delivery)
        attempts = so_far.attempts + 1
        self.results[errand.key] = replace(so_far, state=state, reply=reply, attempts=attempts)
