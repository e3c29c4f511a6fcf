"""Texts to vectors. One protocol, three makers: the built-in e5 (onnxruntime, no torch), any
sentence-transformers model by name or path, any API model by its litellm name.

All return float32 of shape (texts, dimension), rows of length 1, in the order given; only what
tells the wants of a message is wider (`BuiltinEmbedder.embed_wants`).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from assistant.errors import ModelError, SettingsError
from assistant.knowledge import builtin_model
from assistant.knowledge.tuned_layers import MESSAGE, SEARCH

Vectors = npt.NDArray[np.float32]
Progress = Callable[[int], None]

BUILTIN = "builtin/multilingual-e5-small"
_LITELLM_PREFIX = "litellm/"
_MAX_TOKENS = 512
_TOKENS_A_BATCH = 2048
_WIDTHS = {SEARCH: 1, MESSAGE: 2}
"""Length of a branch's vector in the model's own dimensions."""
_LONGEST_FIRST, _LONGEST_TOGETHER = 70, 160
"""Pieces of a text, and with those it is compared with, that are read together."""
_UNKNOWN_PIECE = -20.0
"""Log-likelihood of what the vocabulary cannot write."""


@dataclass(frozen=True)
class Piece:
    """A piece of a text: its row among the states, and the characters that it stands for."""

    row: int
    start: int
    end: int


@dataclass(frozen=True)
class ReadTogether:
    """A text and those that it is compared with, read in one pass: every state knows of all."""

    states: Vectors
    """(pieces and marks, dimension), as the trunk gives them."""
    texts: tuple[tuple[Piece, ...], ...]
    """The pieces of each text, the first text first; those past the longest are left out."""


class Embedder(Protocol):
    """What retrieval and intent need of an embedding model."""

    @property
    def model_id(self) -> str:
        """Names the model and the way it is run; vectors of different ids do not mix."""

    @property
    def dimension(self) -> int:
        """Length of a vector."""

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        """Vectors of what a customer says."""

    def embed_passages(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        """Vectors of what an article says; `progress` is told how many more are done."""

    def count_tokens(self, text: str) -> int:
        """Length of a passage in the model's own tokens, prefix and special ones included."""


class MessageEmbedder(Protocol):
    """What understanding a message needs: vectors to search by and to tell by what it wants."""

    @property
    def wants_id(self) -> str:
        """Names the model whose vectors tell what a message wants."""

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        """Vectors to search by."""

    def embed_messages(self, texts: Sequence[str]) -> tuple[Vectors, Vectors]:
        """Vectors to search by, and vectors to tell by what the writer wants."""

    def fluency(self, text: str) -> float:
        """Mean log-likelihood a letter; about -2.5 for plain prose, -6 for gibberish."""


class Beside:
    """Another embedding model for searching, the built-in one for what a message wants: the heads
    are fitted on its message branch, whatever embeds the articles."""

    def __init__(self, search: Embedder, builtin: BuiltinEmbedder) -> None:
        self._search = search
        self._builtin = builtin
        self.wants_id = builtin.wants_id
        self.fluency = builtin.fluency
        self.embed_queries = search.embed_queries

    def embed_messages(self, texts: Sequence[str]) -> tuple[Vectors, Vectors]:
        return self._search.embed_queries(texts), self._builtin.embed_wants(texts)


def make_message_embedder(embedder: Embedder, cache: Path, threads: int = 2) -> MessageEmbedder:
    """The message embedder beside an embedder: itself when it is the built-in one."""
    if isinstance(embedder, BuiltinEmbedder):
        return embedder
    return Beside(embedder, BuiltinEmbedder(builtin_model.prepare(cache), threads))


def make_embedder(model: str, cache: Path, threads: int = 2) -> Embedder:
    """The embedder a setting names.

    Raises SettingsError when nothing of that name can be loaded, ModelError when loading fails.
    """
    if model == BUILTIN:
        return BuiltinEmbedder(builtin_model.prepare(cache), threads)
    if model.startswith(_LITELLM_PREFIX):
        return LiteLlmEmbedder(model.removeprefix(_LITELLM_PREFIX))
    return SentenceTransformersEmbedder(model)


class BuiltinEmbedder:
    """multilingual-e5-small in int8 on onnxruntime, with our branches: about 6 ms a message on two
    cores."""

    dimension = 384

    def __init__(self, folder: Path, threads: int) -> None:
        import sentencepiece  # noqa: PLC0415 - not on the path of `souffleur --help`

        self.model_id = self.wants_id = f"{folder.name}/int8"
        self._trunk = _session(folder / builtin_model.TRUNK_FILE, threads)
        self._branches = {
            branch: _session(folder / file, threads)
            for branch, file in builtin_model.BRANCH_FILES.items()
        }
        self._pieces = sentencepiece.SentencePieceProcessor(
            model_file=str(folder / builtin_model.TOKENIZER_FILE)
        )

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        return self._embed(self._tokens("query: ", texts), None, SEARCH)[0]

    def embed_passages(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        return self._embed(self._tokens("passage: ", texts), progress, SEARCH)[0]

    def embed_messages(self, texts: Sequence[str]) -> tuple[Vectors, Vectors]:
        """What a customer says, twice: to search by, and to tell by what he wants."""
        by_search, by_want = self._embed(self._tokens("query: ", texts), None, SEARCH, MESSAGE)
        return by_search, by_want

    def embed_wants(self, texts: Sequence[str]) -> Vectors:
        """What a customer says, to tell by what he wants; (texts, 768): the branch's vector, then
        the mean of the trunk's states, which keeps more of how a thing is said."""
        return self._embed(self._tokens("query: ", texts), None, MESSAGE)[0]

    def read_together(self, text: str, others: Sequence[str]) -> ReadTogether:
        """A text and those it is compared with in one sequence, `<s> text </s></s> others </s>`."""
        begin, end = self._pieces.bos_id(), self._pieces.eos_id()
        ids, found = [begin], []
        for number, each in enumerate((text, *others)):
            room = (_LONGEST_TOGETHER if number else _LONGEST_FIRST) - len(ids)
            pieces = self._pieces.encode(each, return_type="proto").pieces[: max(0, room)]
            at = _characters(each)
            found.append(
                tuple(
                    Piece(len(ids) + n, at[piece.begin], at[piece.end])
                    for n, piece in enumerate(pieces)
                )
            )
            ids += [piece.id for piece in pieces] + ([] if number else [end, end])
        states = self._states([[*ids, end]])["state"][0]
        return ReadTogether(states, tuple(found))

    def count_tokens(self, text: str) -> int:
        return len(self._pieces.encode("passage: " + text.strip())) + 2

    def fluency(self, text: str) -> float:
        """Mean log-likelihood a letter under the unigram model of the vocabulary."""
        unknown = self._pieces.unk_id()
        total = sum(
            _UNKNOWN_PIECE if piece == unknown else self._pieces.get_score(piece)
            for piece in self._pieces.encode(text)
        )
        return float(total) / max(1, sum(not char.isspace() for char in text))

    def tokens(self, text: str) -> list[int]:
        """The ids of a text that already has its prefix, special ones included."""
        return self._tokens("", [text])[0]

    def _tokens(self, prefix: str, texts: Sequence[str]) -> list[list[int]]:
        begin, end = self._pieces.bos_id(), self._pieces.eos_id()
        encoded = self._pieces.encode([prefix + text.strip() for text in texts])
        return [[begin, *ids[: _MAX_TOKENS - 2], end] for ids in encoded]

    def _embed(
        self, tokens: list[list[int]], progress: Progress | None, *branches: str
    ) -> list[Vectors]:
        vectors = [
            np.empty((len(tokens), _WIDTHS[branch] * self.dimension), np.float32)
            for branch in branches
        ]
        for batch in _batches_of_like_length(tokens):
            found = self._run([tokens[index] for index in batch], branches)
            for whole, part in zip(vectors, found, strict=True):
                whole[batch] = part
            if progress:
                progress(len(batch))
        return vectors

    def _states(self, tokens: list[list[int]]) -> dict[str, Any]:
        """What the trunk makes of texts, as the branches take it."""
        width = max(map(len, tokens))
        ids = np.full((len(tokens), width), self._pieces.pad_id(), np.int64)
        mask = np.zeros_like(ids)
        for row, line in enumerate(tokens):
            ids[row, : len(line)] = line
            mask[row, : len(line)] = 1
        (state,) = self._trunk.run(None, {"input_ids": ids, "attention_mask": mask})
        return {"state": state, "attention_mask": mask}

    def _run(self, tokens: list[list[int]], branches: Sequence[str]) -> list[Vectors]:
        inputs = self._states(tokens)
        found = []
        for branch in branches:
            vectors = self._branches[branch].run(None, inputs)[0]
            if branch == MESSAGE:
                vectors = np.concatenate([vectors, _mean_state(**inputs)], axis=1)
            found.append(np.asarray(vectors, np.float32))
        return found


def _characters(text: str) -> list[int]:
    """For each byte of a text in UTF-8, and for its end, which character it belongs to."""
    found = [at for at, char in enumerate(text) for _ in range(len(char.encode()))]
    return [*found, len(text)]


def _mean_state(state: Vectors, attention_mask: npt.NDArray[np.int64]) -> Vectors:
    """Mean over the tokens of each text, float32 (texts, hidden)."""
    summed = np.einsum("ijk,ij->ik", state, attention_mask.astype(np.float32))
    return np.asarray(summed / attention_mask.sum(axis=1, keepdims=True), np.float32)


def _session(file: Path, threads: int) -> Any:
    import onnxruntime  # noqa: PLC0415 - not on the path of `souffleur --help`

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    # Spinning threads steal the core from FAISS and from other requests.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])


def _batches_of_like_length(tokens: list[list[int]]) -> Iterator[list[int]]:
    """Indices grouped so that little is padded and no batch is larger than fits the cache."""
    batch: list[int] = []
    for index in sorted(range(len(tokens)), key=lambda i: len(tokens[i])):
        if batch and len(tokens[index]) * (len(batch) + 1) > _TOKENS_A_BATCH:
            yield batch
            batch = []
        batch.append(index)
    if batch:
        yield batch


class SentenceTransformersEmbedder:
    """Any sentence-transformers model; the model's own prompts for queries and documents are used,
    and e5 models that carry none get their documented prefixes."""

    def __init__(self, model: str) -> None:
        try:
            from sentence_transformers import SentenceTransformer  # noqa: PLC0415 - 6 s and torch
        except ImportError as error:
            raise SettingsError(
                f"EMBEDDING_MODEL={model} needs the extra packages: pip install souffleur[models]"
            ) from error
        try:
            self._model = SentenceTransformer(model, device="cpu")
        except (OSError, ValueError) as error:
            raise SettingsError(f"EMBEDDING_MODEL={model} cannot be loaded: {error}") from error
        self.model_id = f"sentence-transformers/{model}"
        self.dimension = int(self._model.get_embedding_dimension() or 0)
        prompts = self._model.prompts
        e5 = "e5" in Path(model).name.lower()
        self._query_prompt = prompts.get("query") or ("query: " if e5 else "")
        self._passage_prompt = (
            prompts.get("document") or prompts.get("passage") or ("passage: " if e5 else "")
        )

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        return self._encode(texts, self._query_prompt, None)

    def embed_passages(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        return self._encode(texts, self._passage_prompt, progress)

    def count_tokens(self, text: str) -> int:
        return len(self._model.tokenizer(self._passage_prompt + text)["input_ids"])

    def _encode(self, texts: Sequence[str], prompt: str, progress: Progress | None) -> Vectors:
        vectors = np.empty((len(texts), self.dimension), np.float32)
        for start in range(0, len(texts), 8):  # 8 is faster than 32 on a CPU
            batch = [prompt + text for text in texts[start : start + 8]]
            vectors[start : start + len(batch)] = self._model.encode(
                batch, normalize_embeddings=True, show_progress_bar=False
            )
            if progress:
                progress(len(batch))
        return vectors


class LiteLlmEmbedder:
    """An embedding API by its litellm name, e.g. `litellm/openai/text-embedding-3-small`; the key
    is read from the provider's own environment variable."""

    _BATCH = 64

    def __init__(self, model: str) -> None:
        os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "True")
        try:
            import litellm  # noqa: PLC0415 - 4 s
        except ImportError as error:
            raise SettingsError(
                f"EMBEDDING_MODEL=litellm/{model} needs the extra packages: "
                "pip install souffleur[models]"
            ) from error
        self._embedding: Callable[..., Any] = litellm.embedding
        self._count: Callable[..., int] = litellm.token_counter
        self._model = model
        self.model_id = f"litellm/{model}"
        self.dimension = int(self._embed(["dimension"], None).shape[1])

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        return self._embed(texts, None)

    def embed_passages(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        return self._embed(texts, progress)

    def count_tokens(self, text: str) -> int:
        return int(self._count(model=self._model, text=text))

    def _embed(self, texts: Sequence[str], progress: Progress | None) -> Vectors:
        rows: list[list[float]] = []
        for start in range(0, len(texts), self._BATCH):
            batch = list(texts[start : start + self._BATCH])
            try:
                answer = self._embedding(model=self._model, input=batch, timeout=30)
            except Exception as error:
                raise ModelError(f"the embedding API {self._model} failed: {error}") from error
            rows.extend(item["embedding"] for item in answer["data"])
            if progress:
                progress(len(batch))
        vectors = np.asarray(rows, np.float32).reshape(len(rows), -1)
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        return np.asarray(vectors / np.maximum(lengths, 1e-12), np.float32)
