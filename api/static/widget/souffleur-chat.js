// <souffleur-chat>: the customer's side of Souffleur. One file, no dependency, no build.
// Attributes: server (default: this origin), key, locale (default: the document's language),
// customer-id, customer-name, open. DOM events: souffleur:message, souffleur:handoff.
// All words come from GET /v1/texts/widget. No text is parsed as HTML.

const MAX_LENGTH = 4000;

const sheet = new CSSStyleSheet();
sheet.replaceSync(`
:host {
	all: initial; color-scheme: light dark; color: var(--ink); font: 15px/1.45 system-ui, sans-serif;
	--bg: #fff; --soft: #f1f4f3; --line: #d5dcd9; --ink: #1c2624; --dim: #52605c; --link: #0b5a4c;
	--bad: #a8231b; --human: #fff3d9; --main: var(--souffleur-accent, #0b6152);
}
@media (prefers-color-scheme: dark) { :host {
	--bg: #171d1c; --soft: #232c2a; --line: #3d4a47; --ink: #e8eeec; --dim: #a9b8b3; --link: #7fd6c2;
	--bad: #ff9c92; --human: #3b3117;
} }
* { box-sizing: border-box; margin: 0; font: inherit; }
[hidden], .error:empty, .hint:empty { display: none !important; }
a { color: var(--link); }
button, dialog, .input { border: 1px solid var(--line); background: var(--bg); color: var(--ink); }
button { border-radius: 8px; padding: 6px 12px; }
button, summary { cursor: pointer; }
[aria-disabled=true] { color: var(--dim); cursor: default; }
:focus-visible { outline: 2px solid var(--link); outline-offset: -2px; }
.launcher, .send, .top, .close, .msg.customer { background: var(--main); color: #fff; border-color: transparent; }
:is(.launcher, .send, .close):focus-visible { outline: 2px solid #fff; outline-offset: -4px; }
.launcher, dialog {
	position: fixed; inset: auto 20px 20px auto; z-index: 2147483000; box-shadow: 0 4px 18px #0005;
}
.launcher { padding: 13px 20px; border-radius: 26px; font-weight: 600; }
.badge { margin-left: 8px; padding: 0 6px; border-radius: 10px; background: #fff; color: #a8231b; }
dialog {
	flex-direction: column; width: 390px; height: min(640px, 100vh - 40px); max-width: none; max-height: none;
	padding: 0; overflow: hidden; border-radius: 14px;
}
dialog[open] { display: flex; }
.top, .bar, .form, .quick, .log { display: flex; gap: 8px; }
.top, .bar { align-items: center; justify-content: space-between; }
.top, .about, .bar, .log, .typing, .list, .error, .form, .hint { padding: 8px 14px; }
.about, .bar, .list, .error, .who, .note, .cite, .fail, .typing, .hint { font-size: 13px; }
.who, .note, .cite, .fail, .typing, .hint, .empty { color: var(--dim); }
.title, .who { font-weight: 600; }
.close { font-size: 22px; line-height: 1; }
.about, .msg { background: var(--soft); }
.log, .note, .list, .form { border-top: 1px solid var(--line); }
.handoff, .send { flex: none; min-height: 44px; }
.form { align-items: end; }
::placeholder { color: var(--dim); opacity: 1; }
.log { flex: 1; min-height: 60px; overflow-y: auto; flex-direction: column; gap: 12px; }
.msg { max-width: 88%; align-self: start; padding: 8px 12px; border-radius: 12px; overflow-wrap: anywhere; }
.msg.customer { align-self: end; }
.customer * { color: inherit; background: none; border-color: currentColor; }
.human { background: var(--human); border-left: 3px solid #b07800; }
.text, blockquote { white-space: pre-wrap; }
.note, .cite, .quick, .fail { margin-top: 6px; }
.quick { flex-wrap: wrap; }
.list { max-height: 30%; overflow-y: auto; }
ul { padding: 0; list-style: none; }
.error { color: var(--bad); }
.input {
	flex: 1; min-width: 0; min-height: 44px; max-height: 140px; resize: none; field-sizing: content;
	padding: 9px; font-size: 16px; border-color: var(--dim); border-radius: 8px;
}
@media (max-width: 480px) { dialog { inset: 0; width: 100%; height: 100dvh; border: 0; border-radius: 0; } }
@media (prefers-reduced-motion: no-preference) {
	.typing { animation: breathe 1s infinite alternate; }
	@keyframes breathe { to { opacity: .6 } }
}
`);

function el(tag, props, ...children) {
	const node = document.createElement(tag);
	for (const [name, value] of Object.entries(props)) {
		name in node ? (node[name] = value) : node.setAttribute(name, value);
	}
	node.append(...children.filter(Boolean));
	return node;
}

const part = (name, tag, props, ...children) =>
	el(tag, { className: name, "data-testid": name, ...props }, ...children);

// A link for an absolute http(s) address, else false.
const link = (address, label) => /^https?:\/\/[^\s/]/i.test(address) &&
	el("a", { href: address, target: "_blank", rel: "noopener noreferrer" }, label);

// Text as nodes, addresses as links.
function rich(text) {
	const nodes = [];
	let end = 0;
	for (const { 0: found, index } of text.matchAll(/https?:\/\/[^\s<>"«»]+/gi)) {
		const address = found.replace(/[.,;:!?)\]}']+$/, "");
		nodes.push(text.slice(end, index), link(address, address) || address);
		end = index + address.length;
	}
	return [...nodes, text.slice(end)];
}

// randomUUID is for secure pages only.
const newId = () => crypto.randomUUID?.() ?? crypto.getRandomValues(new Uint32Array(4)).join("-");

function createChat(host) {
	let texts, bot;
	let saved = {}; // what survives a reload: dialog, token, draft, outbox, seen
	let owner, operator, handoff;
	let newest; // seq of the newest message read from the server
	let incoming; // messages on show that are not the customer's
	let loose; // texts of replies shown at once, not met among the server's messages yet
	let ready; // the stored dialog has been read
	let posts = 0; // requests under way that change the dialog
	let flushing, calling, typed, listed, rated;
	let quiet = 0; // until then nobody is told that the customer types
	let atEnd = true; // the log is scrolled to its end, and stays so
	const timers = {};
	const own = new Map(); // the customer's messages by id
	const underway = new Map(); // what is being sent, by id: settles when it is answered

	const attr = (name) => host.getAttribute(name) || undefined;
	const dialogPath = () => `/v1/dialogs/${encodeURIComponent(saved.dialog)}`;
	const customer = () => ({ id: attr("customer-id"), name: attr("customer-name"), anonymous_id: visitor() });
	const isOpen = () => host.hasAttribute("open");
	const called = () => ["waiting", "human"].includes(owner);
	const server = () => (attr("server") || location.origin).replace(/\/+$/, "");
	const locale = () => (attr("locale") || document.documentElement.lang || "ru").slice(0, 2);
	const storageKey = () => `souffleur:${server()}:${attr("customer-id") || ""}`;
	const t = (key, values = {}) =>
		(texts?.[key] || "").replace(/\{(\w+)\}/g, (all, name) => values[name] ?? all);

	const hide = () => host.removeAttribute("open");
	const action = (name, onclick) => part(name, "button", { onclick });
	const ui = {
		launcher: action("launcher", () => host.setAttribute("open", "")),
		title: part("title", "h2", { id: "title" }),
		close: action("close", hide),
		about: part("about", "p", { "data-testid": "disclosure" }),
		state: part("state", "span", { role: "status" }),
		handoff: action("handoff", callHuman),
		log: part("log", "div", { role: "log", "aria-live": "polite", tabIndex: 0 }),
		typing: part("typing", "p", { hidden: true }),
		list: part("list", "section", { "data-testid": "suggestions", hidden: true }),
		error: part("error", "p", { role: "alert" }),
		input: part("input", "textarea", { rows: 1, maxLength: MAX_LENGTH, oninput, onkeydown,
			"aria-describedby": "hint" }),
		send: action("send", submit),
		hint: part("hint", "p", { id: "hint" }),
	};
	ui.panel = part("panel", "dialog", { role: "dialog", "aria-labelledby": "title" },
		part("top", "div", {}, ui.title, ui.close), ui.about, part("bar", "div", {}, ui.state, ui.handoff),
		ui.log, ui.typing, ui.list, ui.error, part("form", "div", {}, ui.input, ui.send), ui.hint);
	ui.log.onscroll = () => {
		atEnd = ui.log.scrollHeight - ui.log.scrollTop - ui.log.clientHeight < 60;
	};
	new ResizeObserver(keepEnd).observe(ui.log);
	ui.panel.onclose = hide;
	ui.panel.onkeydown = ({ key }) => { if (key === "Escape") hide(); };
	const root = host.attachShadow({ mode: "open" });
	root.adoptedStyleSheets = [sheet];
	root.append(ui.launcher, ui.panel);

	function load() {
		try {
			return JSON.parse(localStorage.getItem(storageKey()));
		} catch {} // no storage: a reload forgets the chat
	}

	function save() {
		try {
			localStorage.setItem(storageKey(), JSON.stringify(saved));
		} catch {}
	}

	// By this id the service knows whose dialogs were whose once the visitor signs in.
	function visitor() {
		try {
			return localStorage["souffleur:visitor"] ||= newId();
		} catch {}
	}

	// An answer that comes after `start` has begun anew (another customer) never settles.
	// `kept`: told of the ids as soon as the service has the message, long before the answer.
	async function request(path, body, signal, kept) {
		const mine = saved;
		const key = attr("key");
		const headers = { "Accept-Language": locale() };
		if (body) headers["Content-Type"] = "application/json";
		if (key) headers.Authorization = `Bearer ${key}`;
		if (saved.token && !signal) headers["X-Dialog-Token"] = saved.token;
		if (kept) headers.Accept = "text/event-stream";
		posts += !!body;
		signal ||= AbortSignal.timeout(60000);
		const sent = body && { method: "POST", body: JSON.stringify(body) };
		const response = await fetch(server() + path, { headers, signal, credentials: "omit", ...sent }).catch(() => null);
		const streamed = kept && response?.headers.get("Content-Type")?.startsWith("text/event-stream");
		const data = await (streamed
			? import("./souffleur-stream.js").then(({ readStream }) => readStream(response.body, kept))
			: response?.json())?.catch(() => null);
		if (mine !== saved) return new Promise(() => {});
		posts -= !!body;
		if (response?.ok && data && !data.problem) return data;
		const { code, status } = data?.problem || data || {};
		throw {
			status: status || (response?.ok ? 503 : response?.status), // broken off
			message: t(`error_${code}`) || t(data ? "error_server" : "error"),
			wait: 1000 * response?.headers.get("Retry-After"),
		};
	}

	function fire(name, data) {
		const detail = { dialog_id: saved.dialog, ...data };
		host.dispatchEvent(new CustomEvent(`souffleur:${name}`, { detail, bubbles: true, composed: true }));
	}

	// Reads the texts and the stored dialog anew.
	async function start() {
		saved = { outbox: [], seen: 0, ...load() };
		posts = 0;
		underway.clear();
		flushing = calling = ready = false;
		stop();
		document.addEventListener("visibilitychange", wake);
		ui.launcher.hidden = true;
		try {
			const path = `/v1/texts/widget?locale=${locale()}`;
			({ texts, bot } = await request(path, null, AbortSignal.timeout(9000)));
		} catch {
			if (host.isConnected) timers.start = setTimeout(start, 10000);
			return;
		}
		for (const name of ["title", "handoff", "send"]) ui[name].textContent = t(name);
		for (const name of ["close", "log", "list", "input"]) ui[name].setAttribute("aria-label", t(name));
		ui.close.textContent = "×";
		ui.typing.textContent = t("typing", bot);
		ui.typing.hidden = true;
		ui.about.textContent = bot.disclosure;
		ui.input.placeholder = t("input");
		ui.input.value = saved.draft || "";
		ui.log.replaceChildren(part("empty", "p", {}, t("empty")));
		own.clear();
		loose = [];
		newest = incoming = 0;
		ui.error.textContent = "";
		toggle();
		follow();
		await sync();
		for (const item of saved.outbox) {
			if (own.has(item.id)) continue;
			add({ author: { kind: "customer" }, text: item.text, message_id: item.id });
			showFailed(item);
		}
	}

	function stop() {
		document.removeEventListener("visibilitychange", wake);
		Object.values(timers).forEach(clearTimeout);
		typed?.abort();
	}

	// Follows the attribute `open`. On a phone it covers the page, so it is modal there.
	function toggle(moveFocus) {
		const { panel, launcher, input } = ui;
		launcher.hidden = isOpen();
		if (isOpen() && !panel.open) {
			if (!moveFocus) panel.open = true;
			else if (matchMedia("(max-width: 480px)").matches) panel.showModal();
			else panel.show();
			if (moveFocus) input.focus();
			wake();
		} else if (!isOpen()) {
			if (panel.open) panel.close();
			if (moveFocus) launcher.focus();
		}
		if (texts) showUnread();
	}

	function showUnread() {
		if (isOpen()) saved.seen = incoming;
		save();
		const n = incoming - saved.seen;
		ui.launcher.replaceChildren(t("launcher"));
		if (n > 0) ui.launcher.append(part("badge", "span", { "data-testid": "unread" }, String(n)));
		ui.launcher.setAttribute("aria-label", t(n > 0 ? "launcher_unread" : "launcher", { n }));
	}

	// Who owns the dialog now.
	function follow(data = { owner: "bot", operator: null }) {
		owner = data.owner;
		if (data.operator !== undefined) operator = data.operator;
		if (data.handoff || owner !== "waiting") handoff = data.handoff;
		const minutes = handoff?.expected_wait_minutes;
		let key = `state_${owner}`;
		if (owner === "waiting" && handoff?.operators_online === false) key += "_offline";
		else if (owner === "waiting" && minutes) key += "_minutes";
		const text = t(key, { minutes, name: operator?.name || t("operator") });
		if (ui.state.textContent !== text) ui.state.textContent = text;
		ui.about.hidden = owner === "human";
		ui.handoff.setAttribute("aria-disabled", called());
		showUnread();
	}

	function keepEnd() {
		if (atEnd) ui.log.scrollTop = ui.log.scrollHeight;
	}

	function add({ author, text, message_id, seq, citations, quick_replies }) {
		const { kind } = author;
		if (seq && seq <= newest) return;
		newest = seq || newest;
		if (seq) for (const item of [...saved.outbox]) {
			if (item.id === message_id) item.kept = true;
			else if (item.kept && kind !== "customer") leave(item); // answered by itself
		}
		if (kind === "customer" && own.has(message_id)) return void clearFailed(message_id);
		const met = seq && kind === "bot" ? loose.indexOf(text) : -1;
		if (met >= 0) return void loose.splice(met, 1);
		const name = author.name || (kind === "bot" ? bot.name : t("operator"));
		const node = el("div", { className: `msg ${kind}`, "data-testid": "message", "data-author": kind },
			part("who", "p", {}, t(`author_${kind}`, { name })),
			part("text", "p", {}, ...rich(text)),
			...(citations || []).map(citation));
		if (kind === "bot") {
			const disclosure = author.disclosure || bot.disclosure;
			node.append(part("note", "p", { "data-testid": "message-disclosure" }, disclosure));
		}
		ui.log.querySelectorAll(".empty, .quick").forEach((old) => old.remove());
		if (quick_replies?.[0]?.id === "csat-1") {
			// Without the file a digit in the chat rates too.
			rated || import("./souffleur-survey.js").then(({ survey }) =>
				survey(node, part, t, (path, body) => request(dialogPath() + path, body), keepEnd), Boolean);
		} else if (quick_replies?.length) {
			node.append(part("quick", "div", {}, ...quick_replies.map(({ id, label }) =>
				part("quick-reply", "button", { onclick: () => (id === "handoff" ? callHuman() : post(label, true)) }, label))));
		}
		const unsent = (seq || kind !== "customer") && own.get(saved.outbox.find(({ kept }) => !kept)?.id);
		ui.log.insertBefore(node, unsent || null); // what is not sent yet stays last
		atEnd ||= !seq;
		keepEnd();
		// A long answer is read from its start.
		if (kind === "bot" && !seq) ui.log.scrollTop = Math.min(ui.log.scrollTop, node.offsetTop - ui.log.offsetTop);
		if (kind === "customer") own.set(message_id, node);
		else incoming++;
		if (kind === "bot" && !seq) loose.push(text);
		if (ready && (seq || kind !== "customer")) fire("message", { author, text });
	}

	const citation = ({ title, url, quote }) =>
		part("cite", "div", { "data-testid": "citation" }, link(url, title) || title,
			quote && el("details", {}, el("summary", {}, t("quote")), el("blockquote", {}, quote)));

	const clearFailed = (id) => own.get(id)?.querySelector(".fail")?.remove();

	function showFailed({ id }, problem, final) {
		clearFailed(id);
		own.get(id)?.append(part("fail", "p", { "data-testid": "not-sent" }, t("not_sent"), " ", problem, " ",
			!final && part("retry", "button", { onclick: flush }, t("retry"))));
		keepEnd();
	}

	function onkeydown(event) {
		if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
		event.preventDefault();
		submit();
	}

	function submit() {
		const text = ui.input.value.trim();
		if (!text) return;
		ui.input.value = "";
		oninput();
		ui.input.focus();
		post(text);
	}

	// Resolves when it is answered, or could not be sent. `ends`: nothing will follow it.
	async function post(text, ends) {
		const id = newId();
		add({ author: { kind: "customer" }, text, message_id: id });
		saved.outbox.push({ id, text, ends });
		await flush();
		await underway.get(id);
	}

	// Sends what waits, in order: the next as soon as the service has the one before, since what is
	// written in a burst is answered as one. An id goes out again until it is answered.
	async function flush() {
		const { outbox } = saved;
		save();
		if (flushing) return;
		flushing = true;
		ui.error.textContent = "";
		outbox.forEach(({ id }) => clearFailed(id));
		for (let item, goOn = true; goOn && (item = outbox.find(({ id }) => !underway.has(id)));) {
			ui.typing.hidden = called();
			goOn = await send(item);
		}
		flushing = false;
	}

	const leave = (item) => saved.outbox.splice(saved.outbox.indexOf(item), 1);

	// Whether the next one may follow.
	function send(item) {
		item.kept = false;
		return new Promise((next) => {
			const kept = (ids) => {
				item.kept = true;
				enter(ids);
				save();
				next(true);
			};
			const sending = request("/v1/messages", {
				dialog_id: saved.dialog, message_id: item.id, text: item.text, ends_turn: !!item.ends,
				locale: locale(), customer: customer(), announce: true,
			}, null, kept).then((reply) => {
				leave(item);
				clearFailed(item.id);
				accept(reply, item.text);
				return true;
			}, (error) => {
				if (gone(error)) return true;
				const refused = error.status < 500 && ![401, 408, 429].includes(error.status);
				if (refused) leave(item);
				for (const unsent of refused ? [item] : saved.outbox) showFailed(unsent, error.message, refused);
				return refused;
			}).then((goOn) => {
				underway.delete(item.id);
				ui.typing.hidden = called() || !underway.size;
				save();
				schedule(); // what was kept is answered by itself
				next(goOn);
				// Gone with its dialog: once more, in a new one.
				if (goOn && !flushing && saved.outbox.some(({ id }) => !underway.has(id))) return flush();
			});
			underway.set(item.id, sending);
		});
	}

	// The server does not know the stored dialog: the next message starts another.
	function gone({ status }) {
		if (!saved.dialog || ![403, 404].includes(status)) return false;
		delete saved.dialog;
		delete saved.token;
		follow();
		return true;
	}

	function enter({ dialog_id, dialog_token }) {
		if (dialog_id !== saved.dialog) newest = incoming = saved.seen = 0;
		saved.dialog = dialog_id;
		saved.token = dialog_token || saved.token;
	}

	function accept(reply, sent) {
		enter(reply);
		if (sent) fire("message", { author: { kind: "customer" }, text: sent });
		if (reply.reply) add(reply.reply);
		if (reply.handoff) fire("handoff", { handoff: reply.handoff });
		follow(reply);
		schedule();
	}

	async function callHuman() {
		if (called() || calling) return;
		calling = true;
		ui.error.textContent = "";
		try {
			if (!saved.dialog) await post(t("handoff_request"), true);
			if (saved.dialog && !called()) accept(await request(`${dialogPath()}/handoff`, {}));
		} catch ({ message }) {
			ui.error.textContent = message;
		}
		calling = false;
	}

	// Reads what is new in the dialog.
	async function sync() {
		const { dialog } = saved;
		let wait = 0;
		clearTimeout(timers.poll);
		ready ||= !dialog;
		if (dialog && !posts) {
			ui.log.ariaBusy = !ready;
			try {
				const data = await request(`${dialogPath()}?after=${newest}`);
				// A message sent meanwhile shows its answer first; the next round has the rest.
				if (!posts && dialog === saved.dialog) {
					rated = data.csat;
					data.messages.forEach(add);
					ready = true;
					follow(data);
				}
			} catch (error) {
				if (gone(error)) ready = true;
				else wait = error.wait || 10000;
			}
			ui.log.ariaBusy = false;
		}
		schedule(wait);
	}

	function schedule(wait = 0) {
		clearTimeout(timers.poll);
		const pace = isOpen() && !document.hidden ? 2500 : 10000;
		if (host.isConnected && (!ready || called() || saved.outbox[0])) timers.poll = setTimeout(sync, Math.max(wait, pace));
	}

	function wake() {
		if (!document.hidden && ready) sync();
	}

	function oninput() {
		const { value } = ui.input;
		const text = value.trim();
		const n = MAX_LENGTH - value.length;
		ui.hint.textContent = n > 400 ? "" : t("left", { n });
		saved.draft = value;
		save();
		if (text && saved.dialog && called() && Date.now() > quiet) {
			quiet = Date.now() + 4000;
			request(`${dialogPath()}/typing`, {}).catch(() => {}); // the next one will do
		}
		typed?.abort();
		clearTimeout(timers.typing);
		if (owner === "human" || (text.length < 8 && text.split(/\s+/).length < 3)) suggest([]);
		else timers.typing = setTimeout(() => search(text), 250);
	}

	async function search(text) {
		const { signal } = (typed = new AbortController());
		const query = new URLSearchParams({ q: text.slice(0, 300), limit: 3, locale: locale() });
		try {
			const { articles } = await request(`/v1/suggest?${query}`, null, signal);
			suggest(articles);
		} catch {} // the list stays
	}

	function suggest(articles) {
		const shown = articles.filter(({ url }) => link(url));
		const key = shown.map(({ url, title }) => url + title).join();
		ui.list.hidden = !key;
		if (listed === key) return;
		listed = key;
		ui.list.replaceChildren(el("p", {}, t("list")),
			el("ul", {}, ...shown.map(({ url, title }) => el("li", {}, link(url, title)))));
	}

	return { start, stop, toggle };
}

class SouffleurChat extends HTMLElement {
	static observedAttributes = ["open", "locale", "server", "key", "customer-id"];

	#chat;

	connectedCallback() {
		(this.#chat ??= createChat(this)).start();
	}

	disconnectedCallback() {
		this.#chat.stop();
	}

	attributeChangedCallback(name, before, after) {
		if (!this.#chat || !this.isConnected || before === after) return;
		if (name === "open") this.#chat.toggle(true);
		else this.#chat.start();
	}
}

customElements.define("souffleur-chat", SouffleurChat);
