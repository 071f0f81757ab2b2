// Makes a passkey, or shows one, and sends it with its form:
// <form data-behavior="passkey" data-passkey="make | show | offer" data-options="/…/options">.
const NONE = "This browser has no passkeys. Update it, or choose another way.";
const FAILED = "That did not work. Reload the page and try again, or choose another way.";
const SENTENCES = {
  NotAllowedError: "No passkey was given. Try again, or choose another way.",
  InvalidStateError: "This device has a passkey for your account already.",
  SecurityError: "Passkeys do not work at this address of the site.",
};

async function wanted(form) {
  const answer = await fetch(form.dataset.options, {
    method: "POST",
    body: new URLSearchParams({ token: form.elements.token.value }),
  });
  if (!answer.ok) throw new Error(answer.statusText);
  return answer.json();
}

async function given(form, more) {
  const options = await wanted(form);
  if (form.dataset.passkey === "make")
    return navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options), ...more });
  return navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options), ...more });
}

export async function passkey(form) {
  const status = form.querySelector("[role=status]");
  const isKnown = Boolean(window.PublicKeyCredential?.parseRequestOptionsFromJSON);
  let offer = new AbortController();

  async function send(more) {
    form.elements.credential.value = JSON.stringify(await given(form, more));
    form.submit();
  }

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    offer.abort();
    offer = new AbortController();
    status.textContent = isKnown ? "Waiting for your passkey …" : NONE;
    if (isKnown) await send({ signal: offer.signal }).catch((error) => (status.textContent = SENTENCES[error.name] ?? FAILED));
  });
  // Where the browser can, it offers passkeys in the address field before any button is pressed.
  if (form.dataset.passkey === "offer" && isKnown && (await PublicKeyCredential.isConditionalMediationAvailable?.()))
    await send({ mediation: "conditional", signal: offer.signal }).catch(() => {});
}
