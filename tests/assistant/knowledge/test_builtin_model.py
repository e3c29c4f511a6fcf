from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import unicodedata
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import sentencepiece
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from assistant.errors import ModelError
from assistant.knowledge import builtin_model
from assistant.knowledge.embedder import BuiltinEmbedder, Embedder, make_embedder
from assistant.knowledge.tuned_layers import SEARCH
from assistant.settings import Settings
from tests.conftest import REPO

MANIFEST = "souffleur.json"
TEXTS = [
    "Где мой заказ 10432?",
    "Как вернуть товар, если он не подошёл",
    "Спасибо!",
    "Вы обманщики, верните деньги немедленно!!!",
    "Можно ли оплатить картой «Мир» при получении?",
    "Сколько стоит доставка в Нижний Новгород",
    "Срок хранения заказа в пункте выдачи — 7 дней.",
    "Курьер приедет с 9 до 21, позвонит за 30 минут.",
    "- чек\n- паспорт\n- коробка",
    "| Способ | Срок |\n| Карта | 3 дня |",
    "ЁЛКА и ёжик",
    "Where is my order?",
    "How do I return shoes that do not fit",
    "Thanks a lot, that helped",
    "The courier calls 30 minutes before delivery.",
    "Gift cards are valid for one year from the day of purchase.",
    "a",
    "🙂 всё хорошо",
    "Заказ №12-345/6 на сумму 1 290,50 ₽",
    "Товар надлежащего качества можно вернуть за 14 дней, не считая дня покупки. " * 6,
]


@pytest.fixture(scope="session")
def unpacked(embedder: Embedder) -> Path:
    """The folder that all runs use; never changed here."""
    folder = Settings(_env_file=None).models / builtin_model.folder_name()  # type: ignore[call-arg]
    assert embedder.model_id == f"{folder.name}/int8"
    return folder


@pytest.fixture
def cache(unpacked: Path, tmp_path: Path) -> Path:
    """A cache of the test's own; its big files are the same ones until they are written anew."""
    shutil.copytree(unpacked, tmp_path / unpacked.name, copy_function=os.link)
    return tmp_path


def _spoil(file: Path, content: bytes) -> None:
    file.unlink()  # a hard link: writing into it would change the folder that all runs use
    file.write_bytes(content)


def _times(folder: Path) -> dict[str, int]:
    return {p.name: p.stat().st_mtime_ns for p in folder.rglob("*") if p.is_file()}


def test_unpacked_model_is_used_again(cache: Path) -> None:
    folder = cache / builtin_model.folder_name()
    before = _times(folder)
    assert builtin_model.prepare(cache) == folder
    assert _times(folder) == before
    assert [path.name for path in cache.iterdir() if path.name != ".lock"] == [folder.name]


def test_manifest_lists_every_file_with_its_hash(unpacked: Path) -> None:
    from assistant.knowledge.files import sha256_of

    listed = json.loads((unpacked / MANIFEST).read_text())["files"]
    files = {p.relative_to(unpacked).as_posix() for p in unpacked.rglob("*") if p.is_file()}
    assert set(listed) == files - {MANIFEST}
    for name, digest in listed.items():
        assert sha256_of(unpacked / name) == digest, name


def test_unpacked_folder_holds_no_pickle(unpacked: Path) -> None:
    endings = {path.suffix for path in unpacked.rglob("*") if path.is_file()}
    assert endings == {".json", ".onnx", ".model", ".safetensors"}


def _flipped(data: bytes) -> bytes:
    return data[:1000] + bytes([data[1000] ^ 1]) + data[1001:]


@pytest.mark.parametrize(
    "damage", ["flipped byte", "graph gone", "manifest cut", "manifest without files", "all gone"]
)
def test_damaged_model_is_unpacked_again(cache: Path, unpacked: Path, damage: str) -> None:
    folder = cache / builtin_model.folder_name()
    match damage:
        case "flipped byte":
            tokenizer = folder / builtin_model.TOKENIZER_FILE
            _spoil(tokenizer, _flipped(tokenizer.read_bytes()))
        case "graph gone":
            (folder / builtin_model.BRANCH_FILES[SEARCH]).unlink()
        case "manifest cut":
            _spoil(folder / MANIFEST, (unpacked / MANIFEST).read_bytes()[:100])
        case "manifest without files":
            _spoil(folder / MANIFEST, b'{"name": "x"}')
        case _:
            shutil.rmtree(folder)
    assert builtin_model.prepare(cache) == folder
    for name in (builtin_model.TRUNK_FILE, builtin_model.TOKENIZER_FILE, MANIFEST):
        assert (folder / name).read_bytes() == (unpacked / name).read_bytes(), name
    assert [path.name for path in cache.iterdir() if path.name != ".lock"] == [folder.name]


def test_cache_that_cannot_be_written_is_explained(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ModelError, match="cannot unpack the default embedder"):
        builtin_model.prepare(tmp_path / "file" / "cache")


_UNPACK = """
import sys
import unicodedata
from itertools import pairwise
from pathlib import Path
from assistant.knowledge.builtin_model import prepare
print(prepare(Path(sys.argv[1])), flush=True)
"""


def _start_unpacking(cache: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", _UNPACK, cache],
        env={**os.environ, "PYTHONPATH": str(REPO)},
        stdout=subprocess.PIPE,
        text=True,
    )


def test_two_processes_may_unpack_at_once(tmp_path: Path) -> None:
    running = [_start_unpacking(tmp_path) for _ in range(2)]
    printed = {process.communicate(timeout=120)[0].strip() for process in running}
    assert [process.returncode for process in running] == [0, 0]
    assert printed == {str(tmp_path / builtin_model.folder_name())}
    assert [path.name for path in tmp_path.iterdir() if path.name != ".lock"] == [
        builtin_model.folder_name()
    ]


def test_killed_unpacking_leaves_no_half_made_folder(tmp_path: Path) -> None:
    process = _start_unpacking(tmp_path)
    while process.poll() is None and not any(tmp_path.rglob("*.safetensors")):
        pass
    process.kill()
    process.communicate()
    assert not (tmp_path / builtin_model.folder_name()).exists()
    assert make_embedder("builtin/multilingual-e5-small", tmp_path).dimension == 384


def test_sentence_transformers_loads_the_folder_and_agrees_with_our_vectors(
    unpacked: Path, embedder: Embedder
) -> None:
    library = pytest.importorskip("sentence_transformers")
    model = library.SentenceTransformer(str(unpacked), device="cpu")
    for prompt, ours in (
        ("query", embedder.embed_queries(TEXTS)),
        ("document", embedder.embed_passages(TEXTS)),
    ):
        theirs = model.encode(TEXTS, prompt_name=prompt)
        cosines = np.sum(np.asarray(theirs) * ours, axis=1)
        assert cosines.min() > 0.995, TEXTS[int(cosines.argmin())]


@pytest.fixture(scope="session")
def tokenizers(unpacked: Path) -> tuple[sentencepiece.SentencePieceProcessor, object]:
    library = pytest.importorskip("tokenizers")
    return (
        sentencepiece.SentencePieceProcessor(
            model_file=str(unpacked / builtin_model.TOKENIZER_FILE)
        ),
        library.Tokenizer.from_file(str(unpacked / "tokenizer.json")),
    )


def _ids(tokenizers: tuple[object, object], text: str) -> tuple[list[int], list[int]]:
    pieces, fast = tokenizers
    ours = [pieces.bos_id(), *pieces.encode(text), pieces.eos_id()]  # type: ignore[attr-defined]
    return ours, fast.encode(text).ids  # type: ignore[attr-defined]


SPECIAL_NAMES = ("<s>", "</s>", "<pad>", "<unk>")


@pytest.mark.parametrize(
    "text",
    [
        *TEXTS,
        "ﬁнал ½ ① Ｆｕｌｌ й e\u0301",
        "слово\u00a0с\u2009пробелами\tи\nстроками",
        "много     пробелов   подряд",
        "zero\u200bwidth\u200d and \ufeffmark",
        "配達 العربية हिन्दी ไทย",
        "👩‍👩‍👧 🇷🇺 ❤️",
        "x" * 300,
        "https://shop.example/a?b=c&d=%20",
        "passage: Возврат",
    ],
)
def test_both_tokenizers_give_the_same_ids(tokenizers: tuple[object, object], text: str) -> None:
    ours, theirs = _ids(tokenizers, f"query: {text}".strip())
    assert ours == theirs


@settings(max_examples=300, deadline=None)
@given(
    st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cn", "Co"]), max_size=40)
)
def test_both_tokenizers_give_the_same_ids_for_any_text(
    tokenizers: tuple[object, object], text: str
) -> None:
    assume(not _has_mark_behind_a_replaced_sign(text))
    assume(not any(name in text for name in SPECIAL_NAMES))
    ours, theirs = _ids(tokenizers, f"query: {text}".strip())
    assert ours == theirs


@pytest.mark.xfail(strict=True, reason="`tokenizers` drops a mark behind a sign that it replaces")
def test_both_tokenizers_give_the_same_ids_for_a_marked_radical(
    tokenizers: tuple[object, object],
) -> None:
    ours, theirs = _ids(tokenizers, "query: \u2ef3\u06df")
    assert ours == theirs


@pytest.mark.xfail(strict=True, reason="`tokenizers` takes a special token's name for the token")
@pytest.mark.parametrize("name", SPECIAL_NAMES)
def test_both_tokenizers_give_the_same_ids_for_the_name_of_a_special_token(
    tokenizers: tuple[object, object], name: str
) -> None:
    ours, theirs = _ids(tokenizers, f"query: {name}")
    assert ours == theirs


def _has_mark_behind_a_replaced_sign(text: str) -> bool:
    """A combining mark behind a sign that NFKC replaces: `tokenizers` replaces both as one and
    loses the mark. No customer's text; the service itself runs on sentencepiece."""
    return any(
        unicodedata.category(mark).startswith("M") and unicodedata.normalize("NFKC", sign) != sign
        for sign, mark in pairwise(text)
    )


def test_vectors_have_length_one_and_keep_the_order(embedder: Embedder) -> None:
    vectors = embedder.embed_passages(TEXTS)
    assert vectors.shape == (len(TEXTS), 384)
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    for row, text in enumerate(TEXTS):
        alone = embedder.embed_passages([text])[0]
        assert float(vectors[row] @ alone) > 0.9999, text


def test_vector_does_not_depend_on_its_neighbours(embedder: Embedder) -> None:
    long = TEXTS[-1]
    alone = embedder.embed_queries([TEXTS[0]])[0]
    crowded = embedder.embed_queries([long, TEXTS[0], *TEXTS])[1]
    assert np.allclose(alone, crowded, atol=1e-5)


@pytest.mark.parametrize("text", ["", " ", "\n", "слово " * 3000, "\x00", "🙂" * 2000])
def test_odd_texts_have_vectors_too(embedder: Embedder, text: str) -> None:
    vector = embedder.embed_queries([text])[0]
    assert np.isfinite(vector).all()
    assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-4)


def test_no_texts_give_no_vectors(embedder: Embedder) -> None:
    assert embedder.embed_queries([]).shape == (0, 384)
    assert embedder.embed_passages([]).shape == (0, 384)


def test_progress_adds_up_to_the_number_of_texts(embedder: Embedder) -> None:
    done: list[int] = []
    embedder.embed_passages(TEXTS, done.append)
    assert sum(done) == len(TEXTS)


def test_question_is_nearer_to_its_answer_than_to_another(embedder: Embedder) -> None:
    passages = embedder.embed_passages(
        ["Вернуть товар можно за 14 дней.", "Курьер приедет завтра.", "Карта лояльности бесплатна."]
    )
    questions = embedder.embed_queries(
        ["Как сдать покупку обратно?", "When will the delivery man come?"]
    )
    assert (questions @ passages.T).argmax(axis=1).tolist() == [0, 1]


@pytest.mark.parametrize("text", ["", "слово", "Как вернуть товар?", "a b c"])
def test_tokens_are_counted_with_prefix_and_special_ones(
    embedder: Embedder, tokenizers: tuple[object, object], text: str
) -> None:
    ours, _ = _ids(tokenizers, f"passage: {text}")
    assert embedder.count_tokens(text) == len(ours)


def test_number_of_threads_does_not_change_the_vectors(unpacked: Path) -> None:
    one, two = (BuiltinEmbedder(unpacked, threads).embed_queries(TEXTS) for threads in (1, 2))
    assert np.array_equal(one, two)


def test_a_message_is_embedded_for_both_ends_at_once(embedder: Embedder) -> None:
    assert isinstance(embedder, BuiltinEmbedder)
    by_search, by_want = embedder.embed_messages(TEXTS)
    assert np.allclose(by_search, embedder.embed_queries(TEXTS), atol=1e-6)
    assert np.allclose(by_want, embedder.embed_wants(TEXTS), atol=1e-6)
    pooled, mean_state = by_want[:, :384], by_want[:, 384:]
    assert by_want.shape == (len(TEXTS), 768)
    assert not np.allclose(by_search, pooled, atol=0.01)
    assert np.allclose(np.linalg.norm(pooled, axis=1), 1, atol=1e-5)
    alone = embedder.embed_wants(TEXTS[:1])[0, 384:]
    assert np.allclose(mean_state[0], alone, atol=0.05)  # padding is no part of the mean


def test_prose_is_more_fluent_than_what_no_language_has(embedder: Embedder) -> None:
    assert isinstance(embedder, BuiltinEmbedder)
    assert embedder.fluency("как вернуть деньги") > embedder.fluency("rfr dthyenm ltymub") + 2
