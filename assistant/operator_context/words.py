"""The words of the context in the operators' language: lines, moments, spans of time."""

from __future__ import annotations

from datetime import datetime, tzinfo

from prompts.loader import LANGUAGES, TextFile, fill, read

_MINUTE, _HOUR, _DAY = 60, 3600, 86400


class ContextWords:
    """Texts of `prompts/operator_context` in one language; Russian for a language there is none
    of."""

    def __init__(self, lang: str, zone: tzinfo, now: datetime) -> None:
        self.lang = lang if lang in LANGUAGES else LANGUAGES[0]
        self.now = now
        self._zone = zone
        self._file: TextFile = read(f"operator_context/{self.lang}")

    def put(self, key: str, **variables: object) -> str:
        """The text with its variables filled in. Raises PromptError when they do not fit."""
        return fill(self._file, key, **variables)

    def named(self, kind: str, value: str) -> str:
        """What a queue or channel is called; of one of the deployment's own the value itself."""
        key = f"{kind}_{value}"
        return self.put(key) if key in self._file.content else value

    def moment(self, at: datetime) -> str:
        """A time where the operators are: the hour, with the day where that is not today."""
        local, today = at.astimezone(self._zone), self.now.astimezone(self._zone).date()
        return local.strftime(self.put("moment_today" if local.date() == today else "moment"))

    def day(self, at: datetime) -> str:
        """A date where the operators are."""
        return at.astimezone(self._zone).strftime(self.put("day"))

    def span(self, since: datetime) -> str:
        """How long ago that was: `7 min`, `3 h 10 min`, `2 d 4 h`."""
        seconds = max(0, int((self.now - since).total_seconds()))
        if seconds < _MINUTE:
            return self.put("moments")
        if seconds < _HOUR:
            return self.put("minutes", minutes=seconds // _MINUTE)
        if seconds < _DAY:
            return self.put("hours", hours=seconds // _HOUR, minutes=seconds % _HOUR // _MINUTE)
        return self.put("days", days=seconds // _DAY, hours=seconds % _DAY // _HOUR)
