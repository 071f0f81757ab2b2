// Keeps the count of the bell up to date while its page is seen: <a data-behavior="bell">.
import { fragment } from "./fragment.js";

const FIRST_WAIT = 5_000;
const LONGEST_WAIT = 300_000;

export function bell(link) {
  let source = null;
  let wait = FIRST_WAIT;
  let timer = 0;

  async function refresh() {
    const nodes = await fragment("/notifications/bell").catch(() => []);
    const fresh = nodes.find((node) => node.nodeType === Node.ELEMENT_NODE)?.querySelector(".bell-count");
    const shown = link.querySelector(".bell-count");
    // Only what changed is put there: the place itself stays, so that it is read out.
    if (fresh && fresh.textContent !== shown.textContent) shown.replaceChildren(...fresh.childNodes);
  }
  function stop() {
    clearTimeout(timer);
    source?.close();
    source = null;
  }
  function begin() {
    stop();
    source = new EventSource("/notifications/live");
    source.addEventListener("open", () => (wait = FIRST_WAIT));
    source.addEventListener("changed", refresh);
    source.addEventListener("over", stop);
    source.addEventListener("error", () => {
      if (source?.readyState !== EventSource.CLOSED) return; // else the browser tries again by itself
      stop();
      timer = setTimeout(begin, wait);
      wait = Math.min(wait * 2, LONGEST_WAIT);
    });
  }
  const followPage = () => (document.hidden ? stop() : begin());

  document.addEventListener("visibilitychange", followPage);
  addEventListener("pagehide", stop);
  addEventListener("pageshow", (event) => event.persisted && followPage());
  followPage();
}
