// Says how many characters are left once four fifths of data-limit are used.
export function counter(box) {
  const limit = Number(box.dataset.limit);
  const output = document.createElement("output");
  output.className = "counter";
  output.setAttribute("for", box.id);
  box.after(output);

  function count() {
    const left = limit - [...box.value].length;
    output.textContent = left > limit / 5 ? "" : left < 0 ? `${-left} too many` : `${left} left`;
    output.classList.toggle("is-over", left < 0);
  }
  box.addEventListener("input", count);
  count();
}
