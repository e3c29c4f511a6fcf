"""One retriever for each snapshot that serves."""

from __future__ import annotations

from threading import Lock

from assistant.knowledge.contents import Knowledge
from assistant.knowledge.library import Library
from assistant.retrieval import Retriever


class Retrievers:
    """Builds a snapshot's retriever once. Safe to use from several threads."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._latest: Retriever | None = None
        self._building = Lock()

    def current(self) -> Retriever | None:
        """The retriever over what serves now; None without knowledge."""
        knowledge = self._library.current()
        return self.over(knowledge) if knowledge else None

    def over(self, knowledge: Knowledge) -> Retriever:
        """The retriever over a snapshot: to build it takes a while, so others wait for the
        first."""
        latest = self._latest
        if latest is not None and latest.knowledge is knowledge:
            return latest
        with self._building:
            latest = self._latest
            if latest is None or latest.knowledge is not knowledge:
                latest = Retriever(knowledge)
                if knowledge is self._library.current():
                    self._latest = latest
        return latest
