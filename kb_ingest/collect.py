"""Files on disk to articles, and how they differ from those that are published."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from assistant.domain import Article
from assistant.errors import BadInputError
from kb_ingest.loaders.by_suffix import is_supported, load_file
from kb_ingest.source import UnreadableError


@dataclass(frozen=True)
class SkippedFile:
    """A file, or a record of it, that did not become an article."""

    file: str
    reason: str
    failed: bool
    """True when it should have become one; False for files that are not articles at all."""


@dataclass
class Collected:
    """The articles found, by id, and what was left out."""

    articles: dict[str, Article] = field(default_factory=dict)
    skipped: list[SkippedFile] = field(default_factory=list)
    unreadable: set[str] = field(default_factory=set)
    """Absolute paths of files that could not be read, wholly or in part."""


@dataclass(frozen=True)
class Changes:
    """Ids by what happened to them, and the articles to publish, in order."""

    added: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]
    unchanged: tuple[str, ...]
    articles: tuple[Article, ...]


def collect(paths: Sequence[Path], progress: Callable[[], None] | None = None) -> Collected:
    """Read every file below the paths. Raises BadInputError when a path does not exist."""
    for path in paths:
        if not path.exists():
            raise BadInputError(f"{path} does not exist")
    collected = Collected()
    for file, article_id in list_files(paths):
        if not is_supported(file):
            reason = f"files of type {file.suffix or '(none)'} are not articles"
            collected.skipped.append(SkippedFile(str(file), reason, failed=False))
        else:
            _read(file, article_id, collected)
        if progress:
            progress()
    return collected


def list_files(paths: Sequence[Path]) -> Iterator[tuple[Path, str]]:
    """Every file with its default article id: the path relative to the folder given."""
    for path in paths:
        root = path.resolve()
        if root.is_file():
            yield root, root.name
            continue
        for folder, folders, names in os.walk(root, onerror=_raise):
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            for name in sorted(names):
                file = Path(folder) / name
                if not name.startswith("."):
                    yield file, file.relative_to(root).as_posix()


def _raise(error: OSError) -> None:
    """A folder that cannot be listed would look as if its articles were gone."""
    raise BadInputError(f"{error.filename} cannot be read ({error.strerror})") from error


def _read(file: Path, article_id: str, collected: Collected) -> None:
    try:
        loaded = load_file(file, article_id)
    except UnreadableError as error:
        collected.unreadable.add(str(file))
        collected.skipped.append(SkippedFile(str(file), str(error), failed=True))
        return
    if loaded.problems:  # what a broken record held last time is kept
        collected.unreadable.add(str(file))
    for problem in loaded.problems:
        collected.skipped.append(SkippedFile(str(file), problem, failed=True))
    for article in loaded.articles:
        first = collected.articles.setdefault(article.article_id, article)
        if first is not article and first != article:
            reason = f"the id {article.article_id!r} is already used in {first.source}; kept that"
            collected.skipped.append(SkippedFile(str(file), reason, failed=True))


def compare(
    collected: Collected, published: Iterable[Article], paths: Sequence[Path], *, replace: bool
) -> Changes:
    """What to publish. A published article stays unless its file lies under the paths given (or
    `replace` is set) and no longer holds it; a file that cannot be read now keeps its articles."""
    before = {article.article_id: article for article in published}
    roots = [path.resolve() for path in paths]
    if not replace:
        _leave_to_their_owners(collected, before, roots)
    kept = {
        article_id: article
        for article_id, article in before.items()
        if article_id not in collected.articles
        and (
            article.source in collected.unreadable
            or not (replace or _lies_under(article.source, roots))
        )
    }
    found = collected.articles
    articles = {**kept, **found}
    return Changes(
        added=tuple(key for key in found if key not in before),
        changed=tuple(key for key in found if key in before and _differs(found[key], before[key])),
        removed=tuple(key for key in before if key not in articles),
        unchanged=tuple(
            key for key in articles if key in before and not _differs(articles[key], before[key])
        ),
        articles=tuple(articles[key] for key in sorted(articles)),
    )


def _leave_to_their_owners(
    collected: Collected, before: dict[str, Article], roots: list[Path]
) -> None:
    """An id that a file elsewhere holds stays that file's; a moved file takes its id along."""
    for article_id, article in list(collected.articles.items()):
        owner = before.get(article_id)
        if owner is None or owner.source == article.source or _lies_under(owner.source, roots):
            continue
        if Path(owner.source).exists():
            del collected.articles[article_id]
            reason = f"the id {article_id!r} is already used in {owner.source}; kept that"
            collected.skipped.append(SkippedFile(article.source, reason, failed=True))


def _lies_under(source: str, roots: list[Path]) -> bool:
    return any(Path(source).is_relative_to(root) for root in roots)


def _differs(one: Article, other: Article) -> bool:
    def content(article: Article) -> tuple[object, ...]:
        return (
            article.title,
            article.text,
            article.url,
            article.lang,
            article.topic,
            article.audience,
            article.valid_until,
            article.is_answer,
        )

    return content(one) != content(other)
