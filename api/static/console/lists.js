// The left side: who waits, oldest first, and whom this operator answers.

import { el, reconcile, setText } from "./elements.js";
import { listDialogs, operator } from "./server.js";
import { named, t, waitingTime } from "./texts.js";

const LONG_WAIT_MS = 10 * 60000;

export class Lists {
  constructor(open) {
    this.open = open;
    this.selected = null;
    this.waiting = section("waiting");
    this.mine = section("mine");
    this.node = el("nav", { className: "lists", "aria-label": t("lists_label") },
      this.waiting.node, this.mine.node);
    this.node.addEventListener("keydown", moveByArrows);
  }

  async refresh() {
    const [waiting, human] = await Promise.all([listDialogs("waiting"), listDialogs("human")]);
    const oldestFirst = (a, b) => String(a.waiting_since).localeCompare(String(b.waiting_since));
    waiting.dialogs.sort(oldestFirst);
    this.show(this.waiting, waiting);
    this.show(this.mine, { dialogs: human.dialogs.filter((dialog) => dialog.operator?.id === operator?.id) });
    const count = this.waiting.count.textContent;
    document.title = waiting.dialogs.length ? `(${count}) ${t("title")}` : t("title");
  }

  show(part, { dialogs, more = false }) {
    setText(part.count, more ? t("count_more", { n: dialogs.length }) : String(dialogs.length));
    part.empty.hidden = dialogs.length > 0;
    reconcile(part.list, dialogs, (dialog) => dialog.dialog_id,
      (dialog) => this.createItem(dialog, part.name), (node, dialog) => this.updateItem(node, dialog));
  }

  createItem({ dialog_id: id }, name) {
    const parts = ["who", "wait", "why", "about"].map((part) => el("span", { className: part }));
    const button = el("button", { type: "button", className: "item", "data-testid": `${name}-item`,
      "data-dialog": id, onclick: () => this.open(id) }, ...parts);
    return el("li", {}, button);
  }

  updateItem(node, dialog) {
    const [who, wait, why, about] = node.firstChild.children;
    const waits = dialog.owner === "waiting" && dialog.waiting_since;
    const queue = dialog.queue ? t("queue", { name: named("queue_name", dialog.queue) }) : "";
    setText(who, dialog.customer?.name || dialog.customer?.id || t("customer_unknown"));
    setText(wait, waits ? waitingTime(dialog.waiting_since) : "");
    wait.classList.toggle("long", Boolean(waits) && Date.now() - Date.parse(waits) > LONG_WAIT_MS);
    const priority = dialog.priority === "normal" ? "" : named("priority", dialog.priority);
    const late = dialog.sla_breached_at ? t("late") : "";
    node.firstChild.classList.toggle("late", Boolean(late));
    setText(why, [late, priority, named("reason", dialog.reason), queue].filter(Boolean).join(" · "));
    setText(about, dialog.summary || dialog.last_message?.text || "");
    this.mark(node, dialog.dialog_id);
  }

  mark(node, id) {
    if (id === this.selected) node.firstChild.setAttribute("aria-current", "true");
    else node.firstChild.removeAttribute("aria-current");
  }

  select(id) {
    this.selected = id;
    for (const { list } of [this.waiting, this.mine]) {
      for (const node of list.children) this.mark(node, node.dataset.key);
    }
  }
}

function section(name) {
  const count = el("span", { className: "count", "data-testid": `${name}-count` }, "0");
  const empty = el("p", { className: "quiet", "data-testid": `${name}-empty` }, t(`${name}_empty`));
  const list = el("ul", { "data-testid": `${name}-list`, "aria-labelledby": `${name}-title` });
  const node = el("section", {},
    el("h2", { id: `${name}-title` }, t(`${name}_title`), " ", count), empty, list);
  return { name, node, count, empty, list };
}

function moveByArrows(event) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step) return;
  const items = [...event.currentTarget.querySelectorAll(".item")];
  const next = items[items.indexOf(document.activeElement) + step];
  if (!next) return;
  event.preventDefault();
  next.focus();
}
