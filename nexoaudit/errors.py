"""The one tree of errors. A finding about a backup is never an exception."""


class NexoError(Exception):
    """Anything nexoaudit cannot do; its text is one sentence that says what to do."""


class ConfigError(NexoError):
    """The configuration is missing or wrong; carries every problem at once."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class StateError(NexoError):
    """`state.json` is missing, unreadable or not ours."""


class LedgerError(NexoError):
    """The evidence ledger cannot be opened, read or written."""


class LocationError(NexoError):
    """A location could not be listed."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        """Reason code, such as `location.missing`."""


class ToolError(NexoError):
    """A program we call is missing, failed or did not end in time."""


class SecretError(NexoError):
    """A password file is missing, unreadable or readable by others."""


class SignatureError(NexoError):
    """A statement is not signed as the policy asks, or its signature cannot be made or checked."""


class SandboxError(NexoError):
    """The throw-away server could not be made, started or asked."""


class BusyError(NexoError):
    """Another run of the auditor holds the lock."""


class WaitError(NexoError):
    """Work that is due must not begin now; it will be asked for again."""


class ReportError(NexoError):
    """The report could not be made."""


class MailError(NexoError):
    """The report could not be mailed to every recipient."""

    def __init__(self, message: str, *, temporary: bool) -> None:
        super().__init__(message)
        self.temporary = temporary
        """True when trying again later may help."""


class DemoError(NexoError):
    """The demonstration site could not be built, or a fault not planted."""
