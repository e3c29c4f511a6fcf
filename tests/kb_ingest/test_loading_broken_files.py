"""No file whatever may end an ingest: it becomes articles or a reason."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb_ingest.loaders.by_suffix import LOADERS, load_file
from kb_ingest.source import UnreadableError
from tests.kb_ingest.documents import load, pdf, word_document, workbook

EVERY_ENDING = sorted(LOADERS)
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06"
BINARIES = {
    "png": PNG + random.Random(1).randbytes(400),
    "random": random.Random(2).randbytes(4096),
    "elf": b"\x7fELF\x02\x01\x01\x00" + bytes(500),
    "zeros": bytes(1000),
    "gzip": b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03" + random.Random(3).randbytes(300),
}
WHOLE = {
    ".docx": word_document(),
    ".xlsx": workbook({"Л": [["question", "answer"], ["Как вернуть?", "За 14 дней."]]}),
    ".pdf": pdf(["Delivery terms", "A courier comes in two days."], title="Delivery"),
}


@pytest.mark.parametrize("ending", EVERY_ENDING)
@pytest.mark.parametrize("content", [b"", b" \r\n\t\n "], ids=["nothing", "blanks"])
def test_empty_file_is_reported_as_empty(tmp_path: Path, ending: str, content: bytes) -> None:
    with pytest.raises(UnreadableError, match="the file is empty"):
        load(tmp_path, f"a{ending}", content)


@pytest.mark.parametrize("ending", EVERY_ENDING)
@pytest.mark.parametrize("kind", sorted(BINARIES))
def test_binary_file_under_a_wrong_name_is_reported(tmp_path: Path, ending: str, kind: str) -> None:
    with pytest.raises(UnreadableError) as caught:
        load(tmp_path, f"a{ending}", BINARIES[kind])
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("ending", EVERY_ENDING)
def test_file_of_50_megabytes_is_refused_with_its_size(tmp_path: Path, ending: str) -> None:
    file = tmp_path / f"a{ending}"
    with file.open("wb") as content:
        content.truncate(50 * 2**20)
    with pytest.raises(UnreadableError, match="the file has 50 MiB; at most 20"):
        load_file(file, "a")


def test_file_that_cannot_be_opened_is_reported(tmp_path: Path) -> None:
    link = tmp_path / "a.md"
    link.symlink_to(tmp_path / "gone.md")
    with pytest.raises(UnreadableError, match="cannot be opened"):
        load_file(link, "a")


@pytest.mark.parametrize("ending", sorted(WHOLE))
@pytest.mark.parametrize("seed", range(4))
def test_damaged_document_gives_articles_or_a_reason(
    tmp_path: Path, ending: str, seed: int
) -> None:
    chance = random.Random(seed)
    for _ in range(40):
        _load_or_reason(tmp_path, f"a{ending}", _damaged(WHOLE[ending], chance))


def _damaged(content: bytes, chance: random.Random) -> bytes:
    data = bytearray(content)
    for _ in range(chance.randint(1, 12)):
        data[chance.randrange(len(data))] = chance.randrange(256)
    if chance.random() < 0.3:
        del data[chance.randrange(len(data)) :]
    return bytes(data)


def _load_or_reason(folder: Path, name: str, content: bytes) -> None:
    try:
        loaded = load(folder, name, content)
    except UnreadableError:
        return
    assert loaded.articles or loaded.problems
    assert all(article.text.strip() for article in loaded.articles)


@pytest.mark.parametrize("ending", [".md", ".html", ".txt", ".csv", ".jsonl"])
@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_any_text_gives_articles_or_a_reason(
    tmp_path_factory: pytest.TempPathFactory, ending: str, data: st.DataObject
) -> None:
    pieces = st.sampled_from(
        ["---\n", "id: 1\n", "title: [", "# ", "\n", "\r", "<p>", "</p>", "<!--", "-->", "<table>",
         "|", "- ", "question,answer", ";", '"', '{"question": "a", "answer": "b"}', "слово",
         "\x0c", "*", "__", "[", "](", ")", "&lt;", "\\", "\u2028", "!"]
    )  # fmt: skip
    content = "".join(data.draw(st.lists(pieces | st.text(max_size=5), min_size=1, max_size=30)))
    encoded = content.encode("utf-8", "ignore")
    _load_or_reason(tmp_path_factory.getbasetemp(), f"any{ending}", encoded)
