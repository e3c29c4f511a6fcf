// What happens, as it happens: the stream of events, resumed after every break.

const AGAIN_MS = 5000;
const TYPES = ["message.created", "handoff.requested", "dialog.taken", "dialog.released", "dialog.transferred",
  "dialog.resolved", "dialog.reopened", "dialog.deleted", "customer.deleted", "csat.received", "sla.breached",
  "ticket.updated", "priority.raised", "note.added", "verdict.given", "verdict.taken_back", "typing", "reset"];

export class Live {
  // `heard(type, event)` for each event, `turned(isLive)` when the stream breaks and when it is back.
  constructor({ heard, turned }) {
    Object.assign(this, { heard, turned });
    this.isLive = false;
    this.last = "";
    this.open();
  }

  open() {
    // The browser comes back by itself, with Last-Event-ID, where only the line broke.
    const query = this.last ? `?last_event_id=${this.last}` : "";
    this.source = new EventSource(`/v1/events${query}`);
    this.source.onopen = () => this.turn(true);
    this.source.onerror = () => this.broke();
    for (const type of TYPES) {
      this.source.addEventListener(type, (event) => {
        if (event.lastEventId) this.last = event.lastEventId;
        this.heard(type, JSON.parse(event.data));
      });
    }
  }

  broke() {
    this.turn(false);
    if (this.source.readyState !== EventSource.CLOSED) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.open(), AGAIN_MS);
  }

  turn(isLive) {
    this.isLive = isLive;
    this.turned(isLive);
  }

  stop() {
    clearTimeout(this.timer);
    this.source.close();
    this.source.onerror = null;
  }
}
