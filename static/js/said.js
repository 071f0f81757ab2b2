// Takes what the page says once out of its address: neither Reload nor a link that is passed on says it again.
export function said() {
  const address = new URL(location.href);
  for (const name of ["undo", "notice", "at"]) address.searchParams.delete(name);
  history.replaceState(history.state, "", address);
}
