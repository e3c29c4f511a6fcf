// Sheets for what operators tell each other: a note, and passing a dialog on.

import { el } from "./elements.js";
import { addNote, listOperators, operator, sayTyping, transfer } from "./server.js";
import { labelled, openSheet } from "./sheet.js";
import { named, t } from "./texts.js";

const QUEUES = ["general", "complaints", "urgent"];
const NOTE_LENGTH = 4000;

export function openNote(id, done) {
  const text = el("textarea", { rows: 4, required: true, maxLength: NOTE_LENGTH, "data-testid": "note-text" });
  let told = 0;
  text.addEventListener("input", () => {
    if (Date.now() - told < 3000) return;
    told = Date.now();
    sayTyping(id).catch(() => {}); // the note itself will tell
  });
  openSheet({
    name: "note",
    title: t("note_title"),
    body: [labelled(t("note_text"), text, t("note_hint"))],
    submitText: t("note_save"),
    submit: async () => {
      await addNote(id, text.value.trim());
      done();
    },
  });
  text.focus();
}

export function openTransfer(id, done) {
  const to = el("select", { required: true, "data-testid": "transfer-to" },
    el("optgroup", { label: t("transfer_queues") }, ...QUEUES.map((queue) =>
      el("option", { value: `queue:${queue}` }, named("queue_name", queue)))));
  const note = el("textarea", { rows: 3, maxLength: NOTE_LENGTH, "data-testid": "transfer-note" });
  openSheet({
    name: "transfer",
    title: t("transfer_title"),
    body: [labelled(t("transfer_to"), to), labelled(t("transfer_note"), note, t("note_hint"))],
    submitText: t("transfer_send"),
    submit: async () => {
      const [kind, ...rest] = to.value.split(":");
      const target = rest.join(":");
      await transfer(id, {
        ...(kind === "queue" ? { to_queue: target } : { to_operator_id: target }),
        ...(note.value.trim() && { note: note.value.trim() }),
      });
      done();
    },
  });
  to.focus();
  addOperators(to);
}

// Those who are at work come first; without the list the queues are still there.
async function addOperators(to) {
  const { operators } = await listOperators().catch(() => ({ operators: [] }));
  const others = operators.filter((one) => one.online && one.operator_id !== operator.id);
  if (!others.length) return;
  to.prepend(el("optgroup", { label: t("transfer_operators") }, ...others.map((one) =>
    el("option", { value: `operator:${one.operator_id}` }, one.name))));
  to.selectedIndex = 0;
}
