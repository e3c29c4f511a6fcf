// The question for a rating in <souffleur-chat>, loaded when one is asked: five small buttons, a
// word of thanks, and after a low score a comment that can be skipped.
// `part` makes an element, `t` says a text, `send(path, body)` posts to the dialog.

const SCORES = [1, 2, 3, 4, 5];
const LOW = 3;

export function survey(message, part, t, send, changed) {
	// The class goes away with the next message, like all buttons under the last one.
	const box = part("quick", "div", { "data-testid": "survey", role: "group", tabIndex: -1 });
	const say = (text) => part("note", "p", { "data-testid": "survey-note" }, text);
	let busy = false;

	function show(...children) {
		box.replaceChildren(...children);
		changed();
	}

	// Posts once; whatever came first stands, so a refusal needs no words.
	async function post(path, body, then) {
		if (busy) return;
		busy = true;
		try {
			await send(path, body);
			then();
		} catch ({ status, message: problem }) {
			box.querySelector(".note")?.remove();
			if (status === 409) box.remove();
			else box.append(say(problem));
		}
		busy = false;
		changed();
	}

	function thank() {
		show(say(t("survey_thanks")));
		box.focus();
	}

	function askWhy() {
		const why = part("input", "textarea", {
			rows: 1, maxLength: 1000, placeholder: t("survey_comment"), "aria-label": t("survey_comment"),
			"data-testid": "survey-comment",
		});
		const button = (name, onclick) => part("survey-" + name, "button", { onclick }, t(name));
		const tell = () => (why.value.trim()
			? post("/csat/comment", { comment: why.value.trim() }, thank)
			: thank());
		const thanks = say(t("survey_thanks"));
		for (const row of [thanks, why]) row.style.flex = "1 0 100%";
		show(thanks, why, button("send", tell), button("skip", thank));
		why.focus();
	}

	const score = (n) => part("score", "button", {
		"aria-label": t("survey_score", { n }),
		onclick: () => post("/csat", { score: n }, n > LOW ? thank : askWhy),
	}, String(n));

	box.setAttribute("aria-label", t("survey"));
	show(...SCORES.map(score));
	message.append(box);
	changed();
}
