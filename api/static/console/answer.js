// Writing to the customer: the text, blanks of a hint still to be filled in, advice below.

import { Advice } from "./advice.js";
import { el, setText } from "./elements.js";
import { drafts } from "./kept.js";
import { newId, sayTyping, sendAnswer } from "./server.js";
import { partOf } from "./spans.js";
import { t } from "./texts.js";

const MAX_LENGTH = 4000;
const LEFT_SHOWN_FROM = 400;
const TYPING_EVERY_MS = 3000;
const KEPT_AT_LEAST = 0.3; // of a hint's words: with fewer the text is the operator's own

export class Answer {
  // `attempt(work)` runs a call and shows what was refused; `sent(message)` after a message went.
  constructor(id, { attempt, sent }) {
    Object.assign(this, { id, attempt, sent });
    const kept = drafts.read(id);
    this.hint = kept.hint;
    this.blanks = kept.blanks;
    this.hintText = kept.hintText;
    this.last = kept.last; // {text, id} of what was sent and not yet answered for
    this.toldTyping = 0;
    this.asked = ""; // the text of which was asked whether it goes with its blanks
    this.askedUnsent = ""; // the text of which was asked whether the dialog ends without it
    this.build(kept.text);
  }

  build(text) {
    this.field = el("textarea", { id: "answer", rows: 3, maxLength: MAX_LENGTH, "data-testid": "answer",
      "aria-describedby": "answer-problem" });
    this.field.value = text;
    this.left = el("span", { className: "quiet", "data-testid": "answer-left" });
    this.ask = el("p", { id: "answer-problem", className: "ask", role: "alert", "data-testid": "answer-blanks" });
    this.send = el("button", { type: "submit", className: "main", "data-testid": "answer-send",
      "aria-keyshortcuts": "Control+Enter" }, t("answer_send"));
    this.advice = new Advice(this.id, this.field, (from, to, words) => this.replace(from, to, words));
    this.node = el("form", { className: "answer" },
      el("label", { htmlFor: "answer" }, t("answer_label")), this.advice.field, this.advice.node,
      el("div", { className: "row" }, this.ask, this.left, this.send));
    this.field.addEventListener("input", () => this.typed());
    this.field.addEventListener("keydown", (event) => this.pressed(event));
    this.node.addEventListener("submit", (event) => {
      event.preventDefault();
      this.reply();
    });
  }

  allow(isMine, isBusy, owner) {
    const becameMine = isMine && this.field.disabled;
    this.isMine = isMine;
    this.field.disabled = !isMine;
    this.send.disabled = !isMine || isBusy;
    const placeholder = owner === "closed" ? "answer_closed" : "answer_take_first";
    this.field.placeholder = t(isMine ? "answer_placeholder" : placeholder);
    if (becameMine && this.field.value) this.advice.soon();
  }

  focus() {
    this.field.focus();
  }

  pressed(event) {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      this.reply();
    } else if (event.key === "Tab" && !event.shiftKey && !event.altKey && this.selectBlank(this.field.selectionEnd)) {
      event.preventDefault();
    }
  }

  typed() {
    const text = this.field.value;
    const left = MAX_LENGTH - text.length;
    setText(this.left, left <= LEFT_SHOWN_FROM ? t("answer_left", { n: left }) : "");
    if (!text || (this.hint && shareKept(this.hintText, text) < KEPT_AT_LEAST)) this.forgetHint();
    if (this.asked !== text && this.askedUnsent !== text) setText(this.ask, "");
    this.keep();
    this.advice.soon();
    if (Date.now() - this.toldTyping < TYPING_EVERY_MS || !text) return;
    this.toldTyping = Date.now();
    sayTyping(this.id).catch(() => {}); // others learn it with the next key, or with the message
  }

  keep() {
    drafts.write(this.id, { text: this.field.value, hint: this.hint, hintText: this.hintText, blanks: this.blanks,
      last: this.last });
  }

  forgetHint() {
    this.hint = null;
    this.hintText = "";
    this.blanks = [];
  }

  // Puts a hint where the cursor is (in an empty field: as the whole text), its first blank selected.
  useHint(hint) {
    if (!this.isMine) return;
    const start = this.field.value.trim() ? this.field.selectionStart : 0;
    if (!this.field.value.trim()) this.field.setSelectionRange(0, this.field.value.length);
    this.hint = hint.hint_id;
    this.hintText = hint.text;
    const blanks = (hint.blanks ?? []).map((blank) => partOf(hint.text, blank.start, blank.end));
    this.blanks = [...new Set([...this.blanks, ...blanks])].filter(Boolean);
    this.insert(hint.text);
    this.selectBlank(start);
  }

  insert(text) {
    if (!this.isMine) return;
    this.field.focus();
    // The one way that leaves the text to Ctrl+Z.
    if (!document.execCommand("insertText", false, text)) {
      this.field.setRangeText(text, this.field.selectionStart, this.field.selectionEnd, "end");
      this.typed();
    }
  }

  replace(from, to, words) {
    this.field.focus();
    this.field.setSelectionRange(from, to);
    if (words) this.insert(words);
    else if (!document.execCommand("delete")) {
      this.field.setRangeText("", from, to, "end");
      this.typed();
    }
  }

  // Selects the next blank after `position`, or the first one; false when none is left.
  selectBlank(position) {
    const places = this.blanksLeft();
    const next = places.find(([from]) => from >= position) ?? places[0];
    if (!next) return false;
    this.field.setSelectionRange(...next);
    return true;
  }

  blanksLeft() {
    const places = [];
    for (const blank of this.blanks) {
      for (let at = this.field.value.indexOf(blank); at >= 0; at = this.field.value.indexOf(blank, at + 1)) {
        places.push([at, at + blank.length]);
      }
    }
    return places.sort((a, b) => a[0] - b[0]);
  }

  async reply() {
    const typed = this.field.value;
    const text = typed.trim();
    if (!text || !this.isMine) return;
    if (this.blanksLeft().length && this.asked !== typed) {
      this.asked = typed;
      setText(this.ask, t("blanks_left"));
      this.selectBlank(0);
      return;
    }
    await this.attempt(() => this.deliver(typed, text));
    if (document.activeElement === document.body || document.activeElement === this.send) this.focus();
  }

  async deliver(typed, text) {
    // The same id until it went, also after a reload: a message whose answer was lost is not said twice.
    const id = this.messageIdOf(text);
    this.keep();
    const sent = await sendAnswer(this.id, { text, message_id: id, ...(this.hint && { hint_id: this.hint }) });
    if (this.last?.id === id) this.went(typed);
    this.sent(sent);
  }

  // The message is with the server. What was typed while it was on its way stays.
  went(typed) {
    this.forgetHint();
    this.last = null;
    if (this.field.value.startsWith(typed)) this.field.value = this.field.value.slice(typed.length);
    this.typed();
  }

  // Messages of the dialog: one of them may be what was sent and whose answer was lost.
  seen(messages) {
    if (this.last && messages.some((message) => message.message_id === this.last.id)) this.went(this.last.text);
  }

  // True, once for each text: there is one that the customer has not got.
  holdsBack() {
    const typed = this.field.value;
    if (!this.isMine || !typed.trim() || this.askedUnsent === typed) return false;
    this.askedUnsent = typed;
    setText(this.ask, t("answer_unsent"));
    return true;
  }

  messageIdOf(text) {
    if (this.last?.text !== text) this.last = { text, id: newId() };
    return this.last.id;
  }

  stop() {
    this.advice.stop();
  }
}

// How many of the hint's words are left in a text, 0 to 1; a hint without words counts as kept.
export function shareKept(hint, text) {
  const wordsOf = (value) => value.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
  const words = wordsOf(hint);
  const left = new Set(wordsOf(text));
  return words.length ? words.filter((word) => left.has(word)).length / words.length : 1;
}
