// Sends the forms of lists and renews only these, so that the place and the focus stay:
// <div data-behavior="rows" data-here="/list"> with <div data-said> for what was done, and parts that may change, <div id data-part>.
// A form goes along that has a field `next` of "/list#id": where the focus goes on.
import { fragment } from "./fragment.js";
import { start } from "./main.js";
import { time } from "./time.js";

export const within = (nodes, selector) =>
  nodes.map((node) => node.querySelector?.(selector)).find((found) => found) ?? null;

// What an answered page shows in the parts.
export function renew(lists, nodes) {
  for (const part of lists.querySelectorAll("[data-part]")) {
    part.replaceChildren(...(within(nodes, `#${part.id}`)?.childNodes ?? []));
    time(part);
    start(part);
  }
}

const top = (element) => element.getBoundingClientRect().top;

// What one goes on with comes to where one was, also when something new has come above it, but not under the notice.
function goOn(target, row, at, said) {
  target.focus({ preventScroll: Boolean(row) });
  if (row) scrollBy(0, top(target.closest("[data-item]") ?? target) - Math.max(at, said.getBoundingClientRect().bottom));
}

export function rows(lists) {
  const said = lists.querySelector("[data-said]");
  let refused = false;

  lists.addEventListener("submit", async (event) => {
    const { target: form, submitter } = event;
    const [here, place] = form.elements.next?.value.split("#") ?? [];
    if (refused || here !== lists.dataset.here || !form.closest("[data-part], [data-said]")) return;
    event.preventDefault();
    if (lists.ariaBusy === "true") return;
    lists.ariaBusy = "true";
    const row = form.closest("[data-item]");
    const at = row && top(row);
    const sent = { method: "POST", body: new URLSearchParams(new FormData(form, submitter)) };
    const nodes = await fragment(form.action, sent).catch(() => null);
    lists.ariaBusy = "false";
    if (!nodes) {
      // Sent once more as without this: the page that comes then says what is wrong.
      refused = true;
      return form.requestSubmit(submitter);
    }
    renew(lists, nodes);
    const notice = within(nodes, ".notice[role='status']");
    notice?.removeAttribute("role"); // it stands in one that has it
    said.replaceChildren(...(notice ? [notice] : []));
    lists.querySelector("[data-show]")?.setAttribute("hidden", "");
    lists.querySelector("[data-news]")?.replaceChildren();
    const found = document.getElementById(place);
    goOn(found ?? lists.querySelector("h1, h2"), found && row, at, said);
  });
}
