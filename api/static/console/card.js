// The customer at a glance: who it is, what it is about, what was asked before, ticket, earlier dialogs.

import { el, linkOrText, reconcile, setText } from "./elements.js";
import { clock, named, t } from "./texts.js";

export class Card {
  // `open(id)` shows an earlier dialog, `ticket()` the sheet of the ticket.
  constructor({ open, ticket }) {
    this.open = open;
    this.facts = el("dl", { className: "facts", "data-testid": "customer" });
    this.crm = el("dl", { className: "facts", "data-testid": "crm" });
    this.crmState = el("p", { className: "quiet", "data-testid": "crm-state" });
    this.summary = el("p", { className: "summary", "data-testid": "summary" });
    this.why = el("dl", { className: "facts", "data-testid": "reason" });
    this.known = el("dl", { className: "facts", "data-testid": "known" });
    this.asked = el("ul", { className: "asked", "data-testid": "asked" });
    this.advice = el("ul", { className: "asked", "data-testid": "context-advice" });
    this.passages = el("ul", { className: "passages", "data-testid": "passages" });
    this.ticketFacts = el("dl", { className: "facts", "data-testid": "ticket-facts" });
    this.previous = el("ul", { className: "previous", "data-testid": "previous" });
    const ticketButton = el("button", { type: "button", className: "quiet-button", "data-testid": "ticket-change",
      onclick: ticket }, t("ticket_change"));
    this.parts = {
      customer: part("customer_title", this.facts, this.crmState, this.crm),
      summary: part("summary_title", this.summary, this.advice, this.why),
      ticket: part("ticket_title", this.ticketFacts, ticketButton),
      known: part("known_title", this.known),
      asked: part("asked_title", this.asked),
      passages: part("passages_title", this.passages),
      previous: part("previous_title", this.previous),
    };
    this.node = el("aside", { tabIndex: -1, "aria-label": t("card") }, ...Object.values(this.parts));
    this.context = {};
  }

  show(state) {
    const { customer, handoff, ticket, known = [], previous_dialogs: previous = [], channel } = state ?? {};
    showFacts(this.facts, [
      [t("customer_id"), customer?.id],
      [t("customer_segment"), customer?.segment],
      [t("customer_contact"), handoff?.contact?.value],
      [t("customer_channel"), named("channel", channel)],
      ...Object.entries(customer?.attributes ?? {}),
    ]);
    showFacts(this.why, [
      [t("reason_label"), named("reason", handoff?.reason)],
      [t("queue_label"), named("queue_name", handoff?.queue)],
      [t("priority_label"), named("priority", handoff?.priority)],
      [t("topic_label"), named("topic", handoff?.topic)],
      [t("rule_label"), handoff?.rule],
    ]);
    this.handedOver = handoff?.summary;
    this.showSummary();
    showFacts(this.known, known.map(({ kind, value }) => [named("known", kind), value]));
    this.parts.known.hidden = known.length === 0;
    this.showTicket(ticket);
    this.showPassages(handoff?.passages ?? []);
    this.showPrevious(previous);
  }

  // What `POST /v1/hints` knows: shown beside what the dialog itself tells.
  showContext(context, advice) {
    this.context = context;
    this.showSummary();
    reconcile(this.advice, advice, (one) => one.code + one.text, () => el("li"), (node, one) => setText(node, one.text));
    this.showCrm(context.customer ?? {});
    const asked = context.asked_already ?? [];
    this.parts.asked.hidden = asked.length === 0;
    this.asked.replaceChildren(...asked.map(askedNode));
    if (context.previous_dialogs?.length) this.showPrevious(context.previous_dialogs);
  }

  showSummary() {
    const made = this.context.summary;
    const lines = Array.isArray(made) ? made.join("\n") : made;
    setText(this.summary, lines || this.handedOver || t("summary_empty"));
  }

  showCrm({ crm }) {
    const state = crm?.state ?? crm?.status;
    setText(this.crmState, state ? t(`crm_${state}`) : "");
    this.crmState.classList.toggle("failed", state === "failed");
    const fields = crm?.fields ?? crm?.attributes ?? crm?.data ?? {};
    showFacts(this.crm, Array.isArray(fields) ? fields.map((one) => [one.label, one.value]) : Object.entries(fields));
  }

  showTicket(ticket) {
    this.parts.ticket.hidden = !ticket;
    if (!ticket) return;
    showFacts(this.ticketFacts, [
      [t("ticket_number"), ticket.number],
      [t("ticket_status"), named("ticket_status", ticket.status)],
      [t("ticket_until"), ticket.expected_at ? clock(ticket.expected_at) : t("ticket_no_term")],
      [t("ticket_subject"), ticket.subject],
    ]);
  }

  showPassages(passages) {
    const kept = JSON.stringify(passages);
    if (this.shownPassages === kept) return;
    this.shownPassages = kept;
    const items = passages.map(({ title, article_id: id, url, snippet, score }) => el("li", {},
      linkOrText(url, title || id),
      typeof score === "number" &&
        el("span", { className: "quiet" }, " ", t("passage_score", { score: score.toFixed(2) })),
      snippet && el("p", { className: "quiet" }, snippet)));
    this.passages.replaceChildren(...(items.length ? items : [el("li", { className: "quiet" }, t("passages_empty"))]));
  }

  showPrevious(dialogs) {
    const kept = JSON.stringify(dialogs);
    if (this.shownPrevious === kept) return;
    this.shownPrevious = kept;
    this.parts.previous.hidden = dialogs.length === 0;
    this.previous.replaceChildren(...dialogs.map((one) => el("li", {}, el("button", { type: "button",
      className: "earlier", "data-testid": "previous-item", onclick: () => this.open(one.dialog_id) },
      el("span", {}, [clock(one.date ?? one.created_at), named("channel", one.channel),
        one.outcome_in_words || named("owner_short", one.outcome ?? one.owner)].filter(Boolean).join(" · ")),
      el("span", { className: "quiet" }, one.topic || one.last_question || "")))));
  }
}

function part(title, ...nodes) {
  return el("section", {}, el("h3", {}, t(title)), ...nodes);
}

function askedNode(one) {
  const question = one.question ?? one.text ?? String(one);
  return el("li", {}, el("span", {}, question),
    el("span", { className: one.answer ? "quiet" : "open" }, one.answer ? ` ${one.answer}` : ` ${t("asked_open")}`));
}

export function showFacts(list, facts) {
  const given = facts.filter(([, value]) => value !== undefined && value !== null && value !== "");
  const key = ([label], place) => `${place}:${label}`;
  const numbered = given.map((fact, place) => [...fact, key(fact, place)]);
  reconcile(list, numbered, ([, , name]) => name, () => el("div", {}, el("dt"), el("dd")), (node, [label, value]) => {
    setText(node.children[0], label);
    setText(node.children[1], typeof value === "object" ? JSON.stringify(value) : String(value));
  });
}
