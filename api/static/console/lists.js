// The left side: who waits (most urgent first), whom this operator answers, whom others answer.

import { titleWaits } from "./attention.js";
import { el, reconcile, setText } from "./elements.js";
import { seenUpTo, unread } from "./kept.js";
import { listDialogs, operator } from "./server.js";
import { named, t, waitingTime } from "./texts.js";

const LONG_WAIT_MS = 10 * 60000;
const PARTS = ["waiting", "mine", "others"];

export class Lists {
  // `open(id)` is called for a dialog that was chosen, `arrived()` when somebody new waits,
  // `wrote(name)` when the lists show new words in a dialog of mine of which no event told.
  constructor({ open, arrived, wrote }) {
    Object.assign(this, { open, arrived, wrote });
    this.myIds = null; // ids of my dialogs at the last look
    this.told = new Map(); // id -> time of the customer's words that were called out
    this.selected = null;
    this.known = null; // ids of those who waited at the last look
    this.parts = Object.fromEntries(PARTS.map((name) => [name, section(name)]));
    this.node = el("nav", { className: "lists", "aria-label": t("lists_label") },
      ...PARTS.map((name) => this.parts[name].node));
    this.node.addEventListener("keydown", moveByArrows);
  }

  async refresh() {
    const [waiting, human] = await Promise.all(
      [listDialogs({ owner: "waiting", order: "priority" }), listDialogs({ owner: "human" })]);
    const isMine = (dialog) => dialog.operator?.id === operator?.id;
    const mine = human.dialogs.filter(isMine);
    mine.forEach((dialog) => this.countNew(dialog));
    this.myIds = new Set(mine.map((dialog) => dialog.dialog_id));
    this.show(this.parts.waiting, waiting);
    this.show(this.parts.mine, { dialogs: mine });
    this.show(this.parts.others, { dialogs: human.dialogs.filter((dialog) => !isMine(dialog)), more: human.more });
    this.tellTitle(waiting.dialogs);
  }

  // New words, and dialogs passed on, of which no event told: the stream may be broken.
  countNew({ dialog_id: id, last_message: last, unread: count = 0, customer }) {
    const isHere = id === this.selected;
    if (isHere && !document.hidden) return;
    const at = last?.created_at ?? "";
    const seen = seenUpTo.read(id);
    const before = unread.all()[id] ?? 0;
    const since = count > seen.unread ? count - seen.unread : Math.max(count, 1);
    const now = last?.author_kind === "customer" && at > seen.at ? since : before;
    const isGiven = Boolean(this.myIds) && !this.myIds.has(id);
    if (!isHere) unread.change(id, now || Number(isGiven));
    if (!this.myIds || !(now > before || (isGiven && !before)) || this.told.get(id) === at) return;
    this.told.set(id, at);
    this.wrote(customer?.name || customer?.id || t("customer_unknown"));
  }

  tellTitle(dialogs) {
    const ids = new Set(dialogs.map((dialog) => dialog.dialog_id));
    if (this.known && [...ids].some((id) => !this.known.has(id))) this.arrived();
    this.known = ids;
    titleWaits(dialogs.length ? this.parts.waiting.count.textContent : "");
  }

  show(part, { dialogs, more = false }) {
    setText(part.count, more ? t("count_more", { n: dialogs.length }) : String(dialogs.length));
    part.empty.hidden = dialogs.length > 0;
    reconcile(part.list, dialogs, (dialog) => dialog.dialog_id,
      (dialog) => this.createItem(dialog, part.name), (node, dialog) => this.updateItem(node, dialog));
  }

  // Another operator took it: it goes at once, before the lists are read anew.
  drop(id) {
    for (const node of this.parts.waiting.list.children) if (node.dataset.key === id) node.remove();
  }

  // Time passes also where nothing happens.
  tick() {
    for (const node of this.parts.waiting.list.children) showWait(node.firstChild.children[1], node.waitsSince);
  }

  createItem({ dialog_id: id }, name) {
    const parts = ["who", "wait", "why", "about"].map((part) => el("span", { className: part }));
    const button = el("button", { type: "button", className: "item", "data-testid": `${name}-item`,
      "data-dialog": id, onclick: () => this.open(id) }, ...parts);
    return el("li", {}, button);
  }

  updateItem(node, dialog) {
    const [who, wait, why, about] = node.firstChild.children;
    node.waitsSince = dialog.owner === "waiting" ? dialog.waiting_since : null;
    node.customer = dialog.customer?.name || dialog.customer?.id || t("customer_unknown");
    setText(about, lastWords(dialog));
    showWait(wait, node.waitsSince);
    const queue = dialog.queue ? t("queue", { name: named("queue_name", dialog.queue) }) : "";
    const priority = dialog.priority === "normal" ? "" : named("priority", dialog.priority);
    const late = dialog.sla_breached_at && dialog.owner === "waiting" ? t("late") : "";
    const holder = dialog.owner === "human" && dialog.operator?.id !== operator?.id
      ? t("owner_human", { name: dialog.operator?.name || t("operator_unknown") }) : "";
    const waits = dialog.owner === "human" && dialog.last_message?.author_kind === "customer" ? t("customer_waits") : "";
    node.firstChild.classList.toggle("late", Boolean(late));
    node.firstChild.classList.toggle("urgent", dialog.priority === "urgent");
    setText(why, [late, holder, waits, priority, named("reason", dialog.reason), queue].filter(Boolean).join(" · "));
    showWho(who, node.customer, unread.all()[dialog.dialog_id]);
    this.mark(node, dialog.dialog_id);
  }

  mark(node, id) {
    if (id === this.selected) node.firstChild.setAttribute("aria-current", "true");
    else node.firstChild.removeAttribute("aria-current");
  }

  get items() {
    return PARTS.flatMap((name) => [...this.parts[name].list.children]);
  }

  select(id) {
    this.selected = id;
    unread.change(id, 0);
    for (const node of this.items) {
      this.mark(node, node.dataset.key);
      if (node.dataset.key === id) showWho(node.firstChild.children[0], node.customer, 0);
    }
  }

  // A customer wrote in a dialog that is not looked at.
  markUnread(id) {
    const count = (unread.all()[id] ?? 0) + 1;
    unread.change(id, count);
    for (const node of this.items) {
      if (node.dataset.key === id) showWho(node.firstChild.children[0], node.customer, count);
    }
  }

  isOfMine(id) {
    return [...this.parts.mine.list.children].some((node) => node.dataset.key === id);
  }

  focusFirst() {
    this.node.querySelector(".item[aria-current]")?.focus();
    if (!this.node.contains(document.activeElement)) this.node.querySelector(".item")?.focus();
  }

  get firstWaiting() {
    return this.parts.waiting.list.firstElementChild?.dataset.key ?? null;
  }
}

// The customer's own last words. Where the bot spoke after him they stand in the summary, quoted at the
// end of a line; the summary itself is in the language of the dialog and begins with what all share.
function lastWords({ summary = "", last_message: last }) {
  if (last?.author_kind === "customer") return last.text;
  return summary?.match(/[«“](.*)[»”]$/m)?.[1] || last?.text || summary || "";
}

function showWait(node, since) {
  setText(node, since ? waitingTime(since) : "");
  node.classList.toggle("long", Boolean(since) && Date.now() - Date.parse(since) > LONG_WAIT_MS);
}

function showWho(node, name, count) {
  const said = count ? t("unread", { n: count }) : "";
  const shown = `${name}\n${said}`;
  if (node.shown === shown) return;
  node.shown = shown;
  node.replaceChildren(...(said ? [el("span", { className: "new", "data-testid": "unread" }, said), " "] : []), name);
}

function section(name) {
  const count = el("span", { className: "count", "data-testid": `${name}-count` }, "0");
  const empty = el("p", { className: "quiet", "data-testid": `${name}-empty` }, t(`${name}_empty`));
  const list = el("ul", { "data-testid": `${name}-list`, "aria-labelledby": `${name}-title` });
  const node = el("section", { className: name },
    el("h2", { id: `${name}-title` }, t(`${name}_title`), " ", count), empty, list);
  return { name, node, count, empty, list };
}

function moveByArrows(event) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step || event.altKey) return;
  const items = [...event.currentTarget.querySelectorAll(".item")];
  const next = items[items.indexOf(document.activeElement) + step];
  if (!next) return;
  event.preventDefault();
  next.focus();
}
