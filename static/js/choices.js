// A list of links below a box that keeps the focus: the combobox of the WAI-ARIA practices.
export function choices(holder, box) {
  let active = null;

  const all = () => [...holder.querySelectorAll("[role=option]")].filter((choice) => !choice.closest("[hidden]"));

  function enter(choice = null) {
    active?.setAttribute("aria-selected", "false");
    active = choice;
    active?.setAttribute("aria-selected", "true");
    active?.scrollIntoView({ block: "nearest" });
    if (active) box.setAttribute("aria-activedescendant", active.id);
    else box.removeAttribute("aria-activedescendant");
  }
  // Past the last one comes the box itself, then the first.
  function move(by) {
    const found = all();
    const at = found.indexOf(active);
    enter(at < 0 && by < 0 ? found.at(-1) : found[at + by]);
  }
  function press(event) {
    const isNewTab = event.ctrlKey || event.metaKey;
    const chosen = active ?? (isNewTab && box.value.trim() ? all().at(-1) : null);
    if (event.key === "ArrowDown") move(1);
    else if (event.key === "ArrowUp") move(-1);
    else if (event.key === "Enter" && chosen) {
      chosen.target = isNewTab ? "_blank" : "";
      chosen.click();
    } else return;
    event.preventDefault();
  }
  return { press, leave: () => enter(), get active() { return active; } };
}
