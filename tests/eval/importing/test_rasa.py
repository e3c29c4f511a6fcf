"""Test stories and CALM test cases of Rasa: what becomes a turn, how a malformed step is named."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from assistant.domain import IntentLabel
from assistant.errors import DatasetError
from eval.importing.dialogs import Imported, usable
from eval.importing.rasa import Mappings, import_rasa, intents_of
from tests.eval.importing.files import lines_of, turns_of, write_text

NOTHING = Mappings()


def imported(folder: Path, text: str, mappings: Mappings = NOTHING) -> Imported:
    path = write_text(folder / "r.yml", dedent(text))
    return usable(import_rasa([path], mappings), [str(path)])


def story(*steps: str) -> str:
    lines = [line for step in steps for line in step.split("\n")]
    return "\n".join(["stories:", "- story: s", "  steps:", *(f"  {line}" for line in lines)])


def error_of(folder: Path, text: str) -> str:
    with pytest.raises(DatasetError) as caught:
        imported(folder, text)
    return str(caught.value).replace(f"{folder}/", "")


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("из [Казани](city)", "из Казани"),
        ('из [Казани]{"entity": "city", "role": "from", "value": "kazan"}', "из Казани"),
        ('из [Казани][{"entity": "city"}, {"entity": "town"}] в [Омск](city)', "из Казани в Омск"),
        ("это [не отметка] и (не она)", "это [не отметка] и (не она)"),
    ],
)
def test_marks_of_entities_are_taken_off(tmp_path: Path, written: str, text: str) -> None:
    found = imported(tmp_path, story(f"- user: |\n    {written}\n  intent: go"))
    assert turns_of(found, "s") == [("customer", text, {})]


def test_calm_test_cases_have_no_marks_to_take_off(tmp_path: Path) -> None:
    found = imported(tmp_path, "test_cases:\n- test_case: s\n  steps:\n  - user: см. [тут](url)\n")
    assert turns_of(found, "s") == [("customer", "см. [тут](url)", {})]


def test_a_message_of_several_lines_keeps_them(tmp_path: Path) -> None:
    found = imported(tmp_path, story("- user: |\n    раз\n    два\n  intent: a"))
    assert turns_of(found, "s")[0][1] == "раз\nдва"


@pytest.mark.parametrize("written", ["yes", "no", "null", "1.50", "007", "2026-03-01", "~"])
def test_a_scalar_stays_what_was_written(tmp_path: Path, written: str) -> None:
    assert turns_of(imported(tmp_path, story(f"- user: {written}")), "s")[0][1] == written


def test_intents_are_mapped_by_their_whole_name_or_by_the_retrieval_intent(tmp_path: Path) -> None:
    mappings = Mappings(
        {"faq": IntentLabel.QUESTION, "faq/angry": IntentLabel.COMPLAINT, "bye": IntentLabel.THANKS}
    )
    steps = [f"- user: текст\n  intent: {name}" for name in ("faq/a", "faq/angry", "other")]
    found = imported(tmp_path, story(*steps), mappings)
    assert [turn[2] for turn in turns_of(found, "s")] == [
        {"intent": "question"},
        {"intent": "complaint"},
        {},
    ]
    assert found.notes == {
        "turns of the intent 'other', which --intent does not map": 1,
        "mapping of 'bye', which no step has": 1,
    }


def test_an_action_with_articles_labels_the_turn_before_it(tmp_path: Path) -> None:
    mappings = Mappings(articles={"utter_a": ["a-1", "a-2"], "action_b": ["a-2", "b-1"]})
    text = story("- user: раз", "- action: utter_a", "- action: action_b", "- user: два")
    found = imported(tmp_path, text + "\nresponses:\n  utter_a:\n  - text: Вот так.\n", mappings)
    assert turns_of(found, "s") == [
        ("customer", "раз", {"article_ids": ["a-1", "a-2", "b-1"]}),
        ("bot", "Вот так.", {}),
        ("bot", "action_b", {}),
        ("customer", "два", {}),
    ]
    assert found.notes["replies of which only the action's name is known"] == 1


def test_a_domain_file_given_beside_gives_replies_a_text(tmp_path: Path) -> None:
    tests = write_text(tmp_path / "t.yml", story("- user: a", "- action: utter_a"))
    domain = write_text(
        tmp_path / "d.yml",
        "responses:\n  utter_a:\n  - image: x\n  - text: Ответ\n  - text: Другой\n",
    )
    assert turns_of(import_rasa([tests, domain], NOTHING), "s")[1] == ("bot", "Ответ", {})


def test_steps_that_say_nothing_are_counted(tmp_path: Path) -> None:
    steps = [
        "- user: привет",
        "- slot_was_set:\n  - city: omsk",
        "- active_loop: form",
        "- checkpoint: here",
        "- user: '/buy{\"a\": 1}'\n  intent: buy",
        "- action: action_listen",
        "- or:\n  - intent: a\n  - intent: b",
    ]
    found = imported(tmp_path, story(*steps))
    assert turns_of(found, "s") == [("customer", "привет", {})]
    assert found.left_out == {
        "steps that say nothing (slots, forms, intents alone)": 4,
        "buttons pressed (/intent in place of a text)": 1,
        "actions that say nothing": 1,
        "dialogs in which no customer writes": 0,
    }


def test_a_calm_file_with_fixtures_and_assertions(tmp_path: Path) -> None:
    found = imported(
        tmp_path,
        """
        fixtures:
        - premium:
          - membership: premium
        metadata:
        - vip:
            room: "1"
        test_cases:
        - test_case: возврат
          fixtures: [premium]
          metadata: vip
          steps:
          - user: где деньги?
            metadata: vip
            assertions:
            - flow_started: refund
            - slot_was_set:
              - name: x
            - bot_uttered:
                utter_name: utter_refund
            - bot_uttered:
                utter_name: utter_more
                text_matches: Что ещё?
          - slot_was_not_set:
            - order
          - user: всё
          - utter: utter_bye
          - bot: Пока!
        responses:
          utter_refund:
          - text: Вернём за 5 дней.
        """,
        Mappings(articles={"utter_refund": ["refunds"], "utter_more": ["more"]}),
    )
    assert turns_of(found, "возврат") == [
        ("customer", "где деньги?", {"article_ids": ["refunds", "more"]}),
        ("bot", "Вернём за 5 дней.", {}),
        ("bot", "Что ещё?", {}),
        ("customer", "всё", {}),
        ("bot", "utter_bye", {}),
        ("bot", "Пока!", {}),
    ]


def test_a_story_of_intents_alone_says_why_nothing_came(tmp_path: Path) -> None:
    assert error_of(tmp_path, story("- intent: greet", "- action: utter_greet")) == (
        "r.yml: no customer's turn that could be imported "
        "(left out: 1 steps that say nothing (slots, forms, intents alone))"
    )


def test_a_dialog_takes_the_name_of_its_story(tmp_path: Path) -> None:
    found = imported(tmp_path, story("- user: hi there"))
    assert [(line["dialog_id"], line["locale"]) for line in lines_of(found)] == [("s", "en")]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("# ничего\n", "r.yml:1: the file: is missing; it must be an object"),
        ("- a\n", "r.yml:1: the file: is a list, not an object"),
        ("nlu:\n- intent: a\n",
         "r.yml:1: the file: has none of `stories`, `test_cases` and `responses`"),
        ("stories: 5\n", "r.yml:1: stories: is '5', not a list"),
        ("stories:\n- story: a\n", "r.yml:2: stories[0].steps: is missing; it must be a list"),
        ("stories:\n- steps:\n  - user: a\n",
         "r.yml:2: stories[0].story: is missing; it must be an id"),
        (story("- usr: hi"),
         "r.yml:4: stories[0].steps[0]: has none of `user`, `bot`, `action`, `utter`"),
        (story("- user: hi\n  bot: ho"), "r.yml:4: stories[0].steps[0]: has both `user` and `bot`"),
        (story("- user: hi", "- user: [a]"),
         "r.yml:5: stories[0].steps[1].user: is a list, not text"),
        (story("- user: ''"), "r.yml:4: stories[0].steps[0].user: the text is empty"),
        (story("- user:"), "r.yml:4: stories[0].steps[0].user: the text is empty"),
        (story("- user: a\n  intent: [b]"),
         "r.yml:5: stories[0].steps[0].intent: is a list, not an id"),
        (story("- user: a", "- action:"), "r.yml:5: stories[0].steps[1].action: is empty"),
        (story("- user: a", "- bot: ''"), "r.yml:5: stories[0].steps[1].bot: is empty"),
        ("test_cases:\n- test_case: s\n  steps:\n  - user: a\n    assertions: b\n",
         "r.yml:5: test_cases[0].steps[0].assertions: is 'b', not a list"),
        (story("- user: a") + "\nresponses:\n  utter_a: text\n",
         "r.yml:6: responses.utter_a: is 'text', not a list"),
        (story("- user: a") + "\n- story: s\n  steps:\n  - user: b\n",
         "r.yml:5: stories[1]: dialog_id 's' stands at r.yml:2 too"),
        ("stories:\n- story: a\n  story: b\n",
         "r.yml:3: not YAML (a key stands twice or is no text)"),
        ("stories:\n\t- a\n",
         "r.yml:2: not YAML (found character '\\t' that cannot start any token)"),
        ("a: &a [*a]\n", "r.yml:1: not YAML (found unconstructable recursive node)"),
        ("stories: []\n---\nstories: []\n",
         "r.yml:2: not YAML (but found another document)"),
        ("", "r.yml: the file is empty"),
    ],
)  # fmt: skip
def test_a_malformed_step_is_named_with_line_and_field(
    tmp_path: Path, text: str, problem: str
) -> None:
    assert error_of(tmp_path, text) == problem


def test_a_malformed_label_of_an_intent_is_named(tmp_path: Path) -> None:
    path = write_text(tmp_path / "i.yml", "faq: question\nangry: complain\n")
    with pytest.raises(DatasetError) as caught:
        intents_of(path)
    assert str(caught.value) == (
        f"{path}:2: angry: is 'complain'; it can be complaint, question, thanks"
    )
