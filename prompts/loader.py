"""Every text a person reads comes from here: phrases, word lists, labels of the pages.

A file is read once, carries a version, and is named in traces by version and hash. Saying a phrase
with a variable missing or one too many is an error, not a hole in a sentence.
"""

from __future__ import annotations

import hashlib
import re
import string
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import yaml

LANGUAGES = ("ru", "en")


class PromptError(Exception):
    """A text is missing, or its variables do not fit those given."""


@dataclass(frozen=True)
class TextFile:
    """A file of texts with its version and the first 12 digits of its SHA-256."""

    name: str
    version: int
    digest: str
    content: Mapping[str, Any]

    @property
    def label(self) -> str:
        """What a trace says of it, e.g. `phrases/ru@1:ab12cd34ef56`."""
        return f"{self.name}@{self.version}:{self.digest}"


@cache
def read(name: str) -> TextFile:
    """The file `prompts/NAME.yaml`."""
    path = resources.files("prompts").joinpath(f"{name}.yaml")
    try:
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise PromptError(f"there is no prompts/{name}.yaml") from error
    document = yaml.safe_load(data)
    version = document.pop("version")
    return TextFile(name, version, hashlib.sha256(data).hexdigest()[:12], document)


class Phrases:
    """What the bot says in one language."""

    def __init__(self, lang: str) -> None:
        self.lang = lang if lang in LANGUAGES else LANGUAGES[0]
        self.file = read(f"phrases/{self.lang}")

    def say(self, key: str, **variables: object) -> str:
        """The phrase with its variables filled in. Raises PromptError when they do not fit."""
        return fill(self.file, key, **variables)


def fill(file: TextFile, key: str, **variables: object) -> str:
    """The text `key` of a file with its variables filled in; what they hold is not read as a
    template. Raises PromptError when they do not fit."""
    template = file.content.get(key)
    if not isinstance(template, str):
        raise PromptError(f"prompts/{file.name}.yaml has no phrase {key!r}")
    wanted = variables_of(template)
    if wanted != set(variables):
        raise PromptError(f"the phrase {key!r} takes {sorted(wanted)}, got {sorted(variables)}")
    return template.format_map(variables).strip()


def phrases(lang: str) -> Phrases:
    """The phrases of a language; of Russian for a language there are none of."""
    return _phrases(lang if lang in LANGUAGES else LANGUAGES[0])


@cache
def _phrases(lang: str) -> Phrases:
    return Phrases(lang)


def variables_of(template: str) -> set[str]:
    """Names of the variables in a phrase."""
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


@cache
def patterns(name: str) -> dict[str, re.Pattern[str]]:
    """The word lists of `prompts/NAME.yaml`, each joined into one pattern; ё counts as е."""
    return {
        key: re.compile("|".join(f"(?:{part})" for part in parts), re.IGNORECASE)
        for key, parts in read(name).content.items()
    }


def surface(name: str, lang: str) -> Mapping[str, str]:
    """The labels of a page: `widget`, `console` or `demo`."""
    known = lang if lang in LANGUAGES else LANGUAGES[0]
    return read(f"surfaces/{name}.{known}").content
