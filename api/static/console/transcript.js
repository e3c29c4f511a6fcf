// What was said, in order: messages, notes, days, and what happened while the page looked on.

import { el, reconcile, setText } from "./elements.js";
import { createMessage, createNote, updateMessage } from "./messages.js";
import { operator } from "./server.js";
import { day, named, t } from "./texts.js";

const NEAR_END_PX = 60;
const LABEL_WITHIN_MS = 5 * 60000; // a message that has no label by then gets none
const TOLD = ["dialog.taken", "dialog.released", "dialog.transferred", "dialog.resolved", "dialog.reopened",
  "handoff.requested", "ticket.updated", "sla.breached"];

export class Transcript {
  constructor(id, { failed, reread }) {
    this.context = { id, failed, reread };
    this.messages = new Map();
    this.notes = [];
    this.lines = [];
    this.verdicts = [];
    this.names = new Map(); // operator's id -> name, of those who had it while the page looked on
    this.atEnd = true;
    this.node = el("div", { className: "log", role: "log", tabIndex: 0, "aria-label": t("transcript_label"),
      "data-testid": "transcript" });
    this.node.addEventListener("scroll", () => {
      this.atEnd = this.node.scrollHeight - this.node.scrollTop - this.node.clientHeight < NEAR_END_PX;
      if (this.atEnd) this.below.hidden = true;
    });
    // What shortens the log (a notice, a taller answer) does not push the newest message away.
    new ResizeObserver(() => this.atEnd && this.scrollToEnd()).observe(this.node);
    this.below = el("button", { type: "button", className: "below", hidden: true, "data-testid": "new-below",
      onclick: () => this.scrollToEnd() }, t("new_below"));
  }

  // Takes what `GET /v1/dialogs/{id}?after=` gave.
  read({ messages, notes = [], verdicts = [], operator: holder }) {
    if (holder) this.names.set(holder.id, holder.name);
    for (const message of messages) this.messages.set(message.message_id, message);
    this.notes = notes;
    this.verdicts = verdicts.filter((mark) => mark.kind === "operator" && !mark.taken_back_at);
    this.show();
  }

  // After which number to read: what is new, and recent words of the customer that had no label yet.
  readFrom(newest) {
    const unlabelled = this.unlabelled();
    return unlabelled.length ? Math.min(newest, unlabelled[0].seq - 1) : newest;
  }

  // Whose the last word was that a person said, "customer" or "human": the bot's news of a ticket answer
  // nothing. Undefined before anybody spoke.
  get lastWordBy() {
    return [...this.messages.values()].filter((message) => message.author.kind !== "bot")
      .sort((a, b) => a.seq - b.seq).at(-1)?.author.kind;
  }

  get isUnlabelled() {
    return this.unlabelled().length > 0;
  }

  unlabelled() {
    const recent = Date.now() - LABEL_WITHIN_MS;
    return [...this.messages.values()].sort((a, b) => a.seq - b.seq).filter((message) =>
      message.author.kind === "customer" && !message.intent && Date.parse(message.created_at) > recent);
  }

  // How far this was read, as the lists count it: the time of the last message, and how often the
  // customer wrote since a person did.
  get seen() {
    const said = [...this.messages.values()].sort((a, b) => a.seq - b.seq);
    const answered = said.findLastIndex((message) => message.author.kind === "human");
    const unread = said.slice(answered + 1).filter((message) => message.author.kind === "customer").length;
    return { at: said.at(-1)?.created_at ?? "", unread };
  }

  addSent(message) {
    this.atEnd = true;
    this.messages.set(message.message_id, message);
    this.show();
  }

  // A line on something that happened; `event` as `GET /v1/events` tells it.
  tell(type, { id, at, data }) {
    if (!TOLD.includes(type) || this.lines.some((line) => line.id === id)) return;
    this.lines.push({ id, at, type, data });
    this.show();
  }

  lineText({ type, data }) {
    const who = data.by?.id === operator?.id ? t("line_you") : this.names.get(data.by?.id);
    const text = t(`line_${type.replace(".", "_")}`,
      { status: named("ticket_status", data.status), number: data.number ?? "" });
    return who && data.by?.kind === "operator" ? `${text} (${who})` : text;
  }

  show() {
    const entries = withDays(this.entries());
    const before = this.node.childElementCount;
    const wrong = this.wrongAnswers();
    reconcile(this.node, entries, (entry) => entry.key, (entry) => this.create(entry), (node, entry) => {
      if (entry.line) setText(node, this.lineText(entry.line));
      if (entry.message) updateMessage(node, entry.message, wrong.get(entry.message.message_id));
    });
    if (this.node.childElementCount === before) return;
    if (before === 0) this.scrollToLastWords();
    else if (this.atEnd) this.scrollToEnd();
    else this.below.hidden = false;
  }

  // Messages by number, notes and lines between them by time.
  entries() {
    const said = [...this.messages.values()].sort((a, b) => a.seq - b.seq)
      .map((message) => ({ key: `m:${message.message_id}`, at: message.created_at, message }));
    const beside = [
      ...this.notes.map((note) => ({ key: `n:${note.note_id}`, at: note.created_at, note })),
      ...this.lines.map((line) => ({ key: `l:${line.id}`, at: line.at, line })),
    ].sort((a, b) => a.at.localeCompare(b.at));
    const entries = [];
    for (const entry of said) {
      while (beside.length && beside[0].at < entry.at) entries.push(beside.shift());
      entries.push(entry);
    }
    return [...entries, ...beside];
  }

  // The bot's answers that were called wrong -> the verdict. A verdict names the customer's message;
  // the answer to it is the bot's next one.
  wrongAnswers() {
    const byQuestion = new Map(this.verdicts.map((mark) => [mark.message_id, mark]));
    const wrong = new Map();
    let mark = null;
    for (const message of [...this.messages.values()].sort((a, b) => a.seq - b.seq)) {
      if (message.author.kind === "customer") mark = byQuestion.get(message.message_id) ?? null;
      else if (message.author.kind === "bot" && !message.purpose && mark) {
        if (mark.right === false) wrong.set(message.message_id, mark);
        mark = null;
      }
    }
    return wrong;
  }

  create({ message, note, line, date }) {
    if (date) return el("p", { className: "day", "data-testid": "day" }, el("span", {}, date));
    if (line) return el("p", { className: "line-note", "data-testid": "line-note" });
    return note ? createNote(note) : createMessage(message, this.context);
  }

  // On opening: the end, or the customer's last words at the top where the bot's reply to them is too
  // long to fit below.
  scrollToLastWords() {
    this.scrollToEnd();
    const last = [...this.node.querySelectorAll(".message.customer")].at(-1);
    if (!last || this.lastWordBy !== "customer") return;
    const above = last.getBoundingClientRect().top - this.node.getBoundingClientRect().top;
    if (above >= 0) return;
    this.node.scrollTop += above - parseFloat(getComputedStyle(this.node).paddingTop);
    this.atEnd = false;
  }

  scrollToEnd() {
    this.node.scrollTop = this.node.scrollHeight;
    this.below.hidden = true;
  }
}

function withDays(entries) {
  let last = "";
  return entries.flatMap((entry) => {
    const date = day(entry.at);
    if (!date || date === last) return [entry];
    last = date;
    return [{ key: `d:${date}`, date }, entry];
  });
}
