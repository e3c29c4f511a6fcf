"""Claims written by hand, and claims made by rule."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.errors import DatasetError
from eval.fitting.made_claims import COPY, ELSEWHERE, RENAMED, TURNED, made_pairs
from eval.fitting.support_pairs import Business, PairedArticle
from eval.grounding_pairs import HELD_OUT, TRAIN
from eval.written_claims import load_written


def test_shipped_claims_are_many_and_even_and_split_by_text() -> None:
    pairs = load_written()
    assert len(pairs) >= 1500
    supported = sum(pair.is_supported for pair in pairs)
    assert 0.4 < supported / len(pairs) < 0.6
    sides = {(pair.group, pair.split) for pair in pairs}
    assert len(sides) == len({group for group, _ in sides})
    for lang in ("ru", "en"):
        for split in (TRAIN, HELD_OUT):
            assert sum(pair.lang == lang and pair.split == split for pair in pairs) > 200


def test_no_text_of_the_held_out_pairs_is_trained_on() -> None:
    pairs = load_written()
    held = {text for pair in pairs if pair.split == HELD_OUT for text in pair.evidence}
    assert not held & {text for pair in pairs if pair.split == TRAIN for text in pair.evidence}


@pytest.mark.parametrize("text", ["+ claim first\n", "> text\nplain line\n", "> text\n-claim\n"])
def test_line_that_cannot_be_read_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.txt").write_text(text, encoding="utf-8")
    with pytest.raises(DatasetError, match=r"a\.txt:\d"):
        load_written(tmp_path)


def test_kind_is_said_or_empty(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("> Text.\n+ Yes.\n- swap: No.\n- Not: so.\n", encoding="utf-8")
    pairs = load_written(tmp_path)
    assert [(pair.kind, pair.claim) for pair in pairs] == [
        ("paraphrase", "Yes."),
        ("swap", "No."),
        ("", "Not: so."),
    ]


def business(lang: str, *answers: str) -> Business:
    articles = tuple(PairedArticle("Заголовок", answer, ("?",)) for answer in answers)
    return Business("test", lang, articles)


def test_made_claims_are_even_and_the_same_every_time() -> None:
    shop = business(
        "ru",
        "Курьер приносит заказ после звонка. Деньги можно вернуть в течение 14 дней.",
        "Код приходит в приложение. Оператор отвечает только в будни до 21:00.",
    )
    pairs = made_pairs([shop])
    assert pairs == made_pairs([shop])
    assert sum(pair.is_supported for pair in pairs) * 2 == len(pairs) > 0
    assert {pair.group for pair in pairs} == {"test-0", "test-1"}
    for pair in pairs:
        if pair.kind == COPY:
            assert pair.claim in pair.evidence
        if not pair.is_supported:
            assert pair.claim not in pair.evidence


def test_noun_is_replaced_by_one_in_the_same_form() -> None:
    shop = business("ru", "Звонит курьер и сразу звонит.", "Отвечает оператор и отвечает.")
    renamed = [pair.claim for pair in made_pairs([shop]) if pair.kind == RENAMED]
    assert any(claim.startswith("Звонит оператор") for claim in renamed)


def test_denial_is_put_in_or_taken_out() -> None:
    shop = business(
        "en", "You cannot return opened boxes to us.", "Boxes are free for members only."
    )
    kinds = {pair.kind: pair.claim for pair in made_pairs([shop])}
    assert TURNED in kinds
    assert ELSEWHERE in kinds
