// Wraps the selected words in Markdown; the text stays plain text.
const AROUND = { bold: ["**", "**"], italic: ["*", "*"], link: ["[", "](https://)"] };
const BEFORE = { quote: "> ", list: "- " };

function marked(mark, text) {
  if (mark === "code") return text.includes("\n") ? `\`\`\`\n${text}\n\`\`\`` : `\`${text}\``;
  if (mark in BEFORE) return text.split("\n").map((line) => BEFORE[mark] + line).join("\n");
  return AROUND[mark][0] + text + AROUND[mark][1];
}

function wrap(box, mark) {
  const { selectionStart: start, selectionEnd: end } = box;
  const text = box.value.slice(start, end);
  const changed = marked(mark, text);
  box.setRangeText(changed, start, end, "select");
  if (!text && !(mark in BEFORE)) {
    const inside = start + (AROUND[mark]?.[0].length ?? 1);
    box.setSelectionRange(inside, inside);
  }
  box.focus();
  box.dispatchEvent(new Event("input", { bubbles: true }));
}

export function toolbar(bar) {
  const box = document.getElementById(bar.dataset.target);
  bar.addEventListener("click", (event) => {
    const button = event.target.closest("[data-mark]");
    if (button) wrap(box, button.dataset.mark);
  });
}
