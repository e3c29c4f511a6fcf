// The demo shop: texts in the chosen language, a cart that only counts, and the chat.
// This module runs before the widget's, so the widget starts in the right language.

const parameters = new URLSearchParams(location.search);
const language = parameters.get("lang") === "en" ? "en" : "ru";
const chat = document.querySelector("souffleur-chat");
const added = document.querySelector("#added");
let inCart = 0;

document.documentElement.lang = language;
chat.setAttribute("locale", language);
// A server with keys gives the page its widget key in the address: /?key=...
if (parameters.get("key")) chat.setAttribute("key", parameters.get("key"));

for (const choice of document.querySelectorAll("[data-language]")) {
  const address = new URL(location.href);
  address.searchParams.set("lang", choice.dataset.language);
  choice.href = address.pathname + address.search;
  if (choice.dataset.language === language) choice.setAttribute("aria-current", "true");
}

document.querySelector("#ask").addEventListener("click", () => chat.setAttribute("open", ""));

function element(tag, className, text) {
  const node = document.createElement(tag);
  node.className = className;
  node.textContent = text;
  return node;
}

function fillIn(text, values) {
  return text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

function showCart(texts) {
  document.querySelector("#cart").textContent = fillIn(texts.cart, { n: inCart });
}

function fillCard(card, texts) {
  const product = card.dataset.product;
  const name = texts[`${product}_name`];
  const add = element("button", "button plain", texts.add);
  add.type = "button";
  add.setAttribute("aria-label", `${texts.add}: ${name}`);
  add.addEventListener("click", () => {
    inCart += 1;
    showCart(texts);
    added.textContent = fillIn(texts.added, { name, n: inCart });
  });
  const bottom = element("div", "buy", "");
  bottom.append(element("strong", "price", texts[`${product}_price`]), add);
  card.append(
    element("h3", "", name),
    element("p", "note", texts[`${product}_note`]),
    bottom,
  );
}

async function showTexts() {
  const response = await fetch(`/v1/texts/demo?locale=${language}`);
  if (!response.ok) throw new Error(`texts: ${response.status}`);
  const { texts } = await response.json();
  document.title = texts.title;
  for (const node of document.querySelectorAll("[data-text]")) {
    node.textContent = texts[node.dataset.text] ?? "";
  }
  for (const node of document.querySelectorAll("[data-label]")) {
    node.setAttribute("aria-label", texts[node.dataset.label] ?? "");
  }
  document.querySelectorAll("[data-product]").forEach((card) => fillCard(card, texts));
  showCart(texts);
  document.documentElement.classList.add("ready");
}

async function start(attempt = 1) {
  try {
    await showTexts();
  } catch {
    setTimeout(() => start(attempt + 1), Math.min(attempt * 2000, 10000));
  }
}

start();
