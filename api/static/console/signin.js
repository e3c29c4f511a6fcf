// Signing in. The key goes to the server once and is kept nowhere in the page.

import { el, setText } from "./elements.js";
import { lastName, signIn } from "./server.js";
import { t } from "./texts.js";

export function buildSignIn(text, done) {
  const name = field("name", { required: true, maxLength: 80, autocomplete: "name", value: lastName });
  const key = field("key", { type: "password", autocomplete: "off" });
  const problem = el("p", { className: "problem", role: "alert", "data-testid": "signin-problem" }, text);
  const submit = el("button", { className: "main", "data-testid": "signin-submit" }, t("signin_submit"));
  const form = el("form", { className: "signin" }, el("h1", {}, t("signin_title")),
    name.node, key.node, problem, submit);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const typed = name.input.value.trim();
    if (!typed || submit.disabled) return;
    submit.disabled = true;
    try {
      await signIn(typed, key.input.value.trim());
      done();
    } catch (error) {
      const needsKey = error.status === 401 || error.status === 403;
      setText(problem, needsKey ? t("signin_key_needed") : error.message);
      submit.disabled = false;
      if (needsKey) key.input.focus();
    }
  });
  return form;
}

function field(name, attributes) {
  const input = el("input", { id: `signin-${name}`, "data-testid": `signin-${name}`,
    "aria-describedby": `signin-${name}-hint`, ...attributes });
  const node = el("p", {}, el("label", { htmlFor: input.id }, t(`signin_${name}`)), input,
    el("span", { id: `signin-${name}-hint`, className: "quiet" }, t(`signin_${name}_hint`)));
  return { input, node };
}
