// Sends each form once, and only while the session lives, so that nothing typed is lost.
//
//   body[data-session]     address that answers {"person", "token"}, or 401 when the session ended
//   body[data-person]      who opened the page; nobody else may send its forms
//   template#session-ended, template#server-silent   shown in #toasts when a form has to wait
//   trinhky:before-send    asked of a form; detail.waitFor takes promises to wait for
//   trinhky:sending        told to a form that is about to be sent
//   document.trinhkyAskSession()   "alive" (with fresh tokens on the page), "ended" or "silent"

const LOCKED_MS = 15000;
const locked = new WeakSet();
const passed = new WeakSet();

async function askSession() {
  const { session, person } = document.body.dataset;
  try {
    const answer = await fetch(session, { headers: { Accept: "application/json" } });
    const said = await answer.json();
    if (answer.status === 401) return "ended";
    if (!answer.ok) return "silent";
    if (said.person !== person) return "ended";
    for (const field of document.querySelectorAll("input[name=csrf_token]")) field.value = said.token;
    document.body.setAttribute("hx-headers", JSON.stringify({ "X-CSRFToken": said.token }));
    return "alive";
  } catch {
    return "silent";
  }
}

function tell(state) {
  const template = document.getElementById(state === "ended" ? "session-ended" : "server-silent");
  document.getElementById("toasts").replaceChildren(...(template ? [template.content.cloneNode(true)] : []));
}

function unlock(form) {
  locked.delete(form);
  form.removeAttribute("aria-busy");
}

async function sendWhenAlive(form, submitter) {
  const waitFor = [];
  form.dispatchEvent(new CustomEvent("trinhky:before-send", { detail: { waitFor } }));
  await Promise.allSettled(waitFor);
  const state = await askSession();
  if (state !== "alive") {
    unlock(form);
    tell(state);
    return;
  }
  passed.add(form);
  form.dispatchEvent(new CustomEvent("trinhky:sending"));
  form.requestSubmit(submitter);
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post") return;
  if (passed.delete(form)) return;
  if (locked.has(form)) {
    event.preventDefault();
    return;
  }
  locked.add(form);
  form.setAttribute("aria-busy", "true");
  // A browser that gave up on the answer may send again.
  setTimeout(unlock, LOCKED_MS, form);
  if (!document.body.dataset.session) return;
  event.preventDefault();
  sendWhenAlive(form, event.submitter);
});

// A page that comes back by the back button may send again.
addEventListener("pageshow", (event) => {
  if (event.persisted) document.querySelectorAll("form").forEach(unlock);
});

document.trinhkyAskSession = askSession;
