// Advice on the draft while it is typed: what, where, why, and better words at a press. It never
// holds a message back.

import { el, reconcile } from "./elements.js";
import { reviewDraft } from "./server.js";
import { unitsOf } from "./spans.js";
import { named, t } from "./texts.js";

const AFTER_MS = 300;

export class Advice {
  // `replace(from, to, words)` changes the text of `area`, in UTF-16 units.
  constructor(id, area, replace) {
    Object.assign(this, { id, area, replace });
    this.round = 0; // answers to older texts are dropped
    this.found = { text: "", advice: [] };
    this.behind = el("div", { className: "behind", "aria-hidden": "true" });
    this.field = el("div", { className: "write" }, this.behind, area);
    this.list = el("ul", { "data-testid": "advice" });
    this.node = el("section", { className: "advice", hidden: true, "aria-label": t("advice_label") }, this.list);
    area.addEventListener("scroll", () => {
      this.behind.scrollTop = area.scrollTop;
    });
  }

  soon() {
    clearTimeout(this.timer);
    this.round += 1;
    if (this.found.text !== this.area.value) this.behind.replaceChildren();
    if (!this.area.value.trim()) return void this.show({ text: "", advice: [] });
    this.timer = setTimeout(() => this.review(), AFTER_MS);
  }

  async review() {
    const round = this.round;
    const text = this.area.value;
    try {
      const { advice } = await reviewDraft({ dialog_id: this.id, draft: text });
      if (round === this.round) this.show({ text, advice });
    } catch {
      // No advice this time: the operator writes on, and the next key asks again.
      if (round === this.round) this.show({ text: "", advice: [] });
    }
  }

  show(found) {
    this.found = found;
    this.node.hidden = found.advice.length === 0;
    const places = found.advice.map((one) => ({ ...one, place: one.span ? unitsOf(found.text, one.span) : null }));
    reconcile(this.list, places, (one) => JSON.stringify([one.code, one.span, one.suggestion]),
      (one) => this.create(one), () => {});
    this.mark(places);
  }

  create({ code, severity, place, text, suggestion }) {
    const where = place ? this.found.text.slice(...place) : "";
    const level = el("span", { className: `severity ${severity}` }, named("severity", severity));
    const select = where && el("button", { type: "button", className: "where", "data-testid": "advice-where",
      onclick: () => this.select(place) }, where.length > 60 ? `${where.slice(0, 57)}…` : where);
    const apply = typeof suggestion === "string" && place &&
      el("button", { type: "button", className: "apply", "data-testid": "advice-apply",
        onclick: () => this.apply(place, suggestion) },
      suggestion ? t("advice_replace", { text: suggestion }) : t("advice_remove"));
    return el("li", { "data-testid": "advice-item", "data-code": code }, level, select,
      el("span", { className: "reason" }, text), apply);
  }

  get isCurrent() {
    return this.found.text === this.area.value;
  }

  select(place) {
    if (!this.isCurrent) return;
    this.area.focus();
    this.area.setSelectionRange(...place);
  }

  apply(place, suggestion) {
    if (this.isCurrent) this.replace(...place, suggestion); // else the new text is being looked at
  }

  // The first piece of advice that can be applied, by its key.
  applyFirst() {
    this.list.querySelector(".apply")?.click();
  }

  // A copy of the text behind the field, in which the places are marked.
  mark(places) {
    const { text } = this.found;
    const parts = [];
    let end = 0;
    const spans = places.filter(({ place }) => place && place[0] < place[1]).sort((a, b) => a.place[0] - b.place[0]);
    for (const { place: [from, to], severity } of spans) {
      if (from < end) continue; // within the one before
      parts.push(text.slice(end, from), el("mark", { className: severity ?? "low" }, text.slice(from, to)));
      end = to;
    }
    this.behind.replaceChildren(...parts, text.slice(end), "\n");
    this.behind.scrollTop = this.area.scrollTop;
  }

  stop() {
    clearTimeout(this.timer);
    this.round += 1;
  }
}
