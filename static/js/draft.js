// Keeps what is typed in a form: on the server 2 s after typing stops, on this device at once.
import { headers } from "./fragment.js";
const WAIT = 2000;

function forget(test) {
  for (const [key, text] of Object.entries(localStorage))
    if (key.startsWith("draft:") && test(JSON.parse(text))) localStorage.removeItem(key);
}

const texts = (form) => [...form.querySelectorAll("textarea[name], input:is([type=text], [type=url], [type=datetime-local])[name]")];

// The longer text wins: the server's is shorter when the session was lost while typing.
function restore(form, { fields }) {
  const behind = texts(form).filter((box) => fields[box.name]?.length > box.value.length);
  for (const box of behind) box.value = fields[box.name];
  behind[0]?.dispatchEvent(new Event("input", { bubbles: true }));
}

export function draft(form) {
  // The reader's own: whoever comes next to this browser must not find it in their form.
  const key = `draft:${document.body.dataset.actor}:${form.dataset.draftKey}`;
  const status = form.querySelector(".draft-status") ?? form.appendChild(document.createElement("output"));
  const sending = new AbortController();
  let [timer, dirty] = [0, false];

  // A landing on a post means that what was sent has arrived.
  if (/^#p\d+$/.test(location.hash)) forget((shadow) => shadow.sent);

  function shadow(sent) {
    const fields = Object.fromEntries(texts(form).map((box) => [box.name, box.value]));
    localStorage.setItem(key, JSON.stringify({ sent, fields }));
  }

  async function save() {
    const body = new URLSearchParams(new FormData(form));
    body.set("draft_key", form.dataset.draftKey);
    dirty = false;
    const answer = await fetch("/drafts", { method: "POST", body, headers: headers(), signal: sending.signal }).catch(() => null);
    const saved = answer?.ok && !answer.redirected;
    if (saved && !dirty) localStorage.removeItem(key);
    dirty ||= !saved;
    status.textContent = saved ? `Draft saved ${new Date().toLocaleTimeString([], { timeStyle: "short" })}` : "Draft kept on this device only";
  }

  form.addEventListener("input", () => {
    dirty = true;
    shadow(false);
    clearTimeout(timer);
    timer = setTimeout(save, WAIT);
  });
  form.addEventListener("submit", (event) => {
    if (event.defaultPrevented) return;
    clearTimeout(timer);
    sending.abort();
    if (dirty) shadow(true);
    dirty = false;
  });
  addEventListener("beforeunload", (event) => { if (dirty) event.preventDefault(); });
  restore(form, JSON.parse(localStorage.getItem(key)) ?? { fields: {} });
}
