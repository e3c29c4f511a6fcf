// A sheet over the page (a native modal dialog): keeps the keyboard inside, closes by Escape, and
// gives the keyboard back to where it was.

import { el, setText } from "./elements.js";
import { Refused } from "./server.js";
import { t } from "./texts.js";

let open = null;

export const isSheetOpen = () => Boolean(open?.isConnected && open.open);

// `submit` (may be absent) is called when the form is sent; it throws Refused to stay open.
export function openSheet({ name, title, body, submit, submitText, wide = false }) {
  closeSheet();
  const back = document.activeElement;
  const problem = el("p", { className: "problem", role: "alert", "data-testid": "sheet-problem" });
  const send = submit && el("button", { className: "main", "data-testid": "sheet-submit" }, submitText);
  const cancel = el("button", { type: "button", "data-testid": "sheet-close", onclick: closeSheet },
    t(submit ? "cancel" : "close"));
  const form = el("form", { className: "sheet-form" },
    el("h2", { id: "sheet-title" }, title), ...body, problem, el("div", { className: "row" }, cancel, send));
  const sheet = el("dialog", { className: wide ? "sheet wide" : "sheet", "aria-labelledby": "sheet-title",
    "data-testid": `sheet-${name}` }, form);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (submit) sendSheet(send, problem, submit);
  });
  // Escape loses nothing that was typed: it is asked about once.
  sheet.addEventListener("cancel", (event) => {
    const typed = submit && typedIn(form);
    if (!typed || sheet.asked === typed) return;
    event.preventDefault();
    sheet.asked = typed;
    setText(problem, t("sheet_unsaved"));
  });
  sheet.addEventListener("keydown", (event) => {
    if (!submit || event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    form.requestSubmit();
  });
  sheet.addEventListener("close", () => {
    sheet.remove();
    if (back?.isConnected) back.focus();
  });
  document.body.append(sheet);
  sheet.showModal();
  open = sheet;
  return sheet;
}

export function closeSheet() {
  if (isSheetOpen()) open.close();
}

// What was written into the fields of words, "" for nothing.
function typedIn(form) {
  return [...form.querySelectorAll("textarea, input:not([type=datetime-local])")]
    .map((field) => field.value.trim()).join("\n").trim();
}

async function sendSheet(send, problem, submit) {
  if (send.disabled) return;
  send.disabled = true;
  setText(problem, "");
  try {
    await submit();
    closeSheet();
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    setText(problem, error.message);
  } finally {
    send.disabled = false;
  }
}

// A labelled field; `input` gets the label's id.
export function labelled(text, input, hint = "") {
  input.id ||= `sheet-${input.dataset.testid}`;
  return el("p", { className: "field" }, el("label", { htmlFor: input.id }, text), input,
    hint && el("span", { className: "quiet" }, hint));
}
