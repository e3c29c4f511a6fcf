"""Every error Souffleur raises on purpose. The docstring says what a caller can do about it.

SouffleurError
├── SettingsError         a setting is missing or makes no sense: correct the environment
│   ├── RulesError            the routing rules are malformed (file, rule and field are named)
│   └── CalendarError         the support calendar is malformed (file, field and value are named)
├── BadInputError         what the caller sent is not acceptable: correct it and send again
│   ├── TextRejectedError     the customer's text is empty or too long
│   ├── ReasonNotAllowedError  the deployment has not named this reason to write first
│   ├── WordingRefusedError    the text says what the bot must not (what and where is told)
│   ├── UndecodableError      the bytes of a file are no text in an encoding that is read
│   └── DatasetError          a line of a data set is malformed (file, line and field are named)
├── NotFoundError         no such dialog, article or snapshot
├── ConflictError         the state moved on: read it again, then decide
│   ├── DialogTakenError      another operator holds the dialog
│   ├── NotYoursError         only the operator who holds the dialog may do that
│   ├── OperatorOfflineError  the operator who should get the dialog is not at work
│   ├── MoveRefusedError      a dialog cannot go from its owner to that one
│   ├── MessageIdReusedError  the same message_id came with another text
│   ├── AlreadyRatedError     the customer has rated this dialog before
│   ├── OtherCustomerError    the dialog is another customer's
│   ├── TicketOpenError       the dialog has an open ticket already
│   ├── TicketMoveError       a ticket cannot go from its status to that one
│   ├── QuietHoursError       it is night where the customer is
│   └── ContactBudgetSpentError  the customer was told enough unasked today
├── AccessDeniedError     the key or token does not open this
│   ├── CsrfError             a change by cookie without the session's own token
│   └── NotYouError           a session acts for its own operator only
├── KnowledgeError        the knowledge base cannot be used as it stands
│   ├── NoSnapshotError       nothing has been ingested yet
│   ├── CorruptSnapshotError  a file differs from the manifest's hash
│   └── EmbedderMismatchError the snapshot was made with another embedding model
├── ModelError            the embedding model could not be prepared or run
│   └── LanguageModelError    the language model refused, failed or did not answer in time
│       ├── LanguageModelBusyError     it is asked too much: wait, then ask again
│       ├── LanguageModelTimeoutError  it did not answer in time
│       ├── LanguageModelRefusedError  the key, the model's name or the address is not accepted
│       ├── LanguageModelStoppedError  whoever asked no longer wants the reply
│       └── MalformedReplyError        the reply is not in the form that was asked for
├── RemoteError           the server that is asked refused, failed or did not answer
└── StoreError            the dialog store did not answer
"""

from __future__ import annotations


class SouffleurError(Exception):
    """Base of all errors that Souffleur raises on purpose; its text is a sentence for a person."""

    code = "internal_error"

    @property
    def told(self) -> str:
        """What a caller from outside is told."""
        return str(self)


class SettingsError(SouffleurError):
    """A setting is missing or makes no sense: correct the environment."""

    code = "bad_settings"


class RulesError(SettingsError):
    """The file of routing rules is malformed; file, rule and field are named."""

    code = "bad_routing_rules"


class CalendarError(SettingsError):
    """The file of the support calendar is malformed; file, field and value are named."""

    code = "bad_support_calendar"


class BadInputError(SouffleurError):
    """What the caller sent is not acceptable: correct it and send again."""

    code = "bad_input"


class TextRejectedError(BadInputError):
    """The customer's text is empty or too long."""

    def __init__(self, message: str, code: str) -> None:
        super().__init__(message)
        self.code = code


class ReasonNotAllowedError(BadInputError):
    """The deployment has not named this reason to write first: see SOUFFLEUR_PROACTIVE_REASONS."""

    code = "reason_not_allowed"


class WordingRefusedError(BadInputError):
    """The text says what the bot must not say; what and where is told: write it otherwise."""

    code = "wording_refused"


class UndecodableError(BadInputError):
    """The bytes of a file are no text in an encoding that is read: save it as UTF-8."""

    code = "not_text"


class DatasetError(BadInputError):
    """A line of a data set is malformed; file, line and field are named."""

    code = "bad_dataset"


class NotFoundError(SouffleurError):
    """No such dialog, article or snapshot."""

    code = "not_found"


class ConflictError(SouffleurError):
    """The state moved on: read it again, then decide."""

    code = "conflict"


class DialogTakenError(ConflictError):
    """Another operator holds the dialog."""

    code = "dialog_taken"


class NotYoursError(ConflictError):
    """Only the operator who holds the dialog may do that."""

    code = "dialog_not_yours"


class OperatorOfflineError(ConflictError):
    """The operator who should get the dialog is not at work: choose another, or a queue."""

    code = "operator_offline"


class MoveRefusedError(ConflictError):
    """A dialog cannot go from the owner it has to that one: read it again."""

    code = "move_not_allowed"


class MessageIdReusedError(ConflictError):
    """The same message_id came with another text."""

    code = "message_id_reused"


class AlreadyRatedError(ConflictError):
    """The customer has rated this dialog before: a dialog is rated once."""

    code = "already_rated"


class OtherCustomerError(ConflictError):
    """The dialog is another customer's: begin a dialog of this one's own."""

    code = "dialog_of_another_customer"


class TicketOpenError(ConflictError):
    """The dialog has an open ticket already: change that one, or close it first."""

    code = "ticket_already_open"


class TicketMoveError(ConflictError):
    """A ticket cannot go from the status it has to that one: read it again."""

    code = "ticket_move_not_allowed"


class QuietHoursError(ConflictError):
    """It is night where the customer is: send it by day."""

    code = "quiet_hours"


class ContactBudgetSpentError(ConflictError):
    """The customer was told as many things unasked today as he may be: send it tomorrow."""

    code = "contact_budget_spent"


class AccessDeniedError(SouffleurError):
    """The key or token does not open this."""

    code = "forbidden"


class CsrfError(AccessDeniedError):
    """A change by cookie came without the session's own token: send it in X-CSRF-Token."""

    code = "csrf"


class NotYouError(AccessDeniedError):
    """A session acts for the operator who signed in, and for nobody else."""

    code = "not_you"


class KnowledgeError(SouffleurError):
    """The knowledge base cannot be used as it stands."""

    code = "knowledge_unavailable"


class NoSnapshotError(KnowledgeError):
    """Nothing has been ingested yet: run `souffleur kb ingest PATH`."""

    code = "no_snapshot"


class CorruptSnapshotError(KnowledgeError):
    """A file of the snapshot differs from the manifest's hash."""

    code = "corrupt_snapshot"


class EmbedderMismatchError(KnowledgeError):
    """The snapshot was made with another embedding model: ingest again."""

    code = "embedder_mismatch"


class ModelError(SouffleurError):
    """The embedding model could not be prepared or run."""

    code = "model_unavailable"


class LanguageModelError(ModelError):
    """The language model refused, failed or did not answer in time."""

    code = "language_model_unavailable"
    may_ask_again = False
    """Whether asking once more does no harm and may help: nobody answered at the address, or a
    gateway said so (502, 503)."""
    retry_after_seconds: float | None = None
    """How long the server asks to be left alone, where it says so."""
    brief = ""
    """What went wrong without the server's own words, which may repeat the prompt; empty where the
    text has none of them."""


class LanguageModelBusyError(LanguageModelError):
    """The language model is asked too much (429): wait, then ask again."""

    code = "language_model_busy"


class LanguageModelTimeoutError(LanguageModelError):
    """The language model did not answer in time: ask again, or raise LLM_TIMEOUT_SECONDS."""

    code = "language_model_timeout"


class LanguageModelRefusedError(LanguageModelError):
    """The key, the model's name or the address is not accepted: correct the settings; asking again
    does not help."""

    code = "language_model_refused"


class LanguageModelStoppedError(LanguageModelError):
    """Whoever asked no longer wants the reply: the customer went away or a person took over."""

    code = "language_model_stopped"


class MalformedReplyError(LanguageModelError):
    """The language model's reply is not in the form that was asked for."""

    code = "language_model_malformed"


class RemoteError(SouffleurError):
    """The server that is asked refused, failed or did not answer."""

    code = "server_unavailable"


class StoreError(SouffleurError):
    """The dialog store did not answer. Its text has the cause, which is for the log and for whoever
    sits at the machine."""

    code = "store_unavailable"

    @property
    def told(self) -> str:
        """Without the cause: it names servers, files and users of the database."""
        return "the dialog store did not answer; nothing was lost: send it again"
