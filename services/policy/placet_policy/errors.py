"""The policy tier's errors: one tree, classes that carry fields, no prose for a peer.

::

    PolicyError
    ├── TokenRefused        the callback token fails a numbered check: the caller sent what no node signed
    ├── EnvelopeRefused     a verified token whose content is no callback request that can be decided
    ├── BundleRefused       a bundle file that the gate does not let through; the one before it stays active
    └── Indeterminate       the world broke: there is no decision, and the node asks again
        ├── NoActiveBundle      no policy release may decide right now
        ├── OpaUnavailable      OPA did not answer in time, or not with success
        ├── OpaAnswerInvalid    OPA answered something that is not exactly one decision
        ├── RevisionMismatch    OPA decided under another revision than the facts were made with
        ├── LedgerUnavailable   the record could not be written, or nobody knows whether it was
        ├── VersionMoved        the ledger changed between snapshot and commit; evaluate again
        ├── DeadlinePassed      the caller's time is over
        └── Inconsistent        two of our own statements that must agree do not

A deny is an answer (a ``Decision``), never one of these. The servicer holds the one table that turns them into gRPC
statuses; nothing of ``str(error)`` ever leaves the process except into the log.
"""

from enum import StrEnum


class LedgerFault(StrEnum):
    """Why the ledger cannot be used: the constant texts that readiness shows; the cause stays in the log."""

    UNWRITABLE = "the ledger cannot be written"
    REPLACED = "the ledger is not the one that this process opened"
    BEHIND = "the ledger lacks what this process wrote last"
    SCHEMA = "the ledger's schema is of another version"
    NOT_DURABLE = "the ledger's database does not keep what it commits"
    RECOVERING = "the ledger's database is a standby"
    NO_STANDBY = "the ledger's database has no synchronous standby"


class PolicyError(Exception):
    """Everything the policy tier raises on purpose."""


class TokenRefused(PolicyError):  # noqa: N818  (named after what happened)
    """The callback token failed a numbered check of the protocol package.

    Attributes:
        check: the number of the check, 1 to 7.
        code: the check's code, such as ``TOKEN_EXPIRED``.
        clock: our time and the claim's, Unix seconds, when the check was about time; the log names both.
    """

    def __init__(self, check: int, code: str, clock: tuple[float, float] | None = None) -> None:
        super().__init__(check, code, clock)
        self.check = check
        self.code = code
        self.clock = clock


class EnvelopeRefused(PolicyError):  # noqa: N818  (named after what happened)
    """A verified token does not hold a callback request that can be decided.

    Attributes:
        code: what is wrong, such as ``PING_NOT_EVALUATED`` or a code of the protocol package.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class BundleRefused(PolicyError):  # noqa: N818  (named after what happened)
    """A bundle file is not one that the gate lets through.

    Attributes:
        reason: what is wrong, for operators.
        path: the member or the datum concerned; the file's name, or empty for bytes without one, when it is the whole.
    """

    def __init__(self, reason: str, path: str = "") -> None:
        super().__init__(reason, path)
        self.reason = reason
        self.path = path


class Indeterminate(PolicyError):  # noqa: N818  (the design's word for it)
    """The evaluation could not be completed: no decision, never a deny.

    Attributes:
        cause: what broke, for the log; never sent to a peer.
    """

    def __init__(self, cause: str) -> None:
        super().__init__(cause)
        self.cause = cause


class NoActiveBundle(Indeterminate):
    """No policy release is active, or none that may decide."""


class OpaUnavailable(Indeterminate):
    """OPA did not answer, not in time, or not with success."""


class OpaAnswerInvalid(Indeterminate):
    """OPA answered something that is not exactly one decision of the agreed shape."""


class RevisionMismatch(Indeterminate):
    """OPA's answer names another revision than the one whose data made the facts."""


class LedgerUnavailable(Indeterminate):
    """The ledger could not be read or written, or the outcome of a write is unknown.

    Attributes:
        fault: which of the known faults it is; a full disk and a lost connection are the general one.
    """

    def __init__(self, cause: str, *, fault: LedgerFault = LedgerFault.UNWRITABLE) -> None:
        super().__init__(cause)
        self.fault = fault


class VersionMoved(Indeterminate):
    """The ledger moved between snapshot and commit; the evaluation starts again from the snapshot."""


class DeadlinePassed(Indeterminate):
    """The caller's deadline, or our own ceiling, passed before the decision was recorded."""


class Inconsistent(Indeterminate):
    """Two of our own statements that must agree do not; nothing may be decided on either."""
