// Who is signed in, and the calls to the server on their behalf.

import { language, t } from "./texts.js";

const SIGNED_IN = "souffleur:signed-in"; // that there may be a session; the cookie is not for scripts
const PAGES_AT_MOST = 3;
const PAGE = 200;

export let operator = null; // {id, name}
let csrf = "";

export class Refused extends Error {
  constructor(status, detail, code) {
    super(detail || t("error"));
    this.status = status; // 0: the server did not answer
    this.code = code;
  }
}

// The response, or Refused. `accept` asks for a stream.
async function request(method, path, body, { keepalive = false, signal, accept } = {}) {
  const headers = { "Accept-Language": language };
  if (body) headers["Content-Type"] = "application/json";
  if (accept) headers.Accept = accept;
  if (csrf && method !== "GET") headers["X-CSRF-Token"] = csrf;
  const patience = keepalive ? undefined : AbortSignal.timeout(20000);
  const response = await fetch(path, { method, headers, keepalive, signal: signal ?? patience,
    credentials: "same-origin", body: body && JSON.stringify(body) }).catch(() => null);
  if (response?.ok) return response;
  const data = await response?.json().catch(() => null);
  throw new Refused(response?.status ?? 0, t(`error_${data?.code}`) || data?.detail, data?.code);
}

async function call(method, path, body, options) {
  const response = await request(method, path, body, options);
  if (response.status === 204) return null;
  return response.json().catch(() => {
    throw new Refused(0);
  });
}

function remember(session) {
  operator = session && { id: session.operator_id, name: session.name };
  csrf = session?.csrf_token ?? "";
  try {
    if (session) localStorage.setItem(SIGNED_IN, "1");
    else localStorage.removeItem(SIGNED_IN);
  } catch {
    // Without storage the next page asks to sign in again.
  }
}

// The name of the one whose session ended by itself, for the next sign-in.
export let lastName = "";

export async function signIn(name, key) {
  remember(await call("POST", "/v1/sessions", key ? { name, key } : { name }));
  await stayOnline();
}

// Goes on with the session of this browser, if there is one.
export async function resumeSession() {
  try {
    if (!localStorage.getItem(SIGNED_IN)) return;
  } catch {
    return;
  }
  try {
    remember(await call("GET", "/v1/sessions/current"));
  } catch (error) {
    if (error.status !== 401) throw error;
    remember(null);
  }
}

// Says that somebody is here: it renews the session, which reading alone does not.
export const renewSession = () => call("GET", "/v1/sessions/current");

export function forgetSession() {
  lastName = operator?.name ?? "";
  remember(null);
}

export async function signOut() {
  await leave();
  lastName = "";
  const ended = call("DELETE", "/v1/sessions/current", undefined, { keepalive: true });
  remember(null);
  await ended.catch(() => {});
}

const dialogPath = (id, rest = "") => `/v1/dialogs/${encodeURIComponent(id)}${rest}`;
const presence = (online, options) =>
  call("PUT", `/v1/operators/${encodeURIComponent(operator.id)}/presence`, { name: operator.name, online }, options);
const asOperator = (fields = {}) => ({ ...fields, operator_id: operator.id, operator_name: operator.name });

export const stayOnline = () => presence(true);

// Sent while the page goes away, so nobody waits for the answer.
export const leave = () => presence(false, { keepalive: true }).catch(() => {});

export async function listDialogs(fields) {
  const dialogs = [];
  let cursor = null;
  for (let page = 0; page < PAGES_AT_MOST; page += 1) {
    const query = new URLSearchParams({ ...fields, limit: PAGE, ...(cursor && { cursor }) });
    const answer = await call("GET", `/v1/dialogs?${query}`);
    dialogs.push(...answer.dialogs);
    cursor = answer.next_cursor;
    if (!cursor) break;
  }
  return { dialogs, more: Boolean(cursor) };
}

export const readDialog = (id, after) => call("GET", dialogPath(id, `?after=${after}`));
export const changeOwner = (id, action) => call("POST", dialogPath(id, `/${action}`), asOperator());
export const sendAnswer = (id, message) => call("POST", dialogPath(id, "/operator-messages"), asOperator(message));
export const transfer = (id, to) => call("POST", dialogPath(id, "/transfer"), asOperator(to));
export const addNote = (id, text) => call("POST", dialogPath(id, "/notes"), asOperator({ text }));
export const sayTyping = (id) => call("POST", dialogPath(id, "/typing"), asOperator());
export const listOperators = () => call("GET", "/v1/operators");

export const judgeWrong = (id, message, reason) =>
  call("POST", dialogPath(id, "/verdicts"),
    { message_id: message, right: false, reason: reason || undefined, operator_id: operator.id });
export const takeBackVerdict = (id, verdict) => call("DELETE", dialogPath(id, `/verdicts/${verdict}`));

export const openTicket = (id, fields) => call("POST", dialogPath(id, "/ticket"), asOperator(fields));
export const changeTicket = (ticket, fields) =>
  call("PATCH", `/v1/tickets/${encodeURIComponent(ticket)}`, { ...fields, operator_id: operator.id });

export const reviewDraft = (fields) => call("POST", "/v1/hints/review", { ...fields, locale: language });
export const searchArticles = (q, lang) =>
  call("GET", `/v1/kb/search?${new URLSearchParams({ q, limit: 8, ...(lang && { lang }) })}`);

// Hints as they are made: `hear(event, data)` for each event of the stream, until it ends.
export async function streamHints(id, hear, signal) {
  const response = await request("POST", "/v1/hints", { dialog_id: id, locale: language }, { accept: "text/event-stream", signal });
  if (!response.headers.get("Content-Type")?.startsWith("text/event-stream")) {
    hear("final", await response.json());
    return;
  }
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let kept = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const blocks = (kept + value).replaceAll("\r\n", "\n").split("\n\n");
    kept = blocks.pop();
    blocks.forEach((block) => hearBlock(block, hear));
  }
}

function hearBlock(block, hear) {
  const lines = block.split("\n");
  const name = lines.find((line) => line.startsWith("event:"))?.slice(6).trim();
  const data = lines.filter((line) => line.startsWith("data:")).map((line) => line.slice(5)).join("\n");
  if (name && data) hear(name, JSON.parse(data));
}

// An id of this page's own: a message that is sent again under it is said once.
export function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return `o-${[...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}
