// Calling an operator who looks elsewhere: the title of the tab, and a short sound.

import { el, setText } from "./elements.js";
import { choices } from "./kept.js";
import { t } from "./texts.js";

let sound = null; // made at the first click or key: browsers allow none before
let waits = "";
let writer = "";

export function buildSoundButton() {
  const button = el("button", { type: "button", className: "quiet-button", "data-testid": "sound" });
  const show = () => {
    button.setAttribute("aria-pressed", String(!isMuted()));
    setText(button, t(isMuted() ? "sound_off" : "sound_on"));
  };
  button.addEventListener("click", () => {
    choices.write("sound", isMuted() ? "on" : "off");
    show();
    beep();
  });
  show();
  return button;
}

const isMuted = () => choices.read("sound") === "off";

export function allowSound() {
  sound ??= new AudioContext();
  if (sound.state === "suspended") sound.resume();
}

export function beep() {
  if (isMuted() || sound?.state !== "running") return;
  const tone = sound.createOscillator();
  const loudness = sound.createGain();
  tone.frequency.value = 660;
  loudness.gain.setValueAtTime(0.12, sound.currentTime);
  loudness.gain.exponentialRampToValueAtTime(0.001, sound.currentTime + 0.25);
  tone.connect(loudness).connect(sound.destination);
  tone.start();
  tone.stop(sound.currentTime + 0.25);
}

// `count` as the list shows it, "" when nobody waits.
export function titleWaits(count) {
  waits = count;
  showTitle();
}

// A customer wrote while this tab was behind others; "" once the operator is back.
export function titleWriter(name) {
  writer = name;
  showTitle();
}

export function resetTitle() {
  waits = writer = "";
  showTitle();
}

function showTitle() {
  const text = writer ? t("title_writes", { name: writer }) : t("title");
  document.title = waits ? `(${waits}) ${text}` : text;
}
