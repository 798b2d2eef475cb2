"""What a face and the broker say to each other over the Unix socket.

Frames are those of ``data.broker.frames``. A face asks
``{"id": 7, "method": "window", "params": {…}}`` and gets ``{"id": 7, "result": …}`` or
``{"id": 7, "error": {"code", "message", "hint"}}``. The broker also pushes, without an id: ``{"push": "changed", …}``
(rows of the queue), ``{"push": "status", …}`` (sync, outbox), ``{"push": "command", …}``. A face that reads slowly
misses pushes and gets one ``{"push": "lagged"}`` instead: it asks again for what it shows.

Amounts are decimal strings with a currency beside them; signed as in ``arqueue.model.ledger``. Instants are UTC ISO
8601, dates are business dates. Only the standard library is imported here: a face starts on this.
"""

from data.broker.frames import REQUEST_CAP, pack, read_frame
from data.broker.protocol.cash import (
    AliasRow,
    AutoDay,
    AutoRow,
    Difference,
    DiscountRow,
    Move,
    PayerRow,
    Settle,
    SettleCredit,
    SettleLine,
    SettleShort,
    SuggestedLine,
    SuggestionRow,
    Suggestions,
)
from data.broker.protocol.reversing import Reversal
from data.broker.protocol.reviews import Review, ReviewLine, ReviewPart, Submitted, Verdict, Weighed
from data.broker.protocol.rows import (
    Account,
    Ageing,
    AllocationRow,
    ApprovalRow,
    AttemptRow,
    Bucket,
    CommandRow,
    ErrorRow,
    Found,
    Hello,
    ItemRow,
    NoteRow,
    Outbox,
    OutboxStatus,
    PartyRow,
    PersonRow,
    Point,
    QueueRow,
    ReasonCodeRow,
    SavedViewRow,
    Shown,
    Status,
    SyncDone,
    SyncStatus,
    ViewCount,
    Window,
)
from data.broker.wire import VERSION, VIEWS, WINDOW_CAP

__all__ = [
    "REQUEST_CAP",
    "VERSION",
    "VIEWS",
    "WINDOW_CAP",
    "Account",
    "Ageing",
    "AliasRow",
    "AllocationRow",
    "ApprovalRow",
    "AttemptRow",
    "AutoDay",
    "AutoRow",
    "Bucket",
    "CommandRow",
    "Difference",
    "DiscountRow",
    "ErrorRow",
    "Found",
    "Hello",
    "ItemRow",
    "Move",
    "NoteRow",
    "Outbox",
    "OutboxStatus",
    "PartyRow",
    "PayerRow",
    "PersonRow",
    "Point",
    "QueueRow",
    "ReasonCodeRow",
    "Reversal",
    "Review",
    "ReviewLine",
    "ReviewPart",
    "SavedViewRow",
    "Settle",
    "SettleCredit",
    "SettleLine",
    "SettleShort",
    "Shown",
    "Status",
    "Submitted",
    "SuggestedLine",
    "SuggestionRow",
    "Suggestions",
    "SyncDone",
    "SyncStatus",
    "Verdict",
    "ViewCount",
    "Weighed",
    "Window",
    "pack",
    "read_frame",
]
