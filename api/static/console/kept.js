// What the page keeps in the browser: drafts for the tab, choices for the next visit.

import { operator } from "./server.js";

function using(storage, use) {
  try {
    return use(storage());
  } catch {
    return undefined; // storage may be closed to the page: then nothing outlives it
  }
}

const tab = (use) => using(() => sessionStorage, use);
const browser = (use) => using(() => localStorage, use);
const EMPTY = { text: "", hint: null, hintText: "", blanks: [], last: null };

// What was typed and not sent, by operator and dialog: the text, the hint it came from, its
// blanks, and under which id it was sent while nobody knows whether it went.
export const drafts = {
  key: (id) => `souffleur:draft:${operator?.id}:${id}`,
  read(id) {
    const kept = tab((storage) => JSON.parse(storage.getItem(drafts.key(id))));
    return { ...EMPTY, ...kept };
  },
  write(id, draft) {
    tab((storage) => draft.text
      ? storage.setItem(drafts.key(id), JSON.stringify(draft))
      : storage.removeItem(drafts.key(id)));
  },
};

// On leaving for good nothing of the customers stays in the tab.
export function forgetTab() {
  tab((storage) => Object.keys(storage).filter((key) => key.startsWith("souffleur:"))
    .forEach((key) => storage.removeItem(key)));
}

// How far this operator has read each dialog: id -> {at: time of the last message that was looked at,
// unread: what the server counted then}.
export const seenUpTo = {
  key: () => `souffleur:seen:${operator?.id}`,
  read: (id) => (tab((storage) => JSON.parse(storage.getItem(seenUpTo.key()))) ?? {})[id] ?? { at: "", unread: 0 },
  write(id, seen) {
    const kept = tab((storage) => JSON.parse(storage.getItem(seenUpTo.key()))) ?? {};
    tab((storage) => storage.setItem(seenUpTo.key(), JSON.stringify({ ...kept, [id]: seen })));
  },
};

// Dialogs in which a customer wrote what this operator has not looked at: id -> how many messages.
export const unread = {
  all: () => tab((storage) => JSON.parse(storage.getItem("souffleur:unread"))) ?? {},
  change(id, count) {
    const kept = unread.all();
    if (count) kept[id] = count;
    else delete kept[id];
    tab((storage) => storage.setItem("souffleur:unread", JSON.stringify(kept)));
  },
};

export const choices = {
  read: (name) => browser((storage) => storage.getItem(`souffleur:${name}`)) ?? null,
  write: (name, value) => browser((storage) => storage.setItem(`souffleur:${name}`, value)),
};
