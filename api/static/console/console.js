// The operator console: signing in and out, the lists, the open dialog, and what is read when.

import { allowSound, beep, buildSoundButton, resetTitle, titleWriter } from "./attention.js";
import { Dialog } from "./dialog.js";
import { el, setText } from "./elements.js";
import { openHelp, watchKeys } from "./keys.js";
import { Lists } from "./lists.js";
import { Live } from "./live.js";
import { closeSheet } from "./sheet.js";
import { buildSignIn } from "./signin.js";
import { forgetTab, seenUpTo } from "./kept.js";
import { watchForPeople } from "./presence.js";
import { forgetSession, leave, operator, resumeSession, signOut, stayOnline } from "./server.js";
import { chosenLanguage, language, loadTexts, t } from "./texts.js";
import { Rounds } from "./rounds.js";

const app = document.querySelector("#app");
const LISTS_MS = { live: 30000, broken: 3000, hidden: 10000 };
const DIALOG_MS = { live: 30000, broken: 2000, hidden: 30000 };
const PRESENCE_MS = 20000;
const SESSION_LOOK_MS = 30000;
const TICK_MS = 15000;
const LISTS_AFTER_EVENT_MS = 600;
const LABELS_AFTER_MS = 2000;

let lists = null;
let dialog = null;
let live = null;
let rounds = null;
let offline = null;
let line = null;

async function start(code) {
  try {
    await loadTexts(code);
    if (!operator) await resumeSession();
  } catch {
    setTimeout(() => start(code), 3000);
    return;
  }
  show();
}

function show(problem = "") {
  stop();
  if (operator) showConsole();
  else app.replaceChildren(topBar(), el("main", {}, buildSignIn(problem, () => show())));
  document.querySelector("#signin-name")?.focus();
}

function stop() {
  rounds?.stop();
  live?.stop();
  dialog?.stop();
  closeSheet();
  lists = dialog = live = rounds = null;
}

function topBar(...children) {
  const languages = ["ru", "en"].map((code) => el("button", { type: "button", lang: code,
    "aria-pressed": String(code === language), "data-testid": `language-${code}`,
    onclick: () => start(code) }, code.toUpperCase()));
  return el("header", { className: "top" },
    el(operator ? "h1" : "strong", { className: "brand" }, t("brand")), ...children,
    el("span", { className: "languages", role: "group", "aria-label": t("language_label") }, ...languages));
}

function showConsole() {
  lists = new Lists({ open: openDialog, arrived: beep, wrote: (name) => called(name) });
  offline = el("p", { className: "problem", role: "status", "data-testid": "offline" });
  line = el("span", { className: "line", role: "status", "data-testid": "line" });
  app.replaceChildren(
    topBar(line, el("span", { className: "me", "data-testid": "me" }, t("signed_in", { name: operator.name })),
      buildSoundButton(),
      el("button", { type: "button", className: "quiet-button", "data-testid": "help", onclick: openHelp,
        "aria-keyshortcuts": "?" }, t("help")),
      el("button", { type: "button", className: "quiet-button", "data-testid": "signout", onclick: leaveConsole },
        t("signout"))),
    offline,
    el("main", { className: "desk" }, lists.node,
      el("div", { className: "place" }, el("p", { className: "quiet choose" }, t("choose")))));
  rounds = new Rounds({ refused: sessionEnded, problem: (text) => setText(offline, text) });
  // Also behind other tabs, where browsers let timers run once a minute: the server waits longer.
  rounds.keep("presence", () => PRESENCE_MS, stayOnline);
  rounds.keep("session", () => SESSION_LOOK_MS, renewIfThere);
  rounds.keep("lists", () => pause(LISTS_MS), () => lists.refresh());
  rounds.keep("tick", () => TICK_MS, () => lists.tick());
  live = new Live({ heard, turned });
  const opened = dialogInAddress();
  if (opened) openDialog(opened, false);
}

function dialogInAddress() {
  try {
    return decodeURIComponent(location.hash.slice(1));
  } catch (error) {
    if (!(error instanceof URIError)) throw error;
    return ""; // an address that was cut short, as "#%"
  }
}

function pause(spans) {
  if (!live?.isLive) return document.hidden ? LISTS_MS.hidden : spans.broken;
  return spans.live;
}

// The stream opened or broke: read what it may have missed, and say when the page only polls.
function turned(isLive) {
  setText(line, isLive ? "" : t("line_polling"));
  rounds?.now("lists");
  rounds?.now("dialog");
}

function heard(type, event) {
  if (type === "typing") return void (dialog?.id === event.dialog_id && dialog.someoneTypes(event));
  if (type === "dialog.taken") lists.drop(event.dialog_id);
  if (type === "dialog.transferred") passedToMe(event);
  if (type === "message.created" && event.data.author === "customer") customerWrote(event);
  if (type === "reset" || dialog?.id === event.dialog_id) {
    dialog?.happened(type, event);
    rounds.now("dialog");
  }
  rounds.soon("lists", LISTS_AFTER_EVENT_MS);
}

function customerWrote({ dialog_id: id, data }) {
  const isLookedAt = dialog?.id === id && !document.hidden;
  if (dialog?.id !== id) lists.markUnread(id);
  if (isLookedAt || !lists.isOfMine(id)) return;
  lists.told.set(id, data.message?.created_at);
  called(data.message?.author?.name || t("customer_unknown"));
}

// A colleague gave this operator a dialog: it is as much a call as a customer's words.
function passedToMe({ dialog_id: id, data }) {
  if (data.to_operator_id !== operator.id) return;
  lists.markUnread(id);
  called(t("passed_to_you"));
}

function called(by) {
  beep();
  if (document.hidden) titleWriter(by);
}

function openDialog(id, moveFocus = true) {
  if (dialog?.id !== id) {
    dialog?.stop();
    dialog = new Dialog(id, { changed: () => rounds.now("lists"), signedOut: sessionEnded, open: openDialog,
      reread: () => rounds.now("dialog"), rereadSoon: () => rounds.soon("dialog", LABELS_AFTER_MS) });
    document.querySelector(".place").replaceChildren(dialog.node);
    history.replaceState(null, "", `#${encodeURIComponent(id)}`);
    lists.select(id);
    rounds.keep("dialog", () => pause(DIALOG_MS), refreshDialog);
  }
  if (moveFocus) dialog.name.focus();
}

async function refreshDialog() {
  const asked = dialog;
  try {
    await asked.refresh();
    if (asked === dialog && !document.hidden) seenUpTo.write(asked.id, asked.transcript.seen);
  } catch (error) {
    if (error.status !== 404 || asked !== dialog) throw error;
    closeDialog(error.message); // an old link, or a dialog that was deleted
  }
}

function closeDialog(text) {
  rounds.end("dialog");
  dialog.stop();
  dialog = null;
  lists.select(null);
  history.replaceState(null, "", location.pathname + location.search);
  document.querySelector(".place").replaceChildren(
    el("p", { className: "problem", role: "alert" }, text),
    el("p", { className: "quiet choose" }, t("choose")));
}

async function leaveConsole() {
  stop();
  await signOut();
  forgetTab(); // after the last read that was on its way; a session that ends by itself keeps the drafts
  resetTitle();
  history.replaceState(null, "", location.pathname + location.search);
  show();
}

// The draft stays, and so does the address of the dialog: signing in again goes on there.
function sessionEnded() {
  if (!operator) return;
  forgetSession();
  resetTitle();
  show(t("signin_ended"));
}

const renewIfThere = watchForPeople();
watchKeys({
  dialog: () => dialog,
  queue: () => lists?.focusFirst(),
  next: () => lists?.firstWaiting && openDialog(lists.firstWaiting),
});
for (const first of ["pointerdown", "keydown"]) addEventListener(first, allowSound);
document.addEventListener("visibilitychange", () => {
  if (document.hidden || !rounds) return;
  titleWriter("");
  for (const name of ["presence", "lists", "dialog"]) rounds.now(name);
});
addEventListener("pagehide", () => operator && leave());
addEventListener("pageshow", (event) => event.persisted && operator && stayOnline().catch(() => {}));

start(chosenLanguage());
