// Keeps the count of the bell right while its page is seen: <a data-behavior="bell">.
import { fragment } from "./fragment.js";

const FIRST_WAIT = 3_000;
const LONGEST_WAIT = 300_000;

// Other behaviours of the page hear it too: something may be new, or not new any more.
const tell = () => document.dispatchEvent(new Event("told"));

export function bell(link) {
  const shown = link.querySelector(".bell-count");
  let source = null;
  let wait = FIRST_WAIT;
  let timer = 0;

  async function refresh() {
    const nodes = await fragment("/notifications/bell").catch(() => []);
    const fresh = nodes.find((node) => node.nodeType === Node.ELEMENT_NODE)?.querySelector(".bell-count");
    // Only what stands in it is changed: the place itself stays, so that the new count is read out.
    if (fresh && fresh.textContent !== shown.textContent) shown.replaceChildren(...fresh.childNodes);
  }
  function stop() {
    clearTimeout(timer);
    source?.close();
    source = null;
  }
  function begin() {
    stop();
    const count = shown.querySelector("[data-count]")?.dataset.count ?? 0;
    source = new EventSource(`/notifications/live?count=${count}`);
    source.addEventListener("open", () => { wait = FIRST_WAIT; });
    source.addEventListener("changed", () => {
      refresh();
      tell();
    });
    source.addEventListener("over", stop);
    source.addEventListener("error", () => {
      // Not as the browser would: with the count that is shown by then, and ever more rarely.
      stop();
      timer = setTimeout(begin, wait);
      wait = Math.min(wait * 2, LONGEST_WAIT);
    });
  }
  function follow() {
    if (document.hidden) return stop();
    begin();
    tell();
  }

  document.addEventListener("visibilitychange", follow);
  addEventListener("pagehide", stop);
  addEventListener("pageshow", (event) => { if (event.persisted) follow(); });
  if (!document.hidden) begin();
}
