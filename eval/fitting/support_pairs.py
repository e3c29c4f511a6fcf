"""The shipped training pairs for retrieval: help-centre articles of fictional businesses with the
messages of customers whom they answer, all written by us.

    === ru some-slug | what the business is
    # title of an article
    > its answer, `\\n` for a line break
    - a customer's message
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from assistant.errors import DatasetError

FOLDER = Path(__file__).parent.parent / "datasets" / "support"
_HEADER = re.compile(r"=== (ru|en) ([a-z0-9-]+) \| .+")


@dataclass(frozen=True)
class PairedArticle:
    """An article and the messages that it answers."""

    title: str
    answer: str
    messages: tuple[str, ...]

    @property
    def names_a_topic(self) -> bool:
        """Whether the title names a topic that several articles share: «Биллинг (3)»."""
        return bool(re.search(r"\(\d+\)$", self.title))

    @property
    def body(self) -> str:
        """The article as it is embedded."""
        return f"{self.title}\n{self.answer}"


@dataclass(frozen=True)
class Business:
    """One help centre."""

    slug: str
    lang: str
    articles: tuple[PairedArticle, ...]


@dataclass
class _Open:
    title: str
    answer: str = ""
    messages: list[str] = field(default_factory=list)


def load_businesses(folder: Path = FOLDER) -> list[Business]:
    """Every help centre of every file, in order; DatasetError names file and line."""
    return [business for path in sorted(folder.glob("*.txt")) for business in _read(path)]


def _read(path: Path) -> Iterator[Business]:
    header: tuple[str, str] | None = None
    articles: list[_Open] = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        mark, content = line[:2], line[2:].strip().replace("\\n", "\n")
        if line.startswith("==="):
            found = _HEADER.fullmatch(line)
            if not found:
                raise DatasetError(f"{path}:{number}: a header is `=== ru slug | description`")
            if header:
                yield _business(header, articles, f"{path}:{number}")
            header, articles = (found[1], found[2]), []
        elif mark == "# " and header:
            articles.append(_Open(content))
        elif mark == "> " and articles:
            articles[-1].answer = content
        elif mark == "- " and articles:
            articles[-1].messages.append(content)
        elif line.strip():
            raise DatasetError(f"{path}:{number}: neither title, answer nor message")
    if header:
        yield _business(header, articles, str(path))


def _business(header: tuple[str, str], articles: Sequence[_Open], where: str) -> Business:
    for article in articles:
        if not article.answer or not article.messages:
            raise DatasetError(f"{where}: {article.title!r} has no answer or no message")
    done = tuple(PairedArticle(a.title, a.answer, tuple(a.messages)) for a in articles)
    return Business(slug=header[1], lang=header[0], articles=done)
