"""Where deliveries go: the webhooks of the store and the channels of the settings."""

from __future__ import annotations

from collections.abc import Mapping

from assistant.store.deliveries import Deliveries
from assistant.store.webhooks import CHANNEL, Target


class Targets:
    """Finds a target by its name."""

    def __init__(
        self, store: Deliveries, channel_urls: Mapping[str, str], channel_secret: str
    ) -> None:
        """`channel_urls`: by the channel's name."""
        self._store = store
        self._channel_secret = channel_secret
        self.channel_urls = channel_urls

    def find(self, name: str) -> Target | None:
        """A target; None when it was deleted or is no longer in the settings."""
        if not name.startswith(CHANNEL):
            return self._store.target(name)
        url = self.channel_urls.get(name.removeprefix(CHANNEL))
        return Target(name, url, (self._channel_secret,)) if url else None

    def is_known(self, name: str) -> bool:
        """Whether a name that the store has stands for a target: a channel that is no longer in
        the settings keeps its place in the book but is told nothing."""
        return not name.startswith(CHANNEL) or name.removeprefix(CHANNEL) in self.channel_urls
