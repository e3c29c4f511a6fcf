// Search over the articles: arrows choose a passage, Enter puts it into the answer as a quote.

import { el, linkOrText, setText } from "./elements.js";
import { plainText } from "./plain.js";
import { searchArticles } from "./server.js";
import { closeSheet, openSheet } from "./sheet.js";
import { language, t } from "./texts.js";

const AFTER_MS = 250;
const isWebAddress = (url) => /^https?:\/\/[^\s/]/i.test(url ?? "");

// `insert(text)` puts a quote into the answer; without `canInsert` passages can only be read.
export function openSearch(lang, insert, canInsert) {
  // No `type: "search"`: there the first Escape would only empty the field.
  const input = el("input", { role: "searchbox", "data-testid": "search-input", "aria-label": t("search_label"),
    placeholder: t("search_label"), autocomplete: "off" });
  const state = el("p", { className: "quiet", role: "status", "data-testid": "search-state" });
  const list = el("ul", { className: "found", "data-testid": "search-results", "aria-label": t("search_found") });
  const use = (result, text) => {
    closeSheet();
    insert(quoteOf(result, text));
  };
  openSheet({ name: "search", title: t("search_title"), wide: true,
    body: [input, el("p", { className: "quiet" }, t(canInsert ? "search_hint" : "search_read")), state, list] });
  let timer = 0;
  let round = 0;
  const search = async () => {
    const mine = (round += 1);
    const q = input.value.trim();
    if (!q) return void showFound(list, state, []);
    const found = await searchArticles(q, lang).catch((error) => error);
    if (mine !== round) return;
    if (found instanceof Error) setText(state, found.message);
    else showFound(list, state, found.results, canInsert && use);
  };
  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(search, AFTER_MS);
  });
  list.parentElement.addEventListener("keydown", (event) => move(event, input, list));
  input.focus();
}

function showFound(list, state, results, use) {
  setText(state, results ? t("search_count", { n: results.length }) : "");
  list.replaceChildren(...results.map((result) => el("li", {},
    el("h3", {}, linkOrText(result.url, result.title || result.article_id),
      isInternal(result) && el("span", { className: "internal", "data-testid": "search-internal" }, t("articles_only"))),
    ...(result.passages ?? []).map((passage) => passageNode(result, plainText(passage.text), use)))));
}

// What is for operators only can be read and copied; it is no button, so that no key puts it in.
function passageNode(result, text, use) {
  if (isInternal(result)) {
    return el("p", { className: "passage internal-text", "data-testid": "search-internal-passage", tabIndex: 0 }, text);
  }
  return el("button", { type: "button", className: "passage", "data-testid": "search-passage", disabled: !use,
    onclick: () => use(result, text) }, text);
}

const isInternal = ({ audience }) => audience === "operator";

function quoteOf({ title, article_id: id, url }, text) {
  return t("quote", { text: innerQuotes(text), title: title || id }) + (isWebAddress(url) ? `\n${url}` : "");
}

// Quotes within a quote are of the other kind, in either language.
function innerQuotes(text) {
  const [open, close] = language === "ru" ? ["„", "“"] : ["‘", "’"];
  return text.replace(/«([^«»]*)»|“([^“”]*)”/g, `${open}$1$2${close}`);
}

function move(event, input, list) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const isEnter = event.key === "Enter" && event.target === input;
  if (!step && !isEnter) return;
  event.preventDefault();
  const passages = [...list.querySelectorAll(".passage:enabled")];
  if (isEnter) return void passages[0]?.click();
  const place = passages.indexOf(document.activeElement) + step;
  if (place < 0) input.focus();
  else passages[place]?.focus();
}
