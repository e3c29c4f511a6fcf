// One message or note, and the word "wrong" on an answer of the bot.

import { el, linkOrText, richText, setText } from "./elements.js";
import { judgeWrong, operator, takeBackVerdict } from "./server.js";
import { clock, named, t } from "./texts.js";

const REASONS = ["other_question", "false", "outdated", "incomplete", "should_hand_over"];
const SAID_NOTHING = [null, undefined, "silent"];

// `context`: {id, failed(error), reread()} of the dialog.
export function createMessage(message, context) {
  const { author, text, created_at: created, message_id: id, intent, citations } = message;
  const mine = author.kind === "human" && author.id === operator?.id;
  const name = author.name || (author.kind === "human" ? t("operator_unknown") : "");
  // Several quotes of one article name it once.
  const cited = new Map((citations ?? []).map((one) => [one.article_id, one]));
  const sources = [...cited.values()].flatMap(({ title, article_id: article, url }) =>
    [" ", linkOrText(url, title || article)]);
  const node = el("div", { className: `message ${author.kind}`, "data-testid": "message",
    "data-author": author.kind, "data-id": id },
    el("p", { className: "by" },
      el("strong", {}, t(mine ? "author_me" : `author_${author.kind}`, { name }).trim()),
      el("time", { dateTime: created ?? "" }, clock(created)),
      author.kind === "customer" && intent?.label && intentNode(intent),
      message.purpose && el("span", { className: "intent" }, t("purpose"))),
    el("p", { className: "text" }, ...richText(text)),
    sources.length > 0 && el("p", { className: "quiet" }, t("sources"), ...sources));
  const isJudged = author.kind === "bot" && !message.purpose && !SAID_NOTHING.includes(message.action);
  if (isJudged) addVerdict(node, message, context);
  return node;
}

export function createNote({ operator_id: who, operator_name: name, text, created_at: created }) {
  const author = who === operator?.id ? t("author_short_me") : name || t("operator_unknown");
  return el("div", { className: "note", "data-testid": "note-line" },
    el("p", { className: "by" }, el("strong", {}, t("note_by", { name: author })),
      el("time", { dateTime: created }, clock(created)),
      el("span", { className: "intent" }, t("note_internal"))),
    el("p", { className: "text" }, ...richText(text)));
}

function intentNode({ label, probabilities }) {
  const share = probabilities?.[label];
  const name = named("intent", label);
  const text = typeof share === "number"
    ? t("intent", { label: name, percent: Math.round(share * 100) })
    : name;
  return el("span", { className: `intent ${label}`, "data-testid": "intent" }, text);
}

// The label of a customer's message comes later than the message, a verdict may come at any time.
export function updateMessage(node, message, verdict) {
  if (message.author.kind === "customer" && message.intent?.label && !node.querySelector(".intent")) {
    node.querySelector(".by").append(intentNode(message.intent));
  }
  node.verdict?.show(verdict);
}

function addVerdict(node, message, context) {
  const button = el("button", { type: "button", className: "flag", "data-testid": "wrong" }, t("wrong"));
  const said = el("span", { className: "flagged", "data-testid": "flagged" });
  const back = el("button", { type: "button", className: "flag", "data-testid": "wrong-back" }, t("wrong_back"));
  const row = el("div", { className: "judge" }, said, back, button);
  let given = null;
  const show = (verdict) => {
    given = verdict ?? null;
    node.classList.toggle("wrong", Boolean(given));
    setText(said, given ? t("wrong_said", { reason: given.reason ?? "" }).trim() : "");
    said.hidden = back.hidden = !given;
    button.hidden = Boolean(given) || Boolean(node.querySelector(".reasons"));
  };
  button.addEventListener("click", () => {
    const close = () => {
      form.remove();
      show(given);
      (given ? back : button).focus();
    };
    const send = (reason) => act(context, () => judgeWrong(context.id, message.message_id, reason), (verdict) => {
      show(verdict);
      close();
    });
    const form = reasonForm(send, close);
    row.append(form);
    show(given);
    form.querySelector("button").focus();
    form.scrollIntoView({ block: "nearest" });
  });
  back.addEventListener("click", () => act(context, () => takeBackVerdict(context.id, given.verdict_id), () => {
    show(null);
    button.focus();
  }));
  show(null);
  node.verdict = { show };
  node.append(row);
}

async function act(context, work, done) {
  try {
    done(await work());
    context.reread();
  } catch (error) {
    context.failed(error);
  }
}

// A reason at one press, or in own words; Escape leaves it.
function reasonForm(send, close) {
  const own = el("input", { maxLength: 500, "aria-label": t("wrong_own"), placeholder: t("wrong_own"),
    "data-testid": "wrong-own" });
  const form = el("form", { className: "reasons", "data-testid": "reasons", "aria-label": t("wrong_why") },
    el("span", {}, t("wrong_why")),
    ...REASONS.map((reason) => el("button", { type: "button", "data-testid": "wrong-reason",
      onclick: () => send(t(`wrong_${reason}`)) }, t(`wrong_${reason}`))),
    own, el("button", {}, t("wrong_send")), el("button", { type: "button", onclick: close }, t("cancel")));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send(own.value.trim());
  });
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    close();
  });
  return form;
}
