"""Builds the real parts from settings."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from assistant.alarm import WaitingAlarm
from assistant.business_hours import Desk, SupportCalendar, every_day
from assistant.calendar_file import load_calendar
from assistant.care import Manners
from assistant.certainty import Certainty
from assistant.claims.checking import ClaimChecker
from assistant.claims.reading import WordReader
from assistant.confidence import load_confidence
from assistant.contacts import Contacts
from assistant.deciding import Decider
from assistant.handoff import Staffing
from assistant.hints.collecting import COLLECT_PAUSE_SECONDS, PastAnswerCollector
from assistant.hints.desk import HintDesk
from assistant.hints.past import PastAnswers
from assistant.hints.prompter import Prompter
from assistant.hints.written import WritesHints
from assistant.knowledge import builtin_model
from assistant.knowledge.embedder import (
    BuiltinEmbedder,
    Embedder,
    MessageEmbedder,
    make_embedder,
    make_message_embedder,
)
from assistant.knowledge.library import Library
from assistant.knowledge.snapshot import SnapshotStore
from assistant.known import find_known
from assistant.language_models.asking import AsksModels
from assistant.language_models.building import build_judge_chain, build_model_chain
from assistant.language_models.chain import ModelChain
from assistant.language_models.ledger import CarefulLedger
from assistant.language_models.remembering import RememberingModels, ShortMemory
from assistant.language_models.streaming import warm_up
from assistant.message_heads import load_heads
from assistant.operator_context.contexts import OperatorContexts
from assistant.operator_context.crm import Crm
from assistant.operator_context.crm_address import CrmAddress
from assistant.outbox.couriers import Couriers
from assistant.outbox.relay import Relay
from assistant.outbox.targets import Targets
from assistant.pipeline import Assistant
from assistant.privacy.masker import Masker
from assistant.retention import ROUND_SECONDS, Retention
from assistant.review.of_dialog import ReviewContexts, ReviewSources
from assistant.review.remembering import RememberingMasker
from assistant.review.reviewing import Reviewer
from assistant.review.spelling import Dictionaries
from assistant.rounds import Round
from assistant.routing import Rule, load_rules
from assistant.settings import Settings
from assistant.store.base import utc_now
from assistant.store.database import Database
from assistant.store.dialogs import DialogStore
from assistant.store.leases import BEAT_SECONDS
from assistant.suggesting import Suggester
from assistant.ticket_news import HandoffTickets, TicketNews
from assistant.ticket_questions import TicketQuestions
from assistant.unasked import Unasked
from assistant.understanding import Understander
from assistant.views import crowd_of
from assistant.watchdog import Watchdog
from assistant.writing.second_opinion import SecondOpinion
from assistant.writing.task import Written
from assistant.writing.writer import Writer
from assistant.written_answers import WrittenAnswers

log = logging.getLogger(__name__)

TICKET_NEWS_SECONDS = 15.0
"""How often it is tried to tell what could not be told when it happened."""
ALARM_PAUSE_SECONDS = 5.0
"""How late the alarm of a wait may come."""


@dataclass(frozen=True)
class Parts:
    """Everything that was built, for those who need a piece of it."""

    settings: Settings
    snapshots: SnapshotStore
    embedder: Embedder
    library: Library
    decider: Decider
    understander: Understander
    suggester: Suggester
    rules: tuple[Rule, ...]
    staffing: Callable[[], Staffing]
    models: ModelChain | None = None
    """None where the settings name no language model."""
    writer: Writer | None = None
    """What writes with it."""

    def wait_for_models(self) -> None:
        """Until a language model can be asked: its library takes seconds to load, which a command
        has and the first question's time limit has not."""
        if self.models is not None:
            warm_up().result()


def build_parts(
    settings: Settings, store: DialogStore | None = None, models: AsksModels | None = None
) -> Parts:
    """Embedder, knowledge and decisions; without a store nobody counts as online. `models`: those
    that write answers, instead of what the settings name."""
    embedder = build_embedder(settings)
    understander = _understander(settings, embedder)
    chain = build_model_chain(settings, store) if models is None else None
    snapshots = SnapshotStore(settings.data_dir)
    library = Library(snapshots, embedder.model_id)
    confidence = load_confidence()
    if confidence.model_id != embedder.model_id:
        log.warning("the confidence was fitted for %s and is a guess here", confidence.model_id)
    if crowd_of(embedder.model_id) is None:
        log.info("no crowd ships for %s: articles near to everything stay", embedder.model_id)
    writer = _writer(settings, embedder, models or chain, store)
    rules = load_rules(settings.rules_file)
    calendar = build_calendar(settings)
    for queue in sorted(set(calendar.queues) - {rule.queue for rule in rules}):
        log.warning("the calendar has hours of the queue %r, which no routing rule names", queue)
    staffing = staffing_of(settings, calendar, store)
    decider = Decider(
        library=library,
        understander=understander,
        certainty=Certainty(confidence, settings.target_risk),
        staffing=staffing,
        bot_name=settings.bot_name,
        operators_lang=settings.locale,
        rules=rules,
        written=WrittenAnswers(writer, embedder, settings.bot_name) if writer else None,
        contacts=build_contacts(settings),
    )
    return Parts(
        settings=settings,
        snapshots=snapshots,
        embedder=embedder,
        library=library,
        decider=decider,
        understander=understander,
        suggester=Suggester(decider, understander),
        rules=rules,
        staffing=staffing,
        models=chain,
        writer=writer,
    )


def _writer(
    settings: Settings, embedder: Embedder, models: AsksModels | None, store: DialogStore | None
) -> Writer | None:
    """None where no language model is there to write."""
    if models is None:
        return None
    reads_words = embedder if isinstance(embedder, BuiltinEmbedder) else build_word_reader(settings)
    judge = build_judge_chain(settings, store)
    memory, ledger = (ShortMemory(), None) if store is None else (store, CarefulLedger(store))
    return Writer(
        RememberingModels(models, memory, ledger, is_whole=_is_worth_keeping),
        ClaimChecker(reads_words),
        Masker(settings.order_number_patterns),
        settings.llm_answer_seconds,
        SecondOpinion(judge) if judge else None,
    )


def _is_worth_keeping(written: Written) -> bool:
    """A whole reply of which something may be said; another one is asked for anew."""
    says = written.draft is not None or written.declined or bool(written.question)
    return says and not written.broke_off


def build_embedder(settings: Settings) -> Embedder:
    """The embedder that the settings name."""
    return make_embedder(settings.embedding_model, settings.models, settings.embedding_threads)


def build_message_embedder(settings: Settings, embedder: Embedder) -> MessageEmbedder:
    """What tells intents and signals apart, beside whatever embeds the articles."""
    return make_message_embedder(embedder, settings.models, settings.embedding_threads)


def build_understander(settings: Settings) -> Understander:
    """Understands messages without a knowledge base."""
    return _understander(settings, build_embedder(settings))


def build_claim_checker(settings: Settings) -> ClaimChecker:
    """Checks claims against evidence; always by the built-in model, which its weights are for."""
    return ClaimChecker(build_word_reader(settings))


def build_word_reader(settings: Settings) -> WordReader:
    """What reads claims and evidence word by word."""
    return BuiltinEmbedder(builtin_model.prepare(settings.models), settings.embedding_threads)


def _understander(settings: Settings, embedder: Embedder) -> Understander:
    messages = build_message_embedder(settings, embedder)
    return Understander(messages, load_heads(messages.wants_id))


def open_store(settings: Settings) -> DialogStore:
    """The dialog store that the settings name."""
    return DialogStore(
        Database(settings.database),
        burst_seconds=settings.burst_seconds,
        manners=build_manners(settings),
    )


def build_assistant(
    settings: Settings, models: AsksModels | None = None
) -> tuple[Assistant, Parts]:
    """The whole service: store, parts and the street through them."""
    store = open_store(settings)
    parts = build_parts(settings, store, models)
    assistant = Assistant(
        decider=parts.decider,
        store=store,
        suggester=parts.suggester,
        locale=settings.locale,
        patience_seconds=settings.patience_seconds,
        masker=Masker(settings.order_number_patterns),
        tickets=HandoffTickets(settings.tickets_on_handoff, parts.staffing),
        ticket_questions=TicketQuestions(
            parts.decider, store.state_of_ticket, ticket_news(settings)
        ),
    )
    return assistant, parts


def build_manners(settings: Settings) -> Manners:
    """What the bot may say unasked here, and how often."""
    return Manners(
        surveys=settings.surveys,
        survey_days=settings.survey_days,
        contacts_per_day=settings.contacts_per_day,
        proactive_reasons=settings.reasons_to_write_first,
        awake=settings.hours_to_write_first,
        zone=ZoneInfo(settings.support_timezone),
    )


def build_unasked(assistant: Assistant, parts: Parts) -> Unasked:
    """What says things to customers that answer no message of theirs."""
    settings = parts.settings
    return Unasked(assistant.store, parts.library, settings.bot_name, ticket_news(settings))


def build_hint_desk(assistant: Assistant, parts: Parts) -> HintDesk:
    """What prompts operators."""
    store = assistant.store
    past = PastAnswers(store, parts.embedder.model_id)
    prompter = Prompter(parts.decider, past)
    masker = Masker(parts.settings.order_number_patterns)
    writes = WritesHints(parts.writer, parts.embedder) if parts.writer else None
    return HintDesk(
        store, prompter, assistant.known, lambda said: find_known(said, masker), writes=writes
    )


def build_past_answer_collector(assistant: Assistant, parts: Parts) -> PastAnswerCollector:
    """What makes operators' good answers known to those who are asked the same."""
    masker = Masker(parts.settings.order_number_patterns)
    embed, model_id = parts.understander.vectors, parts.embedder.model_id
    return PastAnswerCollector(assistant.store, parts.decider, embed, model_id, masker)


def build_contexts(assistant: Assistant, parts: Parts) -> OperatorContexts:
    """What tells operators of a dialog before they answer."""
    settings = parts.settings
    return OperatorContexts(
        assistant.store,
        parts.understander.intents,
        Masker(settings.order_number_patterns),
        ZoneInfo(settings.support_timezone),
        crm=build_crm(settings),
    )


def build_crm(settings: Settings) -> Crm | None:
    """None where the settings name no CRM."""
    if not settings.crm_url:
        return None
    return Crm(
        CrmAddress(settings.crm_url),
        secret=settings.crm_secret.get_secret_value(),
        timeout_seconds=settings.crm_timeout_seconds,
        cache_seconds=settings.crm_cache_seconds,
        fields=settings.crm_field_paths,
    )


def build_reviewer(settings: Settings) -> Reviewer:
    """What reviews operators' drafts."""
    return Reviewer(RememberingMasker(settings.order_number_patterns), Dictionaries())


def build_review_contexts(assistant: Assistant, parts: Parts) -> ReviewContexts:
    """Gathers what is known of a dialog while its operator types."""
    masker = RememberingMasker(parts.settings.order_number_patterns)
    return ReviewContexts(assistant.store, build_review_sources(parts.library), masker)


def build_review_sources(library: Library) -> ReviewSources:
    """The articles that drafts are checked against."""
    return ReviewSources(library.current, lambda: utc_now().date())


def rounds_of(assistant: Assistant, parts: Parts) -> list[Round]:
    """What a serving process does beside the requests."""
    store, settings = assistant.store, parts.settings
    watchdog = Watchdog(assistant, settings.settled_seconds)
    retention = Retention(store, settings.retention_days)
    news = ticket_news(settings)
    alarm = WaitingAlarm(store, parts.staffing, build_contacts(settings), settings.bot_name)
    targets = Targets(store, settings.channel_urls, settings.channel_secret.get_secret_value())
    couriers = Couriers(store, targets)
    past = build_past_answer_collector(assistant, parts)
    return [
        Round("leases", BEAT_SECONDS, store.let_leases_beat),
        Round("watchdog", 1.0, watchdog.look),
        Round("waiting alarm", ALARM_PAUSE_SECONDS, alarm.look),
        Round("tickets", TICKET_NEWS_SECONDS, lambda: store.tell_ticket_news(news)),
        Round("relay", 0.25, Relay(store, targets).look),
        Round("couriers", 0.25, couriers.look, couriers.stop),
        Round("past answers", COLLECT_PAUSE_SECONDS, past.look),
        Round("outbox purge", 600.0, store.purge_deliveries),
        Round("rates", 600.0, store.forget_old_rates),
        Round("typing", 30.0, store.forget_typing),
        Round("sessions", 600.0, lambda: store.sweep_sessions(settings.session_idle_minutes * 60)),
        Round("retention", ROUND_SECONDS, retention.clean),
    ]


def ticket_news(settings: Settings) -> TicketNews:
    """Words for what customers are told of their tickets."""
    return TicketNews(ZoneInfo(settings.support_timezone), settings.bot_name)


def build_calendar(settings: Settings) -> SupportCalendar:
    """When operators answer and how soon: the deployment's own file, or the same hours every day.

    Raises CalendarError naming file, field and value.
    """
    zone = ZoneInfo(settings.support_timezone)
    if settings.calendar_file is not None:
        return load_calendar(settings.calendar_file, zone, settings.sla_minutes)
    hours = every_day(settings.opening_hours, zone)
    return SupportCalendar(Desk(hours, settings.sla_minutes * 60))


def build_contacts(settings: Settings) -> Contacts:
    """Finds how a customer can be reached; an order number of this deployment is no telephone."""
    return Contacts(Masker(settings.order_number_patterns))


def staffing_of(
    settings: Settings, calendar: SupportCalendar, store: DialogStore | None
) -> Callable[[], Staffing]:
    """Who could take a dialog, asked anew each time; nobody without a store."""

    def now() -> Staffing:
        online = store is not None and store.operators_online()
        wait = settings.expected_wait_minutes
        return Staffing(
            operators_online=online,
            expected_wait_minutes=store.typical_wait_minutes(wait) if store and online else wait,
            now=utc_now(),
            calendar=calendar,
        )

    return now
