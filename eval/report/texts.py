"""The report's words and the way it writes numbers, in one language."""

from __future__ import annotations

from collections.abc import Mapping

from prompts.loader import LANGUAGES, PromptError, surface, variables_of

DASH = "—"
_NARROW_SPACE = "\u202f"
_NO_BREAK_SPACE = "\u00a0"


class Texts:
    """Says the labels of `prompts/surfaces/report.*.yaml`."""

    def __init__(self, lang: str, labels: Mapping[str, str] | None = None) -> None:
        """`labels` stand in for the file's; a language there are none of becomes Russian."""
        self.lang = lang if lang in LANGUAGES else LANGUAGES[0]
        self._labels = surface("report", self.lang) if labels is None else labels

    def __call__(self, key: str, **variables: object) -> str:
        """The label, its variables filled in. Raises PromptError when they do not fit."""
        template = self._labels.get(key)
        if template is None:
            raise PromptError(f"prompts/surfaces/report.{self.lang}.yaml has no label {key!r}")
        if variables_of(template) != set(variables):
            raise PromptError(f"the label {key!r} takes {sorted(variables_of(template))}")
        return template.format_map(variables)

    def name_of(self, kind: str, code: str | None) -> str:
        """What `code` is called among `kind` (`intent`, `action`, `metric`…); itself when it has
        no name, since articles, topics and later metrics bring codes of their own."""
        if code is None:
            return DASH
        return self._labels.get(f"{kind}_{code}", code)

    def number(self, value: float | None, digits: int = 3) -> str:
        """With the decimal mark of the language; a dash when there is no value."""
        if value is None:
            return DASH
        return self._localised(f"{value:,.{digits}f}")

    def signed(self, value: float | None, digits: int = 3) -> str:
        """The same with its sign in front, also of a gain; nothing has none."""
        if value is None or round(value, digits) == 0:
            return self.number(None if value is None else 0, digits)
        return self._localised(f"{value:+,.{digits}f}")

    def percent(self, share: float | None, digits: int = 0) -> str:
        """A share from 0 to 1 in per cent."""
        if share is None:
            return DASH
        space = _NO_BREAK_SPACE if self.lang == "ru" else ""
        return f"{self.number(share * 100, digits)}{space}%"

    def interval(self, low: float | None, high: float | None, digits: int = 3) -> str:
        """`[low; high]`; empty when there is none."""
        if low is None or high is None:
            return ""
        mark = ";" if self.lang == "ru" else ","
        return f"[{self.number(low, digits)}{mark}{_NO_BREAK_SPACE}{self.number(high, digits)}]"

    def _localised(self, number: str) -> str:
        number = number.replace("-", "−")
        if self.lang == "ru":
            return number.replace(",", _NARROW_SPACE).replace(".", ",")
        return number
