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
    this.askedByUs = el("ul", { className: "asked", "data-testid": "asked-by-us" });
    this.advice = el("ul", { className: "minded", "data-testid": "context-advice" });
    this.passages = el("ul", { className: "passages", "data-testid": "passages" });
    this.ticketFacts = el("dl", { className: "facts", "data-testid": "ticket-facts" });
    this.previous = el("ul", { className: "previous", "data-testid": "previous" });
    const ticketButton = el("button", { type: "button", className: "quiet-button", "data-testid": "ticket-change",
      onclick: ticket }, t("ticket_change"));
    this.parts = {
      customer: part("customer_title", this.facts, this.crmState, this.crm),
      summary: part("summary_title", this.summary, this.why),
      advice: part("advice_title", this.advice),
      ticket: part("ticket_title", this.ticketFacts, ticketButton),
      known: part("known_title", this.known),
      asked: part("asked_title", this.asked),
      askedByUs: part("asked_by_us_title", this.askedByUs),
      passages: part("passages_title", this.passages),
      previous: part("previous_title", this.previous),
    };
    this.parts.advice.hidden = this.parts.asked.hidden = this.parts.askedByUs.hidden = true;
    this.node = el("aside", { tabIndex: -1, "aria-label": t("card") }, ...Object.values(this.parts));
    this.context = {};
  }

  show(state) {
    const { customer, handoff, ticket, known = [], previous_dialogs: previous = [], channel } = state ?? {};
    showFacts(this.facts, [
      [t("customer_id"), customer?.id],
      [t("customer_segment"), customer?.segment],
      [t("customer_contact"), handoff?.contact?.value],
      [t("customer_channel"), t(`channel_${channel}`)],
      ...Object.entries(customer?.attributes ?? {}),
    ]);
    showFacts(this.why, [
      [t("reason_label"), named("reason", handoff?.reason)],
      [t("queue_label"), named("queue_name", handoff?.queue)],
      [t("priority_label"), named("priority", handoff?.priority)],
      // Topics and channels are names of the shop's own: those that the page has no word for are left out.
      [t("topic_label"), t(`topic_${handoff?.topic?.replaceAll("-", "_")}`)],
    ]);
    this.handedOver = handoff?.summary;
    this.showSummary();
    if (!this.context.given) {
      showFacts(this.known, known.map(({ kind, value }) => [named("known", kind), value]));
      this.parts.known.hidden = known.length === 0;
    }
    this.showTicket(ticket);
    if (!this.context.tried) this.showPassages(handoff?.passages ?? []);
    if (!this.context.previous_dialogs) this.showPrevious(previous);
  }

  // What `POST /v1/hints` knows: shown beside what the dialog itself tells.
  showContext(context, advice) {
    this.context = context;
    this.showSummary();
    reconcile(this.advice, advice, (one) => one.code + one.text, () => el("li"), (node, one) => setText(node, one.text));
    this.parts.advice.hidden = advice.length === 0;
    this.showCrm(context.customer?.crm);
    const given = context.given ?? [];
    if (given.length) showFacts(this.known, given.map(({ label, value }) => [label, value]));
    this.parts.known.hidden = this.known.childElementCount === 0;
    this.showAsked(this.parts.asked, this.asked, context.asked_already);
    this.showAsked(this.parts.askedByUs, this.askedByUs, context.asked_by_us);
    if (context.tried?.length) this.showPassages(context.tried);
    if (context.previous_dialogs?.length) this.showPrevious(context.previous_dialogs);
  }

  showAsked(part, list, questions = []) {
    part.hidden = questions.length === 0;
    list.replaceChildren(...questions.map(askedNode));
  }

  showSummary() {
    const made = this.context.summary;
    const lines = Array.isArray(made) ? made.join("\n") : made;
    setText(this.summary, lines || this.handedOver || t("summary_empty"));
  }

  // Data of the shop's own system; that it is missing is said, and holds nothing up.
  showCrm(crm) {
    setText(this.crmState, crm?.error || t(`crm_${crm?.state}`));
    this.crmState.classList.toggle("failed", ["failed", "timeout"].includes(crm?.state));
    this.crmState.hidden = !crm || crm.state === "off";
    showFacts(this.crm, (crm?.fields ?? []).map(({ label, name, value }) => [label ?? name, value]));
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
      el("span", {}, [clock(one.date ?? one.created_at), t(`channel_${one.channel}`),
        one.outcome_in_words || named("owner_short", one.outcome ?? one.owner)].filter(Boolean).join(" · ")),
      el("span", { className: "quiet" }, one.topic || one.last_question || "")))));
  }
}

function part(title, ...nodes) {
  return el("section", {}, el("h3", {}, t(title)), ...nodes);
}

function askedNode({ text, answer, times = 1, open, answered }) {
  const isOpen = open ?? answered === false;
  const state = answer ? `${isOpen ? `${t("asked_not_helped")} ` : ""}${answer}` : t("asked_open");
  return el("li", {}, el("span", {}, times > 1 ? `${text} ${t("asked_times", { n: times })}` : text),
    el("span", { className: isOpen ? "open" : "quiet" }, state));
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
