// Work that is done again and again: at its pace, at once, or soon; never twice at a time.

import { t } from "./texts.js";

export class Rounds {
  // `refused()` when the server knows the operator no longer, `problem(text)` what is wrong now.
  constructor({ refused, problem }) {
    Object.assign(this, { refused, problem });
    this.works = new Map();
    this.problems = {};
  }

  keep(name, pause, work) {
    this.end(name);
    this.works.set(name, { pause, work, timer: 0, due: 0, isBusy: false, isWanted: false });
    this.now(name);
  }

  now(name) {
    const one = this.works.get(name);
    if (!one) return;
    one.isWanted = true;
    if (!one.isBusy) this.step(name, one);
  }

  // Within `ms`; asked again meanwhile, it is still done once.
  soon(name, ms) {
    const one = this.works.get(name);
    if (!one || (one.timer && one.due <= Date.now() + ms)) return;
    this.plan(name, one, ms);
  }

  plan(name, one, ms) {
    clearTimeout(one.timer);
    one.due = Date.now() + ms;
    one.timer = setTimeout(() => this.now(name), ms);
  }

  async step(name, one) {
    clearTimeout(one.timer);
    Object.assign(one, { timer: 0, isBusy: true, isWanted: false });
    let text = "";
    try {
      await one.work();
    } catch (error) {
      if (this.works.get(name) !== one) return;
      if (error.status === 401) return void this.refused();
      if (error.status === undefined) console.error(error);
      text = error.status === 0 ? t("offline") : error.message;
    }
    one.isBusy = false;
    if (this.works.get(name) !== one) return;
    this.problems[name] = text;
    this.problem(Object.values(this.problems).find(Boolean) ?? "");
    if (one.isWanted) this.step(name, one);
    else this.plan(name, one, Math.min(one.pause(), one.timer ? Math.max(0, one.due - Date.now()) : Infinity));
  }

  end(name) {
    clearTimeout(this.works.get(name)?.timer);
    this.works.delete(name);
    delete this.problems[name];
  }

  stop() {
    for (const name of [...this.works.keys()]) this.end(name);
  }
}
