// The last searches of this reader on this device: shown while the box is empty, gone when they sign out.
const MOST = 8;

export function recent(dialog, box, list) {
  // The reader's own: whoever comes next to this browser must not see what they looked for.
  const key = `recent:${document.body.dataset.actor}`;
  const group = dialog.querySelector("[data-part=recent]");
  const forgetAll = dialog.querySelector("[data-forget-all]");
  const [head, pattern] = group.children;

  const texts = () => JSON.parse(localStorage.getItem(key) ?? "[]");

  function row(text, place) {
    const made = pattern.content.firstElementChild.cloneNode(true);
    made.id = `palette-recent-${place}`;
    made.href = `/search?${new URLSearchParams({ q: text })}`;
    made.dataset.text = text;
    made.querySelector("[data-words]").textContent = text;
    return made;
  }
  function show() {
    const found = box.value.trim() ? [] : texts();
    group.hidden = forgetAll.hidden = !found.length;
    group.replaceChildren(head, pattern, ...found.map(row));
  }
  function store(found) {
    localStorage.setItem(key, JSON.stringify(found.slice(0, MOST)));
  }
  function forget(text) {
    list.leave();
    store(texts().filter((each) => each !== text));
    show();
    box.focus();
  }
  function keep(typed) {
    const text = typed.trim();
    if (text) store([text, ...texts().filter((each) => each !== text)]);
  }

  box.addEventListener("keydown", (event) => {
    const { text } = list.active?.dataset ?? {};
    if (event.key !== "Delete" || text === undefined) return;
    event.preventDefault();
    forget(text);
  });
  group.addEventListener("click", (event) => {
    if (!event.target.closest("[data-forget]")) return;
    event.preventDefault();
    forget(event.target.closest("[data-text]").dataset.text);
  });
  forgetAll.addEventListener("click", () => {
    store([]);
    show();
    box.focus();
  });
  return { keep, show };
}
