// Single keys for people who read a lot; they can be turned off on this device.
const SWITCH = "shortcuts";

function step(by) {
  const items = [...document.querySelectorAll("[data-item]")];
  const at = items.findIndex((item) => item.contains(document.activeElement));
  const item = items[at < 0 ? (by > 0 ? 0 : items.length - 1) : at + by];
  (item?.querySelector("[data-open]") ?? item)?.focus();
}

function reply() {
  const box = document.querySelector("#reply textarea");
  if (box) box.focus();
  else document.querySelector("a[href$='#reply']")?.click();
}

const box = () => document.querySelector("#q[data-opens=palette]");

const KEYS = {
  // With the focus: what is typed before the overlay is there must not be taken for other keys.
  "/": () => { box().focus(); box().click(); },
  j: () => step(1),
  k: () => step(-1),
  o: () => document.activeElement.closest("[data-item]")?.querySelector("[data-open]")?.click(),
  u: () => history.back(),
  r: reply,
  c: () => location.assign("/ask"),
};

export function shortcuts(page) {
  const help = document.getElementById("shortcuts");
  const off = help.querySelector("[data-shortcuts-off]");
  off.checked = localStorage.getItem(SWITCH) === "off";
  off.addEventListener("change", () => localStorage.setItem(SWITCH, off.checked ? "off" : "on"));

  page.querySelector("[data-opens=shortcuts]")?.addEventListener("click", (event) => {
    event.preventDefault();
    help.showModal();
  });
  page.addEventListener("keydown", (event) => {
    const isOverlay = event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey);
    if (isOverlay && !("ready" in document.getElementById("palette").dataset)) box().focus();
    const act = event.key === "?" ? () => help.showModal() : KEYS[event.key];
    const typing = event.target.closest("input, textarea, select, dialog");
    if (!act || typing || off.checked || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    act();
  });
}
