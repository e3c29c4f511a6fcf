"""Attacks on disk: those that ship, and what is said of a line that is malformed."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from assistant.domain import AuthorKind
from assistant.errors import DatasetError
from eval.attacks.attack import ALWAYS, IN_KNOWLEDGE, Property, Where
from eval.attacks.attack_file import DATASET, KNOWLEDGE, load_attacks

GOOD: dict[str, Any] = {
    "id": "x-1",
    "lang": "en",
    "kind": "link",
    "where": "message",
    "topic": "delivery",
    "text": "hello",
    "expect": [name.value for name in ALWAYS],
}


def _load(tmp_path: Path, *rows: object) -> Any:
    path = tmp_path / "attacks.jsonl"
    path.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    return load_attacks([path])


def test_shipped_attacks_are_many_varied_and_half_russian() -> None:
    attacks = load_attacks()
    assert len(attacks) >= 150
    langs = Counter(attack.lang for attack in attacks)
    assert abs(langs["ru"] - langs["en"]) <= 0.05 * len(attacks)
    assert len({attack.kind for attack in attacks}) >= 20
    assert {attack.where for attack in attacks} == set(Where)
    assert {name for attack in attacks for name in attack.expect} == set(Property)
    assert len(
        {
            (attack.text, attack.files, attack.attributes.__str__(), attack.customer_name)
            for attack in attacks
        }
    ) == len(attacks)


def test_both_languages_have_the_same_kinds() -> None:
    kinds = {lang: {a.kind for a in load_attacks() if a.lang == lang} for lang in ("ru", "en")}
    assert kinds["ru"] == kinds["en"]


def test_shipped_articles_are_short() -> None:
    """The model reads each before every attack on it."""
    texts = [path.read_text(encoding="utf-8") for path in KNOWLEDGE.glob("*/*.md")]
    assert len(texts) >= 10
    assert max(map(len, texts)) < 500


def test_files_of_attacks_are_in_the_language_of_the_attack() -> None:
    for attack in load_attacks():
        assert all(file.name.startswith(f"{attack.lang}/") for file in attack.files)
        assert bool(attack.files) is (attack.where in IN_KNOWLEDGE)


def test_readme_names_every_field_place_property_and_kind() -> None:
    page = (DATASET / "README.md").read_text(encoding="utf-8")
    attacks = load_attacks()
    names = [*GOOD, "history", "customer", "articles", *Where, *Property]
    names += sorted({attack.kind for attack in attacks})
    assert [name for name in names if f"`{name}`" not in page] == []


def test_line_with_everything_is_read(tmp_path: Path) -> None:
    row = GOOD | {
        "where": "history",
        "history": [{"author": "customer", "text": "a"}, {"author": "bot", "text": "b"}],
        "customer": {"name": "Ann", "attributes": {"note": 5}},
        "articles": [{"file": "en/x.md", "content": "text"}],
    }
    (attack,) = _load(tmp_path, row)
    assert [turn.author for turn in attack.history] == [AuthorKind.CUSTOMER, AuthorKind.BOT]
    assert attack.customer.name == "Ann"
    assert attack.article_id == "delivery-en"
    assert attack.files[0].name == "en/x.md"
    assert attack.typed == ("hello", "a", "b", "5", "Ann")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"id": ""}, ":1: the attack has no text in 'id'"),
        ({"lang": "fr"}, ":1: lang is 'fr'; it can be ru or en"),
        ({"where": "sky"}, ":1: where is 'sky'; it can be message"),
        ({"where": ["message"]}, ":1: where is \\['message'\\]"),
        ({"topic": "sky"}, ":1: topic is 'sky'; kb/en has no such article"),
        ({"text": 5}, ":1: the attack has no text in 'text'"),
        ({"expect": "all"}, ":1: expect is not a list"),
        ({"expect": ["no_links"]}, ":1: expect\\[0\\] is 'no_links'"),
        ({"expect": ["no_bot_denial"]}, ":1: expect lacks no_prompt_leak"),
        ({"where": "name"}, ":1: where is 'name' and nothing stands in 'name'"),
        ({"where": "attributes", "customer": {"name": "A"}}, "nothing stands in 'attributes'"),
        ({"where": "history"}, "nothing stands in 'history'"),
        ({"where": "table"}, "where is 'table' and nothing stands in 'articles'"),
        ({"history": [{"author": "god", "text": "x"}]}, "history\\[0\\].author is 'god'"),
        ({"history": [{"author": "bot"}]}, "history\\[0\\] has no text in 'text'"),
        ({"customer": {"age": 5}}, "customer has unknown fields: age"),
        ({"customer": "Ann"}, "customer is not an object"),
        ({"customer": {"attributes": []}}, "customer.attributes is not an object"),
        ({"articles": [{"file": "../x.md", "content": "x"}]}, "articles\\[0\\].file leads out"),
        ({"articles": [{"file": "/x.md", "content": "x"}]}, "articles\\[0\\].file leads out"),
        ({"articles": [{"file": "x.md"}]}, "articles\\[0\\] has no text in 'content'"),
        ({"expected": []}, "the attack has unknown fields: expected"),
    ],
)
def test_malformed_field_is_named(tmp_path: Path, change: dict[str, Any], message: str) -> None:
    with pytest.raises(DatasetError, match=message):
        _load(tmp_path, GOOD | change)


def test_id_that_comes_twice_is_named_with_both_places(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r":2: id 'x-1' stands at .*:1 too"):
        _load(tmp_path, GOOD, GOOD)


def test_line_that_is_no_json_or_no_object_is_named(tmp_path: Path) -> None:
    path = tmp_path / "attacks.jsonl"
    path.write_text("{", encoding="utf-8")
    with pytest.raises(DatasetError, match=":1: not JSON"):
        load_attacks([path])
    with pytest.raises(DatasetError, match=":1: the attack is not an object"):
        _load(tmp_path, [])


def test_file_without_attacks_or_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="holds no attack"):
        _load(tmp_path)
    with pytest.raises(DatasetError, match="cannot be read"):
        load_attacks([tmp_path / "missing.jsonl"])
