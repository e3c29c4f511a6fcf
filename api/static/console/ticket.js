// The sheet of a ticket: open one with a term, or change status, term and note.

import { el } from "./elements.js";
import { changeTicket, openTicket } from "./server.js";
import { labelled, openSheet } from "./sheet.js";
import { named, t } from "./texts.js";

// To which statuses a ticket may go from each (assistant/tickets.py has the same table).
const MOVES = {
  open: ["open", "in_progress", "waiting_customer", "solved", "closed"],
  in_progress: ["in_progress", "open", "waiting_customer", "solved", "closed"],
  waiting_customer: ["waiting_customer", "open", "in_progress", "solved", "closed"],
  solved: ["solved", "in_progress", "closed"],
};

export function openTicketSheet(id, ticket, done) {
  if (ticket && MOVES[ticket.status]) openChange(ticket, done);
  else openNew(id, done);
}

function openNew(id, done) {
  const subject = el("input", { maxLength: 200, "data-testid": "ticket-subject" });
  const until = el("input", { type: "datetime-local", "data-testid": "ticket-until" });
  openSheet({
    name: "ticket",
    title: t("ticket_new"),
    body: [labelled(t("ticket_subject"), subject, t("ticket_subject_hint")),
      labelled(t("ticket_until"), until, termHint())],
    submitText: t("ticket_open"),
    submit: async () => {
      const moment = momentOf(until);
      await openTicket(id, {
        ...(subject.value.trim() && { subject: subject.value.trim() }),
        ...(moment && { expected_at: moment }),
      });
      done();
    },
  });
  subject.focus();
}

function openChange(ticket, done) {
  const status = el("select", { "data-testid": "ticket-status" }, ...MOVES[ticket.status].map((value) =>
    el("option", { value }, named("ticket_status", value))));
  const until = el("input", { type: "datetime-local", "data-testid": "ticket-until" });
  const before = ticket.expected_at ? localOf(ticket.expected_at) : "";
  until.value = before;
  const note = el("textarea", { rows: 3, maxLength: 4000, "data-testid": "ticket-note" });
  openSheet({
    name: "ticket",
    title: t("ticket_named", { number: ticket.number }),
    body: [labelled(t("ticket_status"), status), labelled(t("ticket_until"), until, termHint()),
      labelled(t("ticket_note"), note, t("note_hint"))],
    submitText: t("ticket_save"),
    submit: async () => {
      await changeTicket(ticket.ticket_id, {
        ...(status.value !== ticket.status && { status: status.value }),
        ...(until.value !== before && { expected_at: momentOf(until) }),
        ...(note.value.trim() && { note: note.value.trim() }),
      });
      done();
    },
  });
  status.focus();
}

// Which zone the field is in, named with what it is off from UTC.
function termHint() {
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
  const off = new Intl.DateTimeFormat("en", { timeZoneName: "longOffset" }).formatToParts()
    .find(({ type }) => type === "timeZoneName").value.replace("GMT", "UTC");
  return `${t("ticket_until_hint")} ${t("zone_hint", { zone: `${timeZone} (${off})` })}`;
}

// The field has the operator's own time; the server gets a moment.
const momentOf = (field) => (field.value ? new Date(field.value).toISOString() : null);

function localOf(moment) {
  const date = new Date(moment);
  return new Date(date.getTime() - date.getTimezoneOffset() * 60000).toISOString().slice(0, 16);
}
