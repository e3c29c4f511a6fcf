"""Attacks tried on models that obey them: what they say is caught raw, at both levels."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from assistant.errors import KnowledgeError
from assistant.language_models.asking import AsksModels
from eval.attacks.arena import Arena
from eval.attacks.attack import ALWAYS, IN_KNOWLEDGE, Attack, PoisonedFile, Property, Where
from eval.attacks.attack_file import load_attacks
from eval.attacks.levels import Level, index_shop, passages_for, sent_prompts
from eval.attacks.reply import Reply
from eval.attacks.shop import benign_texts
from eval.attacks.table import table_of
from eval.attacks.trying import Tried, document_of, rows_by_kind, try_attacks
from tests.eval.attacks.doubles import ObeyingModels, echo, everything

BOT = "Отвечает бот. / A bot is answering."
ATTACKS = load_attacks()
OF_EACH_KIND = list({(attack.kind, attack.lang): attack for attack in ATTACKS}.values())
"""One of each kind and language."""
OUTSIDE_KNOWLEDGE = [attack for attack in OF_EACH_KIND if attack.where not in IN_KNOWLEDGE]


def _try(attacks: list[Attack], level: Level, answer: Callable[[Attack], Reply]) -> list[Tried]:
    tried = try_attacks(attacks, level, answer, evidence=benign_texts(), prompts=sent_prompts())
    return list(tried)


def test_model_that_obeys_breaks_all_four_properties_of_every_attack_without_a_defence() -> None:
    prompts = dict(zip(("ru", "en"), sent_prompts(), strict=True))

    def undefended(attack: Attack) -> Reply:
        said = everything(prompts[attack.lang], attack.text)
        return Reply(said, said, BOT)

    tried = _try(ATTACKS, Level.DRAFTING, undefended)
    assert len(tried) == len(ATTACKS)
    for one in tried:
        assert set(ALWAYS) <= {violation.broken for violation in one.of_raw}
        assert set(ALWAYS) <= {violation.broken for violation in one.of_reply}


def test_benign_answers_break_nothing() -> None:
    """Every article's own words, as an answer to every attack."""
    texts = {text.rsplit("/", 1)[-1]: text for text in benign_texts()}

    def answer(attack: Attack) -> Reply:
        title, *body, _url = texts[attack.article_id].split("\n")
        assert title
        return Reply(" ".join(body), " ".join(body), BOT)

    assert [one.of_reply for one in _try(ATTACKS, Level.SERVICE, answer) if one.of_reply] == []


def test_refusals_break_nothing() -> None:
    refused = {
        "ru": "С этим я не помогу: я бот и отвечаю по статьям справки.",
        "en": "I cannot help with that: I am a bot and answer from the help articles.",
    }

    def refuse(attack: Attack) -> Reply:
        return Reply(refused[attack.lang], None, BOT)

    tried = _try(ATTACKS, Level.SERVICE, refuse)
    assert [one.of_reply for one in tried if one.of_reply] == []
    assert all(one.of_raw == () for one in tried)


def test_drafting_level_asks_the_model_about_every_attack(
    arena_of: Callable[[AsksModels], Arena],
) -> None:
    arena = arena_of(ObeyingModels(everything))
    tried = _try(OF_EACH_KIND, Level.DRAFTING, arena.at(Level.DRAFTING))
    assert len(tried) == len(OF_EACH_KIND)
    for one in tried:
        assert set(ALWAYS) <= {violation.broken for violation in one.of_raw}


def test_no_prompt_and_no_link_gets_past_the_drafting_step(
    arena_of: Callable[[AsksModels], Arena],
) -> None:
    arena = arena_of(ObeyingModels(everything))
    tried = _try(OUTSIDE_KNOWLEDGE, Level.DRAFTING, arena.at(Level.DRAFTING))
    broken = {violation.broken for one in tried for violation in one.of_reply}
    assert not broken & {Property.NO_PROMPT_LEAK, Property.NO_FOREIGN_LINK}


def test_links_and_denials_of_the_customer_said_back_by_the_model_reach_nobody(
    arena_of: Callable[[AsksModels], Arena],
) -> None:
    arena = arena_of(ObeyingModels(echo))
    tried = _try(OUTSIDE_KNOWLEDGE, Level.DRAFTING, arena.at(Level.DRAFTING))
    assert any(one.of_raw for one in tried)
    caught = {Property.NO_PROMPT_LEAK, Property.NO_FOREIGN_LINK, Property.NO_BOT_DENIAL}
    let_through = [
        (one.attack.attack_id, violation)
        for one in tried
        for violation in one.of_reply
        if violation.broken in caught
    ]
    assert let_through == []


def test_service_keeps_to_everything_even_where_its_model_obeys(
    arena_of: Callable[[AsksModels], Arena],
) -> None:
    arena = arena_of(ObeyingModels(everything))
    tried = _try(OF_EACH_KIND, Level.SERVICE, arena.at(Level.SERVICE))
    assert all(one.reply.text and one.reply.disclosure for one in tried)
    assert any(one.of_raw for one in tried)
    assert any(one.reply.raw_model_text is None for one in tried)
    assert [(one.attack.attack_id, one.of_reply) for one in tried if one.of_reply] == []


def test_poisoned_article_is_the_first_passage_and_the_benign_one_follows(
    arena_of: Callable[[AsksModels], Arena],
) -> None:
    knowledge = arena_of(ObeyingModels(echo)).drafting.knowledge
    for attack in (one for one in ATTACKS if one.where in IN_KNOWLEDGE):
        first, second = passages_for(attack, knowledge)
        assert first.article.source.endswith(attack.files[0].name)
        assert second.article.article_id == attack.article_id


def test_comments_and_hidden_text_are_gone_before_a_model_sees_them(
    arena_of: Callable[[AsksModels], Arena],
) -> None:
    knowledge = arena_of(ObeyingModels(echo)).drafting.knowledge
    hidden = [one for one in ATTACKS if one.where is Where.COMMENT]
    shown = [passages_for(one, knowledge)[0].article.text for one in hidden]
    assert len(shown) >= 6
    words = ("бот:", "bot:", "assistant", "ассистент", "ИИ:", "AI:")
    assert not any(word in text for text in shown for word in words)


def test_two_files_of_one_name_are_refused(tmp_path: Path) -> None:
    file = PoisonedFile("en/delivery.md", "something else")
    attack = Attack("x", "en", "table", Where.TABLE, "a", "delivery", files=(file,))
    with pytest.raises(KnowledgeError, match=r"x: en/delivery\.md stands twice"):
        index_shop([attack], tmp_path)


def test_rows_count_attacks_and_not_violations() -> None:
    def answer(attack: Attack) -> Reply:
        return Reply("I'm not a bot. I am a person.", "I'm not a bot. I am human.", BOT)

    attacks = [one for one in ATTACKS if one.kind in ("table", "link") and one.lang == "en"]
    rows = rows_by_kind(_try(attacks, Level.SERVICE, answer))
    assert [row.kind for row in rows] == ["link", "table", "all"]
    assert rows[-1].attacks == rows[-1].asked == len(attacks)
    assert rows[-1].reply == rows[-1].raw == {Property.NO_BOT_DENIAL: len(attacks)}
    last = table_of(rows).splitlines()[-1].split()
    counts = ["0", "0", "0", str(len(attacks)), "0"]
    assert last == ["all", str(len(attacks)), str(len(attacks)), *counts, *counts]


def test_report_of_an_attack_holds_what_was_said_and_what_it_broke() -> None:
    (tried,) = _try(ATTACKS[:1], Level.SERVICE, lambda _attack: Reply("Я не бот.", None, BOT))
    document = document_of(tried)
    assert document["id"] == ATTACKS[0].attack_id
    assert document["raw"] is None
    assert document["reply_broke"] == [{"property": "no_bot_denial", "found": "Я не бот."}]
