// Who is writing in this dialog now: the customer, or another operator, of whom is warned.

import { el, setText } from "./elements.js";
import { operator } from "./server.js";
import { t } from "./texts.js";

const LASTS_MS = 6000;

export class Typists {
  constructor() {
    this.writing = new Map(); // who -> {name, timer}
    this.node = el("p", { className: "typing", role: "status", "data-testid": "typing" });
  }

  add({ who, name }) {
    if (who === operator?.id) return;
    clearTimeout(this.writing.get(who)?.timer);
    this.writing.set(who, { name, timer: setTimeout(() => this.remove(who), LASTS_MS) });
    this.show();
  }

  set(typing) {
    typing.forEach((one) => this.add(one));
  }

  // What was being written has been sent.
  stopped(author, { id } = {}) {
    if (author === "customer") this.remove("customer");
    else if (id) this.remove(id);
  }

  remove(who) {
    clearTimeout(this.writing.get(who)?.timer);
    this.writing.delete(who);
    this.show();
  }

  show() {
    const others = [...this.writing].filter(([who]) => who !== "customer").map(([, { name }]) => name);
    const parts = [
      this.writing.has("customer") && t("typing_customer"),
      others.length && t("typing_operator", { name: others.join(", ") }),
    ];
    this.node.classList.toggle("warn", others.length > 0);
    setText(this.node, parts.filter(Boolean).join(" · "));
  }

  stop() {
    for (const { timer } of this.writing.values()) clearTimeout(timer);
  }
}
