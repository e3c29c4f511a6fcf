"""Articles for operators."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query

from api.service import OperatorCaller, ServiceHere, language_of
from assistant.errors import NotFoundError

router = APIRouter(prefix="/v1/kb", tags=["knowledge"])


@router.get("/search")
def search(
    service: ServiceHere,
    _operator: OperatorCaller,
    q: Annotated[str, Query(max_length=4000)] = "",
    limit: Annotated[int, Query(ge=1, le=20)] = 5,
    lang: Annotated[str | None, Query(max_length=8)] = None,
) -> dict[str, Any]:
    """Articles, those for operators only among them, each with its best sentences word for word.
    The language is that of `q`; `lang` counts where it has no letters."""
    return {
        "results": [
            {
                "article_id": item.article.article_id,
                "title": item.article.title,
                "url": item.article.url,
                "audience": item.article.audience.value,
                "score": item.score,
                "passages": [{"text": text} for text in item.passages],
            }
            for item in service.articles.search(q, limit, language_of(service, lang))
        ]
    }


@router.get("/articles/{article_id:path}")
def read_article(
    article_id: Annotated[str, Path(max_length=512)], service: ServiceHere, _op: OperatorCaller
) -> dict[str, Any]:
    """One article, whole, as plain Markdown."""
    knowledge = service.parts.library.current()
    article = knowledge.articles.get(article_id) if knowledge else None
    if article is None:
        raise NotFoundError(f"there is no article {article_id!r}")
    return {
        "article_id": article.article_id,
        "title": article.title,
        "url": article.url,
        "lang": article.lang,
        "audience": article.audience.value,
        "valid_until": article.valid_until.isoformat() if article.valid_until else None,
        "text": article.text,
    }
