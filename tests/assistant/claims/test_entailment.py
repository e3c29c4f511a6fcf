"""The network that doubts claims, and how claim and evidence are read for it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from assistant.claims.entailment import Entailment, load_entailment, save_entailment
from assistant.knowledge.embedder import BuiltinEmbedder, Embedder


@pytest.fixture(scope="module")
def builtin(embedder: Embedder) -> BuiltinEmbedder:
    assert isinstance(embedder, BuiltinEmbedder)
    return embedder


def test_each_piece_knows_its_characters_whatever_the_script(builtin: BuiltinEmbedder) -> None:
    texts = ("Возврат — 14 дней", "Money back 😀 за 14 дней.", "")
    read = builtin.read_together(texts[0], texts[1:])
    for text, pieces in zip(texts, read.texts, strict=True):
        assert "".join(text[piece.start : piece.end] for piece in pieces) == text
    rows = [piece.row for pieces in read.texts for piece in pieces]
    assert rows == sorted(set(rows))
    assert read.states.shape == (rows[-1] + 2, builtin.dimension)


def test_what_is_too_long_is_cut_and_still_read(builtin: BuiltinEmbedder) -> None:
    read = builtin.read_together("слово " * 300, ["другое " * 300, "третье"])
    assert len(read.states) == 161
    assert [len(pieces) > 0 for pieces in read.texts] == [True, True, False]


def test_evidence_changes_how_a_claim_is_read(builtin: BuiltinEmbedder) -> None:
    one, other = (
        builtin.read_together("Звонит курьер.", [text]).states[1]
        for text in ("Звонит курьер.", "Погода хорошая.")
    )
    assert not np.allclose(one, other)


@pytest.mark.parametrize(
    ("said", "wrong"),
    [
        ("Звонок поступит от курьера.", "Звонок поступит от оператора."),
        ("The courier calls an hour before.", "The shop calls an hour before."),
    ],
)
def test_wrong_claims_are_doubted_more(builtin: BuiltinEmbedder, said: str, wrong: str) -> None:
    evidence = [
        "Книги выдают на месяц, новинки на две недели.",
        "За час до приезда звонит курьер.",
        "The courier calls an hour before arriving.",
    ]
    network = load_entailment()
    doubts = [network.doubt(builtin.read_together(claim, evidence)) for claim in (said, wrong)]
    assert 0 <= doubts[0] < doubts[1]


def test_claim_without_words_is_not_doubted(builtin: BuiltinEmbedder) -> None:
    for texts in (("", ["Звонит курьер."]), ("Звонит курьер.", [""])):
        assert load_entailment().doubt(builtin.read_together(*texts)) == 0.0


def test_saved_weights_are_read_back_in_half_precision(tmp_path: Path) -> None:
    network = Entailment({"out": np.array([[1 / 3]], np.float32)})
    save_entailment(network, tmp_path / "w.safetensors")
    assert (tmp_path / "w.safetensors").stat().st_size < 200
