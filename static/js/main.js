// Starts the behaviours an element asks for with data-behavior; every page works without any of them.
const KNOWN = new Set(["bell", "choose", "counter", "draft", "menu", "news", "palette", "passkey", "preview", "queue", "quote", "rows", "said", "shortcuts", "similar", "submit", "theme", "time", "toolbar", "undo", "vote"]);

async function attach(name, element) {
  const behaviour = await import(`./${name}.js`);
  behaviour[name](element);
}

export function start(root) {
  for (const element of root.querySelectorAll("[data-behavior]"))
    for (const name of element.dataset.behavior.split(" "))
      if (KNOWN.has(name)) attach(name, element);
}

start(document);
