"""The knowledge base as a LangChain retriever, for chains and agents that want one."""

from __future__ import annotations

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from pydantic import ConfigDict

from assistant.suggesting import Suggester


class SouffleurRetriever(BaseRetriever):
    """Finds articles with the service's own retrieval.

    Each document holds the best chunk; its metadata names the article, its URL, the heading path
    and the score.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    suggester: Suggester
    limit: int = 4
    locale: str = "ru"
    for_customers: bool = True

    def _get_relevant_documents(
        self, query: str, *, run_manager: CallbackManagerForRetrieverRun
    ) -> list[Document]:
        del run_manager
        return [
            Document(
                page_content=passage.chunk.text,
                metadata={
                    "article_id": passage.article.article_id,
                    "title": passage.article.title,
                    "url": passage.article.url,
                    "heading_path": list(passage.chunk.heading_path),
                    "score": passage.score,
                },
            )
            for passage in self.suggester.look_up(
                query, self.limit, self.locale, for_customers=self.for_customers
            )
        ]
