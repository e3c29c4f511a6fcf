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
  const to = el("select", { required: true, "data-testid": "transfer-to" });
  const note = el("textarea", { rows: 3, maxLength: NOTE_LENGTH, "data-testid": "transfer-note" });
  openSheet({
    name: "transfer",
    title: t("transfer_title"),
    body: [labelled(t("transfer_to"), to), labelled(t("transfer_note"), note, t("note_hint"))],
    submitText: t("transfer_send"),
    submit: async () => {
      const target = to.selectedOptions[0].dataset; // never "choose…": the field is required
      await transfer(id, {
        ...(target.queue ? { to_queue: target.queue } : { to_operator_id: target.operator }),
        ...(note.value.trim() && { note: note.value.trim() }),
      });
      done();
    },
  });
  to.focus();
  fillTargets(to, []);
  // Without the list of operators the queues are still there.
  listOperators().then(({ operators, queues }) => fillTargets(to, operators, queues)).catch(() => {});
}

// Those who are at work come first. Nobody is chosen beforehand, and what was chosen meanwhile stays.
function fillTargets(to, operators, queues = QUEUES) {
  const others = operators.filter((one) => one.online && one.operator_id !== operator.id);
  const people = others.map(({ operator_id: id, name }) =>
    el("option", { value: `operator ${id}`, "data-operator": id }, name));
  const waiting = queues.map((queue) =>
    el("option", { value: `queue ${queue}`, "data-queue": queue }, named("queue_name", queue)));
  const chosen = to.value;
  to.replaceChildren(el("option", { value: "" }, t("transfer_choose")),
    ...(people.length ? [el("optgroup", { label: t("transfer_operators") }, ...people)] : []),
    el("optgroup", { label: t("transfer_queues") }, ...waiting));
  to.value = chosen;
  if (to.selectedIndex < 0) to.value = ""; // who was chosen has left
}
