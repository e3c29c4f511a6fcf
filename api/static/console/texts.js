// The words of the console, in the operator's language, from the server.

let texts = {};
export let language = "ru";

export function chosenLanguage() {
  const asked = new URLSearchParams(location.search).get("lang");
  let kept = null;
  try {
    kept = localStorage.getItem("souffleur:console-language");
  } catch {
    // Storage may be closed to the page.
  }
  return [asked, kept, navigator.language.slice(0, 2)].find((code) => code === "ru" || code === "en") ?? "ru";
}

export async function loadTexts(code) {
  const response = await fetch(`/v1/texts/console?locale=${code}`);
  if (!response.ok) throw new Error(`texts: ${response.status}`);
  ({ texts } = await response.json());
  language = code;
  document.documentElement.lang = code;
  document.title = t("title");
  try {
    localStorage.setItem("souffleur:console-language", code);
  } catch {
    // The choice lasts until the page is left.
  }
}

// The text under `key` with its {placeholders} filled in; empty if there is none.
export function t(key, values = {}) {
  return (texts[key] ?? "").replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

// The text under `key`, or the raw value where the server knows one this page does not.
export function named(prefix, value) {
  return value ? t(`${prefix}_${value}`) || String(value) : "";
}

export function waitingTime(since) {
  const minutes = Math.max(0, Math.floor((Date.now() - Date.parse(since)) / 60000)) || 0;
  const hours = Math.floor(minutes / 60);
  if (minutes < 1) return t("wait_now");
  if (hours < 1) return t("wait_minutes", { n: minutes });
  if (hours < 24) return t("wait_hours", { h: hours, n: minutes % 60 });
  return t("wait_days", { d: Math.floor(hours / 24), h: hours % 24 });
}

export function clock(moment) {
  const date = new Date(moment);
  if (Number.isNaN(date.getTime())) return "";
  const sameDay = date.toDateString() === new Date().toDateString();
  const time = { hour: "2-digit", minute: "2-digit" };
  return date.toLocaleString(language, sameDay ? time : { day: "numeric", month: "short", ...time });
}

// The day of a moment, as a line between messages.
export function day(moment) {
  const date = new Date(moment);
  if (Number.isNaN(date.getTime())) return "";
  const today = new Date();
  if (date.toDateString() === today.toDateString()) return t("day_today");
  const year = date.getFullYear() === today.getFullYear() ? {} : { year: "numeric" };
  return date.toLocaleDateString(language, { day: "numeric", month: "long", ...year });
}

export const nameOf = (customer) => customer?.name || customer?.id || t("customer_unknown");
