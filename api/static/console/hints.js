// Replies that the operator may use. What is shown keeps its place and its key: better ones come
// after it, so that nobody presses what has just moved.

import { el, linkOrText, reconcile, setText } from "./elements.js";
import { choices } from "./kept.js";
import { Refused, streamHints } from "./server.js";
import { partOf } from "./spans.js";
import { clock, named, t } from "./texts.js";

const AFTER_MS = 300; // customers write in bursts
const SHOWN_AT_MOST = 5;
const PENDING_AFTER_MS = 1500;
const PENDING_TRIES = 3;

export class Hints {
  // `use(hint)` puts one into the answer, `context(document)` shows what is known.
  constructor(id, { use, context }) {
    Object.assign(this, { id, use, context });
    this.shown = [];
    this.message = null;
    this.pendingTries = PENDING_TRIES;
    this.list = el("ol", { className: "hint-list", "data-testid": "hints" });
    this.state = el("span", { className: "quiet", role: "status", "data-testid": "hints-state" });
    this.fold = el("button", { type: "button", className: "quiet-button", "data-testid": "hints-fold",
      "aria-controls": "hint-list", onclick: () => this.toggle() });
    this.list.id = "hint-list";
    this.node = el("section", { className: "hints", "aria-label": t("hints_title") },
      el("header", {}, el("h3", {}, t("hints_title")), this.state, this.fold), this.list);
    this.showFold();
  }

  ask() {
    this.pendingTries = PENDING_TRIES;
    this.plan(this.shown.length ? AFTER_MS : 0);
  }

  plan(ms) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.read(), ms);
  }

  async read() {
    this.reading?.abort();
    const reading = new AbortController();
    this.reading = reading;
    setText(this.state, t("hints_loading"));
    try {
      await streamHints(this.id, (event, data) => reading === this.reading && this.hear(event, data), reading.signal);
      if (reading !== this.reading) return;
      this.tellState();
      if (this.isPending && this.pendingTries > 0) {
        this.pendingTries -= 1;
        this.plan(PENDING_AFTER_MS);
      }
    } catch (error) {
      if (reading !== this.reading || reading.signal.aborted) return;
      if (!(error instanceof Refused)) console.error(error);
      setText(this.state, t("hints_failed"));
    }
  }

  hear(event, data) {
    if (event === "hint") return void this.add([data.hint ?? data]);
    if (event !== "hints" && event !== "final") return;
    if (data.message_id !== this.message) this.shown = []; // the customer wrote something else since
    this.message = data.message_id;
    this.add(data.hints ?? []);
    this.isPending = data.context?.customer?.crm?.state === "pending"; // the CRM is slow: ask once more
    if (data.context) this.context(data.context, data.advice ?? []);
    this.tellState();
  }

  add(hints) {
    for (const hint of hints) {
      const place = this.shown.findIndex((one) => one.hint_id === hint.hint_id || one.text === hint.text);
      if (place < 0 && this.shown.length < SHOWN_AT_MOST) this.shown.push(hint);
    }
    const shared = sharedStart(this.shown.map((hint) => hint.text));
    reconcile(this.list, this.shown, (hint) => hint.hint_id, (hint) => this.create(hint), (node, hint) => {
      setText(node.querySelector("kbd"), `Alt+${this.shown.indexOf(hint) + 1}`);
      node.querySelector(".hint-text").replaceChildren(...blanksMarked(hint, shared));
      node.firstChild.disabled = !this.isAllowed;
    });
  }

  create(hint) {
    const share = typeof hint.confidence === "number" ? t("hint_sure", { percent: Math.round(hint.confidence * 100) }) : "";
    const button = el("button", { type: "button", className: "hint", "data-testid": "hint", "data-kind": hint.kind,
      onclick: () => this.use(hint) },
      el("span", { className: "hint-head" }, el("kbd", {}), el("span", { className: "kind" }, named("hint", hint.kind)),
        share && el("span", { className: "quiet" }, share)),
      el("span", { className: "hint-text" }));
    return el("li", {}, button, sourceNode(hint));
  }

  tellState() {
    const some = this.isOthers ? t("hints_not_yours") : "";
    setText(this.state, this.shown.length ? some : t("hints_empty"));
  }

  allow(isMine, isOthers) {
    this.isAllowed = isMine;
    if (this.isOthers !== isOthers) {
      this.isOthers = isOthers;
      if (this.shown.length) this.tellState();
    }
    for (const node of this.list.children) node.firstChild.disabled = !isMine;
  }

  useNumber(number) {
    const hint = this.shown[number - 1];
    if (hint && this.isAllowed && !this.node.hidden) this.use(hint);
  }

  toggle() {
    choices.write("hints", this.isFolded ? "open" : "folded");
    this.showFold();
  }

  get isFolded() {
    return choices.read("hints") === "folded";
  }

  showFold() {
    this.list.hidden = this.isFolded;
    this.fold.setAttribute("aria-expanded", String(!this.isFolded));
    setText(this.fold, t(this.isFolded ? "hints_open" : "hints_fold"));
  }

  stop() {
    clearTimeout(this.timer);
    this.reading?.abort();
    this.reading = null;
  }
}

// How many characters all the hints begin with, in whole lines (a greeting, an apology): what tells
// them apart comes after that.
function sharedStart(texts) {
  if (texts.length < 2) return 0;
  const lines = texts.map((text) => text.split("\n"));
  let count = 0;
  const isShared = (place) => lines.every((of) => of.length > place + 1 && of[place] === lines[0][place]);
  while (isShared(count)) count += 1;
  return [...lines[0].slice(0, count).join("\n")].length + (count ? 1 : 0);
}

function blanksMarked({ text, blanks = [] }, shared) {
  const parts = shared ? ["… "] : [];
  let end = shared;
  for (const blank of [...blanks].sort((a, b) => a.start - b.start)) {
    if (blank.start < end) continue;
    parts.push(partOf(text, end, blank.start), el("mark", {}, partOf(text, blank.start, blank.end)));
    end = blank.end;
  }
  return [...parts, partOf(text, end)];
}

function sourceNode({ source, citations }) {
  const { title, url, answered_at: when } = { ...citations?.[0], ...source };
  if (!title && !when) return "";
  return el("span", { className: "quiet source" }, title && linkOrText(url, title), when && ` ${clock(when)}`);
}
