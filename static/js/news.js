// Says above a list that it has changed elsewhere, and shows that when it is asked to: what one reads never moves by itself.
// <div data-behavior="rows news" data-here="/list"> with lines <li id data-moment>, <p data-news> and <a data-show hidden>.
import { fragment } from "./fragment.js";
import { renew, within } from "./rows.js";

const AGAIN = 1_000;

const moments = (part) =>
  new Map([...part.querySelectorAll("[data-moment]")].map((line) => [line.id, Number(line.dataset.moment)]));

// A line that only came up from the next page is none that is new.
function difference(shown, fresh) {
  const oldest = Math.min(...shown.values(), Infinity);
  const added = [...fresh].filter(([id, moment]) => moment > (shown.get(id) ?? (shown.size ? oldest : 0))).length;
  const gone = [...shown.keys()].filter((id) => !fresh.has(id)).length;
  if (added) return `${added} new`;
  return gone ? `${gone} done` : "";
}

export function news(lists) {
  const said = lists.querySelector("[data-news]");
  const show = lists.querySelector("[data-show]");
  let nodes = [];

  function say(words) {
    if (words || !show.hidden) said.textContent = words;
    show.hidden = !words;
  }
  async function look() {
    const before = lists.querySelector("[data-moment]");
    const found = await fragment(lists.dataset.here).catch(() => null);
    if (!found) return;
    // Something was sent meanwhile: what was found may be older than what is shown.
    if (lists.ariaBusy === "true" || before !== lists.querySelector("[data-moment]")) return setTimeout(look, AGAIN);
    nodes = found;
    say(difference(moments(lists), moments(within(nodes, "[data-here]") ?? document.createElement("div"))));
  }
  document.addEventListener("told", look);
  show.addEventListener("click", (event) => {
    event.preventDefault();
    renew(lists, nodes);
    say("");
    (lists.querySelector("[data-open]") ?? lists.querySelector("h1")).focus();
  });
}
