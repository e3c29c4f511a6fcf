// Keys for everything, and the sheet that tells them. They go with Alt (Option on a Mac) and by the
// place of the key, so that they work under a Russian layout too. A page that answers Alt+1..5 keeps
// the browser from using them itself; D, E and F are left to its address line and menus.

import { ACTIONS } from "./dialog.js";
import { el } from "./elements.js";
import { closeSheet, isSheetOpen, openSheet } from "./sheet.js";
import { t } from "./texts.js";

const HINTS = ["1", "2", "3", "4", "5"];

// `page`: {dialog() -> the open dialog or null, queue(), next()}.
export function watchKeys(page) {
  const works = {
    KeyQ: page.queue,
    KeyG: page.next,
    KeyA: () => page.dialog()?.answer.focus(),
    KeyW: () => page.dialog()?.answer.advice.applyFirst(),
    KeyH: () => page.dialog()?.hints.toggle(),
    Slash: openHelp,
  };
  for (const { name, key } of ACTIONS) works[`Key${key}`] = () => page.dialog()?.act(name);
  for (const number of HINTS) works[`Digit${number}`] = () => page.dialog()?.hints.useNumber(Number(number));
  addEventListener("keydown", (event) => {
    // AltGr types letters on many keyboards and comes as Ctrl+Alt.
    const isOurs = event.altKey && !event.ctrlKey && !event.metaKey && !event.getModifierState("AltGraph");
    if (isOurs && works[event.code] && document.querySelector(".desk")) {
      event.preventDefault();
      if (!isSheetOpen()) works[event.code]();
    } else if (event.key === "Escape" && !isSheetOpen()) {
      page.dialog()?.closeCard();
    } else if (event.key === "?" && !isTyping(event.target) && document.querySelector(".desk")) {
      event.preventDefault();
      if (!isSheetOpen()) openHelp();
    }
  });
}

const isTyping = (node) => node.matches?.("input, textarea, select");

export function openHelp() {
  closeSheet();
  const rows = [
    ["Alt+G", t("keys_next")], ["Alt+Q", t("keys_queue")], ["↑ ↓", t("keys_list")], ["Alt+A", t("keys_answer")],
    ["Alt+1 … Alt+5", t("keys_hint")], ["Tab", t("keys_blank")], ["Alt+W", t("keys_advice")],
    ["Alt+H", t("keys_fold")], ["Ctrl+Enter", t("answer_send")],
    ...ACTIONS.map(({ name, key }) => [`Alt+${key}`, t(name)]),
    ["? · Alt+/", t("help")], ["Esc", t("keys_escape")],
  ];
  openSheet({ name: "help", title: t("help_title"), body: [el("dl", { className: "keys", "data-testid": "keys" },
    ...rows.map(([keys, what]) => el("div", {}, el("dt", {}, el("kbd", {}, keys)), el("dd", {}, what))))] });
}
