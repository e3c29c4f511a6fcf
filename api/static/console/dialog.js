// The right side: one dialog. It holds the parts together: talk, answer, hints, card, actions.

import { Answer } from "./answer.js";
import { Card } from "./card.js";
import { el, setText } from "./elements.js";
import { Hints } from "./hints.js";
import { openSearch } from "./search.js";
import { Refused, changeOwner, operator, readDialog } from "./server.js";
import { openNote, openTransfer } from "./handover.js";
import { openTicketSheet } from "./ticket.js";
import { nameOf, t } from "./texts.js";
import { Transcript } from "./transcript.js";
import { Typists } from "./typists.js";

// What can be done with a dialog, in the order of the buttons; `key` is pressed with Alt.
export const ACTIONS = [
  { name: "take", key: "T" }, { name: "release", key: "B" }, { name: "transfer", key: "P" },
  { name: "note", key: "N" }, { name: "ticket", key: "K" }, { name: "search", key: "S" },
  { name: "resolve", key: "R" }, { name: "reopen", key: "O" }, { name: "card", key: "C" },
];

const LABEL_TRIES = 5;

export class Dialog {
  // `changed()` after the operator moved the dialog, `signedOut()` when the session ended,
  // `open(id)` for another dialog, `reread()` to read this one anew, `rereadSoon()` in seconds.
  constructor(id, { changed, signedOut, open, reread, rereadSoon }) {
    Object.assign(this, { id, changed, signedOut, reread, rereadSoon });
    this.newest = 0;
    this.labelTries = 0;
    this.state = null;
    this.busy = false;
    this.transcript = new Transcript(id, { failed: (error) => this.failed(error), reread });
    this.hints = new Hints(id, { use: (hint) => this.answer.useHint(hint), context: (...known) => this.card.showContext(...known) });
    this.answer = new Answer(id, { sent: (message) => this.answered(message), attempt: (work) => this.attempt(work) });
    this.card = new Card({ open, ticket: () => this.act("ticket") });
    this.typists = new Typists();
    this.build();
    this.show();
  }

  build() {
    this.name = el("h2", { id: "dialog-title", tabIndex: -1 });
    this.owner = el("span", { className: "owner", role: "status", "data-testid": "owner" });
    this.buttons = Object.fromEntries(ACTIONS.map(({ name, key }) => [name,
      el("button", { type: "button", "data-testid": name, title: `Alt+${key}`, "aria-keyshortcuts": `Alt+${key}`,
        onclick: () => this.act(name) }, t(name))]));
    this.buttons.card.setAttribute("aria-expanded", "false");
    this.problem = el("p", { className: "problem", role: "alert", "data-testid": "problem" });
    this.node = el("section", { className: "dialog", "data-testid": "dialog", "data-dialog": this.id,
      "aria-labelledby": "dialog-title" },
      el("header", {}, this.name, this.owner, el("div", { className: "actions" }, ...Object.values(this.buttons))),
      this.problem,
      this.card.node,
      el("div", { className: "talk" }, this.transcript.node, this.transcript.below,
        el("div", { className: "desk-front" }, this.typists.node, this.hints.node, this.answer.node)));
  }

  get isMine() {
    return this.state?.owner === "human" && this.state.operator?.id === operator?.id;
  }

  async refresh() {
    const known = this.newest;
    // A customer's message gets its label after it came: read again from the first without one.
    const fresh = await readDialog(this.id, this.transcript.readFrom(known));
    const wrote = fresh.messages.filter((message) => message.author.kind === "customer" && message.seq > known);
    this.newest = fresh.messages.at(-1)?.seq ?? this.newest;
    this.state = { ...this.state, ...fresh, messages: undefined };
    this.transcript.read(fresh);
    this.answer.seen(fresh.messages);
    this.waitForLabels(wrote.length > 0);
    if (fresh.typing) this.typists.set(fresh.typing);
    this.show();
    this.askWhatChanged(wrote.length > 0);
  }

  // Hints and what is known are asked for anew when the dialog is not what it was when they were asked.
  askWhatChanged(hasNewWords) {
    const { owner, operator: holder, ticket } = this.state;
    const isAnswered = this.transcript.lastWordBy === "human";
    const now = JSON.stringify([owner, holder?.id, ticket?.status, ticket?.expected_at, isAnswered]);
    if (hasNewWords || this.asked !== now) this.hints.ask();
    this.asked = now;
  }

  // The label of what was just written comes within seconds, and no event tells of it.
  waitForLabels(isNew) {
    if (isNew) this.labelTries = LABEL_TRIES;
    if (this.labelTries > 0 && this.transcript.isUnlabelled) {
      this.labelTries -= 1;
      this.rereadSoon();
    }
  }

  show() {
    const { owner, operator: holder } = this.state ?? {};
    setText(this.name, this.state ? nameOf(this.state.customer) : t("dialog_loading"));
    const key = this.isMine ? "owner_me" : `owner_${owner}`;
    setText(this.owner, t(key, { name: holder?.name || t("operator_unknown") }));
    const can = this.possible();
    for (const [action, button] of Object.entries(this.buttons)) {
      // A button that has the keyboard stays reachable, so that the keyboard is not lost.
      button.disabled = !can[action] || (this.busy && button !== document.activeElement);
      if (action === "reopen") button.hidden = !can.reopen;
      if (action === "resolve") button.hidden = can.reopen;
    }
    this.buttons.take.classList.toggle("main", can.take);
    this.answer.allow(this.isMine, this.busy, owner);
    this.hints.allow(this.isMine, owner === "human" && !this.isMine);
    this.hints.node.hidden = owner === "closed" || this.transcript.lastWordBy === "human";
    this.card.show(this.state);
  }

  possible() {
    const { owner } = this.state ?? {};
    const known = Boolean(this.state);
    return { take: owner === "waiting" || owner === "bot", release: this.isMine, transfer: this.isMine,
      resolve: this.isMine, reopen: owner === "closed", note: known, ticket: known, search: known, card: true };
  }

  // Something happened to this dialog (`GET /v1/events`); what it now is, is read apart.
  happened(type, event) {
    if (type === "message.created") this.typists.stopped(event.data.author, event.data.message?.author);
    else this.transcript.tell(type, event);
  }

  someoneTypes(event) {
    this.typists.add(event);
  }

  failed(error) {
    if (!(error instanceof Refused)) throw error;
    if (error.status === 401) this.signedOut();
    setText(this.problem, error.message);
  }

  // One change at a time; what the server refuses is shown in its own words.
  async attempt(work) {
    if (this.busy) return false;
    this.busy = true;
    setText(this.problem, "");
    this.show();
    try {
      await work();
      return true;
    } catch (error) {
      this.failed(error);
      return false;
    } finally {
      this.busy = false;
      this.show();
    }
  }

  async act(action) {
    if (!this.possible()[action]) return;
    const done = () => {
      this.reread();
      this.changed();
    };
    if (action === "card") return void this.toggleCard();
    if (action === "note") return void openNote(this.id, done);
    if (action === "transfer") return void openTransfer(this.id, done);
    if (action === "ticket") return void openTicketSheet(this.id, this.state.ticket, done);
    if (action === "search") return void openSearch(this.state.locale, (text) => this.answer.insert(text), this.isMine);
    if (action === "resolve" && this.answer.holdsBack()) return;
    await this.move(action);
  }

  async move(action) {
    await this.attempt(() => changeOwner(this.id, action));
    await this.refresh().catch((error) => this.failed(error));
    if (action === "take" && this.isMine) this.answer.focus();
    else if (document.activeElement === document.body) this.name.focus();
    this.changed();
  }

  // Closes the card that lies over the dialog on narrow screens; false where none does.
  closeCard() {
    if (!this.node.classList.contains("with-card")) return false;
    this.toggleCard();
    this.buttons.card.focus();
    return true;
  }

  toggleCard() {
    const isOpen = this.node.classList.toggle("with-card");
    this.buttons.card.setAttribute("aria-expanded", String(isOpen));
    if (isOpen) this.card.node.focus();
  }

  answered(message) {
    this.transcript.addSent(message);
    this.reread();
  }

  stop() {
    this.hints.stop();
    this.answer.stop();
    this.typists.stop();
  }
}

