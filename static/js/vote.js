// Sends a mark such as Helpful without leaving the page and puts the answered form in its place.
import { fragment } from "./fragment.js";
import { start } from "./main.js";

export function vote(form) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const body = new URLSearchParams(new FormData(form, event.submitter));
    const nodes = await fragment(form.action, { method: "POST", body }).catch(() => null);
    const fresh = nodes?.find((node) => node.nodeType === Node.ELEMENT_NODE);
    if (!fresh) return form.submit();
    const holder = document.createElement("div");
    holder.append(fresh);
    start(holder);
    form.replaceWith(fresh);
    fresh.querySelector("button")?.focus();
  });
}
