// The operator console: sign-in, the two lists, the open dialog, and what is polled when.

import { Dialog } from "./dialog.js";
import { el, setText } from "./elements.js";
import { Lists } from "./lists.js";
import { leave, operator, signIn, signOut, stayOnline } from "./server.js";
import { chosenLanguage, language, loadTexts, t } from "./texts.js";

const LISTS_EVERY_MS = 3000;
const LISTS_HIDDEN_EVERY_MS = 10000; // the count in the title is read in a tab behind others
const DIALOG_EVERY_MS = 2000;
const PRESENCE_EVERY_MS = 20000;

const app = document.querySelector("#app");
let lists = null;
let dialog = null;
let offline = null;
let timers = {};
let problems = {}; // what each kind of polling met last, by its name

async function start(code) {
  try {
    await loadTexts(code);
  } catch {
    setTimeout(() => start(code), 3000);
    return;
  }
  show();
}

function show(problem = "") {
  stopPolling();
  lists = dialog = null;
  if (operator) showConsole();
  else showSignIn(problem);
}

function topBar(...children) {
  const languages = ["ru", "en"].map((code) => el("button", { type: "button", lang: code,
    "aria-pressed": String(code === language), "data-testid": `language-${code}`,
    onclick: () => start(code) }, code.toUpperCase()));
  return el("header", { className: "top" }, el(operator ? "h1" : "strong", { className: "brand" }, t("brand")), ...children,
    el("span", { className: "languages", role: "group", "aria-label": t("language_label") }, ...languages));
}

function field(name, attributes) {
  const input = el("input", { id: `signin-${name}`, "data-testid": `signin-${name}`,
    "aria-describedby": `signin-${name}-hint`, ...attributes });
  const node = el("p", {}, el("label", { htmlFor: input.id }, t(`signin_${name}`)), input,
    el("span", { id: `signin-${name}-hint`, className: "quiet" }, t(`signin_${name}_hint`)));
  return { input, node };
}

function showSignIn(text) {
  const name = field("name", { required: true, maxLength: 80, autocomplete: "name" });
  const key = field("key", { type: "password", autocomplete: "off" });
  const problem = el("p", { className: "problem", role: "alert", "data-testid": "signin-problem" }, text);
  const submit = el("button", { className: "main", "data-testid": "signin-submit" }, t("signin_submit"));
  const form = el("form", { className: "signin" }, el("h1", {}, t("signin_title")),
    name.node, key.node, problem, submit);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const typed = name.input.value.trim();
    if (!typed || submit.disabled) return;
    submit.disabled = true;
    try {
      await signIn(typed, key.input.value.trim());
      show();
    } catch (error) {
      const needsKey = error.status === 401 || error.status === 403;
      setText(problem, needsKey ? t("signin_key_needed") : error.message);
      submit.disabled = false;
      if (needsKey) key.input.focus();
    }
  });
  app.replaceChildren(topBar(), el("main", {}, form));
  name.input.focus();
}

function showConsole() {
  lists = new Lists(openDialog);
  offline = el("p", { className: "problem", role: "status", "data-testid": "offline" });
  const place = el("div", { className: "place" }, el("p", { className: "quiet choose" }, t("choose")));
  app.replaceChildren(
    topBar(el("span", { className: "me", "data-testid": "me" }, t("signed_in", { name: operator.name })),
      el("button", { type: "button", "data-testid": "signout", onclick: leaveConsole }, t("signout"))),
    offline,
    el("main", { className: "desk" }, lists.node, place));
  keepPolling("presence", PRESENCE_EVERY_MS, () => (document.hidden ? null : stayOnline()));
  keepPolling("lists", () => (document.hidden ? LISTS_HIDDEN_EVERY_MS : LISTS_EVERY_MS), () => lists.refresh());
  const opened = decodeURIComponent(location.hash.slice(1));
  if (opened) openDialog(opened, false);
}

function openDialog(id, moveFocus = true) {
  if (dialog?.id !== id) {
    dialog = new Dialog(id, { changed: () => lists?.refresh().catch(() => {}), signedOut: keyRefused });
    document.querySelector(".place").replaceChildren(dialog.node);
    history.replaceState(null, "", `#${encodeURIComponent(id)}`);
    lists.select(id);
    keepPolling("dialog", DIALOG_EVERY_MS, refreshDialog);
  }
  if (moveFocus) dialog.name.focus();
}

async function refreshDialog() {
  if (document.hidden && dialog.state) return;
  const asked = dialog;
  try {
    await asked.refresh();
  } catch (error) {
    if (error.status !== 404 || asked !== dialog) throw error;
    closeDialog(error.message); // an old link, or a dialog that was deleted
  }
}

function closeDialog(text) {
  clearTimeout(timers.dialog);
  timers["dialog-round"] = null;
  dialog = null;
  lists.select(null);
  history.replaceState(null, "", location.pathname + location.search);
  document.querySelector(".place").replaceChildren(
    el("p", { className: "problem", role: "alert" }, text),
    el("p", { className: "quiet choose" }, t("choose")));
}

// Runs `work` now and again after each pause, until polling stops or the name is taken anew.
function keepPolling(name, pause, work) {
  const mine = timers;
  clearTimeout(mine[name]);
  const round = {};
  mine[`${name}-round`] = round;
  const step = async () => {
    clearTimeout(mine[name]);
    try {
      await work();
      if (mine === timers) showProblem(name, "");
    } catch (error) {
      if (mine !== timers) return;
      if (error.status === 401) return void keyRefused();
      if (error.status === undefined) console.error(error);
      showProblem(name, error.status === 0 ? t("offline") : error.message);
    }
    if (mine !== timers || mine[`${name}-round`] !== round) return;
    mine[name] = setTimeout(step, typeof pause === "function" ? pause() : pause);
  };
  step();
}

function showProblem(name, text) {
  problems[name] = text;
  setText(offline, Object.values(problems).find(Boolean) ?? "");
}

function stopPolling() {
  Object.values(timers).forEach((timer) => typeof timer === "number" && clearTimeout(timer));
  timers = {};
  problems = {};
}

function leaveConsole() {
  signOut();
  document.title = t("title");
  history.replaceState(null, "", location.pathname + location.search);
  show();
}

function keyRefused() {
  signOut();
  document.title = t("title");
  show(t("signin_key_needed"));
}

document.addEventListener("visibilitychange", () => {
  if (document.hidden || !operator || !lists) return;
  stayOnline().catch(() => {});
  lists.refresh().catch(() => {});
  dialog?.refresh().catch(() => {});
});
addEventListener("pagehide", () => operator && leave());
addEventListener("pageshow", (event) => event.persisted && operator && stayOnline().catch(() => {}));

start(chosenLanguage());
