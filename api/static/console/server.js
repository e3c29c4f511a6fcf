// Who is signed in, and the calls to the server on their behalf.

import { language, t } from "./texts.js";

const SESSION = "souffleur:operator";
const PAGES_AT_MOST = 5;

export let operator = read();

export class Refused extends Error {
  constructor(status, detail) {
    super(detail || t("error"));
    this.status = status; // 0: the server did not answer
  }
}

function read() {
  try {
    return JSON.parse(sessionStorage.getItem(SESSION));
  } catch {
    return null;
  }
}

// The same name is the same operator on every computer, so that a dialog taken on one can be
// answered on another. The id is a plain hash (FNV-1a, twice 32 bits): names may hold anything.
function operatorId(name) {
  const plain = name.trim().toLowerCase().replace(/\s+/g, " ");
  const hash = (seed) => {
    let value = seed;
    for (const byte of new TextEncoder().encode(plain)) value = Math.imul(value ^ byte, 16777619) >>> 0;
    return value.toString(16).padStart(8, "0");
  };
  return `op-${hash(2166136261)}${hash(0x9747b28c)}`;
}

async function call(method, path, body, { keepalive = false, as = operator } = {}) {
  const headers = { "Accept-Language": language };
  if (body) headers["Content-Type"] = "application/json";
  if (as?.key) headers.Authorization = `Bearer ${as.key}`;
  const signal = keepalive ? undefined : AbortSignal.timeout(20000);
  const options = { method, headers, body: body && JSON.stringify(body), keepalive, signal };
  const response = await fetch(path, options).catch(() => null);
  const data = await response?.json().catch(() => null);
  if (!response?.ok) throw new Refused(response?.status ?? 0, t(`error_${data?.code}`) || data?.detail);
  return data;
}

const dialogPath = (id) => `/v1/dialogs/${encodeURIComponent(id)}`;
const presencePath = (id) => `/v1/operators/${encodeURIComponent(id)}/presence`;

export async function signIn(name, key) {
  const candidate = { id: operatorId(name), name, key };
  await call("PUT", presencePath(candidate.id), { name, online: true }, { as: candidate });
  operator = candidate;
  try {
    sessionStorage.setItem(SESSION, JSON.stringify(operator));
  } catch {
    // Signed in until the page is left.
  }
}

export function signOut() {
  if (operator) leave();
  operator = null;
  try {
    sessionStorage.removeItem(SESSION);
  } catch {
    // Nothing was kept.
  }
}

export function stayOnline() {
  return call("PUT", presencePath(operator.id), { name: operator.name, online: true });
}

// Sent while the page goes away, so nobody waits for the answer.
export function leave() {
  call("PUT", presencePath(operator.id), { name: operator.name, online: false }, { keepalive: true })
    .catch(() => {});
}

export async function listDialogs(owner) {
  const dialogs = [];
  let cursor = null;
  for (let page = 0; page < PAGES_AT_MOST; page += 1) {
    const query = new URLSearchParams(cursor ? { owner, cursor } : { owner });
    const answer = await call("GET", `/v1/dialogs?${query}`);
    dialogs.push(...answer.dialogs);
    cursor = answer.next_cursor;
    if (!cursor) break;
  }
  return { dialogs, more: Boolean(cursor) };
}

export const readDialog = (id, after) => call("GET", `${dialogPath(id)}?after=${after}`);

export const changeOwner = (id, action) =>
  call("POST", `${dialogPath(id)}/${action}`, { operator_id: operator.id, operator_name: operator.name });

export const sendAnswer = (id, text) =>
  call("POST", `${dialogPath(id)}/operator-messages`, {
    text,
    operator_id: operator.id,
    operator_name: operator.name,
  });
