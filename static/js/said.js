// Takes what the page says once out of its address: neither Reload nor a link that is passed on says it again. Where it
// stays in sight of a place further down, it does until one goes on.
export function said(notice) {
  const address = new URL(location.href);
  for (const name of ["undo", "notice", "at"]) address.searchParams.delete(name);
  history.replaceState(history.state, "", address);
  for (const going of ["wheel", "touchmove", "keydown"])
    addEventListener(going, () => notice.classList.add("is-read"), { once: true, passive: true });
}
