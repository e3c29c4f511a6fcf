// Whether somebody is at the page: then the session lasts, which reading alone does not renew.

import { renewSession } from "./server.js";

export const AFTER_INPUT_MS = 60000;
export const WHILE_SEEN_MS = 10 * 60000;

// Returns a work for the rounds: renews at most once a minute after a real key or press, and every ten
// minutes while the page is seen (who waits at a quiet desk must hear the next customer). Behind other
// tabs, minimised or under a locked screen the page renews nothing.
export function watchForPeople({ renew = renewSession, now = () => Date.now(), page = document, window = globalThis } = {}) {
  let renewed = now();
  let touched = 0;
  for (const name of ["pointerdown", "keydown"]) {
    window.addEventListener(name, (event) => {
      if (event.isTrusted) touched = now();
    }, { capture: true });
  }
  return async () => {
    const age = now() - renewed;
    const isDue = (touched > renewed && age >= AFTER_INPUT_MS) || (!page.hidden && age >= WHILE_SEEN_MS);
    if (!isDue) return;
    await renew();
    renewed = now();
  };
}
