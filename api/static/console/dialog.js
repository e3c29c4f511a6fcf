// The right side: one dialog, what the bot knew about it, and the operator's answer.

import { el, linkOrText, reconcile, richText, setText } from "./elements.js";
import { Refused, changeOwner, operator, readDialog, sendAnswer } from "./server.js";
import { clock, named, t } from "./texts.js";

const MAX_LENGTH = 4000;
const NEAR_END_PX = 60;

// What was typed and not sent, by dialog; survives a reload of the tab.
const drafts = {
  read: (id) => storage((kept) => kept.getItem(`souffleur:draft:${id}`)) ?? "",
  write: (id, text) =>
    storage((kept) =>
      text ? kept.setItem(`souffleur:draft:${id}`, text) : kept.removeItem(`souffleur:draft:${id}`)),
};

function storage(use) {
  try {
    return use(sessionStorage);
  } catch {
    return undefined;
  }
}

export class Dialog {
  // `changed` is called after the operator took, released or resolved the dialog.
  constructor(id, { changed, signedOut }) {
    Object.assign(this, { id, changed, signedOut });
    this.newest = 0;
    this.state = null;
    this.atEnd = true;
    this.busy = false;
    this.build();
    this.show();
  }

  build() {
    this.name = el("h2", { id: "dialog-title", tabIndex: -1 });
    this.owner = el("span", { className: "owner", role: "status", "data-testid": "owner" });
    this.buttons = Object.fromEntries(["take", "release", "resolve"].map((action) => [action,
      el("button", { type: "button", "data-testid": action, onclick: () => this.act(action) }, t(action))]));
    this.problem = el("p", { className: "problem", role: "alert", "data-testid": "problem" });
    this.facts = el("dl", { className: "facts", "data-testid": "customer" });
    this.about = el("h3", {}, t("customer_title"));
    this.why = el("dl", { className: "facts", "data-testid": "reason" });
    this.summary = el("p", { className: "summary", "data-testid": "summary" });
    this.passages = el("ul", { className: "passages", "data-testid": "passages" });
    this.log = el("div", { className: "log", role: "log", tabIndex: 0, "aria-label": t("transcript_label"),
      "data-testid": "transcript" });
    this.log.addEventListener("scroll", () => {
      this.atEnd = this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < NEAR_END_PX;
      if (this.atEnd) this.below.hidden = true;
    });
    // What shortens the log (a notice, a taller answer) does not push the newest message away.
    new ResizeObserver(() => this.atEnd && this.scrollToEnd()).observe(this.log);
    this.below = el("button", { type: "button", className: "below", hidden: true, "data-testid": "new-below",
      onclick: () => this.scrollToEnd() }, t("new_below"));
    this.buildAnswer();
    this.node = el("section", { className: "dialog", "data-testid": "dialog", "data-dialog": this.id,
      "aria-labelledby": "dialog-title" },
      el("header", {}, this.name, this.owner, el("div", { className: "actions" }, ...Object.values(this.buttons))),
      this.problem,
      el("aside", {},
        this.about, this.facts,
        el("h3", {}, t("summary_title")), this.summary, this.why,
        el("h3", {}, t("passages_title")), this.passages),
      el("div", { className: "talk" }, this.log, this.below, this.form));
  }

  buildAnswer() {
    this.answer = el("textarea", { id: "answer", rows: 3, maxLength: MAX_LENGTH, "data-testid": "answer" });
    this.answer.value = drafts.read(this.id);
    this.left = el("span", { className: "quiet" });
    this.send = el("button", { type: "submit", className: "main", "data-testid": "answer-send" }, t("answer_send"));
    this.form = el("form", { className: "answer" },
      el("label", { htmlFor: "answer" }, t("answer_label")), this.answer,
      el("div", { className: "row" }, this.left, this.send));
    this.answer.addEventListener("input", () => this.typed());
    this.answer.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
        event.preventDefault();
        this.reply();
      }
    });
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.reply();
    });
  }

  get isMine() {
    return this.state?.owner === "human" && this.state.operator?.id === operator?.id;
  }

  async refresh() {
    const fresh = await readDialog(this.id, this.newest);
    this.state = { ...this.state, ...fresh, messages: undefined };
    fresh.messages.forEach((message) => this.append(message));
    this.show();
  }

  show() {
    const { customer, handoff, owner, operator: holder } = this.state ?? {};
    setText(this.name, this.state ? customer?.name || customer?.id || t("customer_unknown") : t("dialog_loading"));
    const key = this.isMine ? "owner_me" : `owner_${owner}`;
    setText(this.owner, t(key, { name: holder?.name || t("operator_unknown") }));
    const can = { take: owner === "waiting" || owner === "bot", release: this.isMine, resolve: this.isMine };
    for (const [action, button] of Object.entries(this.buttons)) button.disabled = this.busy || !can[action];
    this.buttons.take.classList.toggle("main", can.take);
    this.answer.disabled = !this.isMine;
    this.send.disabled = !this.isMine || this.busy;
    const placeholder = owner === "closed" ? "answer_closed" : "answer_take_first";
    this.answer.placeholder = t(this.isMine ? "answer_placeholder" : placeholder);
    showFacts(this.facts, [
      [t("customer_id"), customer?.id],
      [t("customer_segment"), customer?.segment],
      [t("customer_contact"), handoff?.contact?.value],
      ...Object.entries(customer?.attributes ?? {}),
    ]);
    this.about.hidden = this.facts.childElementCount === 0;
    showFacts(this.why, [
      [t("reason_label"), named("reason", handoff?.reason)],
      [t("queue_label"), named("queue_name", handoff?.queue)],
      [t("priority_label"), named("priority", handoff?.priority)],
      [t("topic_label"), handoff?.topic],
      [t("rule_label"), handoff?.rule],
    ]);
    setText(this.summary, handoff?.summary || t("summary_empty"));
    this.showPassages(handoff?.passages ?? []);
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

  append(message) {
    if (message.seq && message.seq <= this.newest) return;
    const shown = [...this.log.children].find((node) => node.dataset.id === message.message_id);
    this.newest = message.seq ?? this.newest;
    if (shown) return;
    this.log.append(messageNode(message));
    if (this.atEnd) this.scrollToEnd();
    else this.below.hidden = false;
  }

  scrollToEnd() {
    this.log.scrollTop = this.log.scrollHeight;
    this.below.hidden = true;
  }

  typed() {
    const left = MAX_LENGTH - this.answer.value.length;
    drafts.write(this.id, this.answer.value);
    setText(this.left, left <= 400 ? t("answer_left", { n: left }) : "");
  }

  // One change at a time; what the server refuses is shown in its own words.
  async attempt(work) {
    if (this.busy) return;
    this.busy = true;
    setText(this.problem, "");
    this.show();
    try {
      await work();
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      if (error.status === 401) this.signedOut();
      setText(this.problem, error.message);
    } finally {
      this.busy = false;
      this.show();
    }
  }

  async act(action) {
    await this.attempt(() => changeOwner(this.id, action));
    await this.refresh().catch(() => {});
    if (action === "take" && this.isMine) this.answer.focus();
    else if (document.activeElement === document.body) this.name.focus();
    this.changed();
  }

  async reply() {
    const typed = this.answer.value;
    const text = typed.trim();
    if (!text || !this.isMine) return;
    await this.attempt(async () => {
      const sent = await sendAnswer(this.id, text);
      // What was typed while the answer was on its way stays.
      if (this.answer.value.startsWith(typed)) this.answer.value = this.answer.value.slice(typed.length);
      this.typed();
      this.atEnd = true;
      // Its number is left out: messages the page has not read yet may stand before it.
      this.append({ ...sent, seq: undefined });
    });
    if (document.activeElement === document.body || document.activeElement === this.send) this.answer.focus();
  }
}

function showFacts(list, facts) {
  const given = facts.filter(([, value]) => value !== undefined && value !== null && value !== "");
  reconcile(list, given, ([label]) => label, () => el("div", {}, el("dt"), el("dd")), (node, [label, value]) => {
    setText(node.children[0], label);
    setText(node.children[1], typeof value === "object" ? JSON.stringify(value) : String(value));
  });
}

function messageNode({ author, text, created_at: created, message_id: id, intent, citations }) {
  const mine = author.kind === "human" && author.name === operator?.name;
  const name = author.name || (author.kind === "human" ? t("operator_unknown") : "");
  // Several quotes of one article name it once.
  const cited = new Map((citations ?? []).map((one) => [one.article_id, one]));
  const sources = [...cited.values()].flatMap(({ title, article_id: article, url }) =>
    [" ", linkOrText(url, title || article)]);
  return el("div", { className: `message ${author.kind}`, "data-testid": "message", "data-author": author.kind,
    "data-id": id },
    el("p", { className: "by" },
      el("strong", {}, t(mine ? "author_me" : `author_${author.kind}`, { name }).trim()),
      el("time", { dateTime: created ?? "" }, clock(created)),
      author.kind === "customer" && intent?.label && intentNode(intent)),
    el("p", { className: "text" }, ...richText(text)),
    sources.length > 0 && el("p", { className: "quiet" }, t("sources"), ...sources));
}

function intentNode({ label, probabilities }) {
  const share = probabilities?.[label];
  const name = named("intent", label);
  const text = typeof share === "number"
    ? t("intent", { label: name, percent: Math.round(share * 100) })
    : name;
  return el("span", { className: `intent ${label}`, "data-testid": "intent" }, text);
}
