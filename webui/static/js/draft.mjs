// Shows the laid-out letter while it is being written.
//
//   <form data-draft="/drafts/preview" data-preview="#preview">
//   sends the form there a moment after the last change; a PDF in the answer is shown in the
//   viewer (`ui.pdf_viewer` with url=""), a 422 answer is text for [data-draft-status].

const PAUSE_MS = 500;

function watch(form) {
  const viewer = document.querySelector(form.dataset.preview);
  const status = form.querySelector("[data-draft-status]") ?? viewer.querySelector("[data-pdf-status]");
  let timer = 0;
  let running = null;

  async function send() {
    running?.abort();
    running = new AbortController();
    viewer.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(form.dataset.draft, {
        method: "POST",
        body: new FormData(form),
        signal: running.signal,
        headers: { Accept: "application/pdf" },
      });
      await take(answer);
    } catch (error) {
      if (error.name === "AbortError") return;
      console.warn(error);
      status.textContent = viewer.dataset.textFailed;
    }
    viewer.setAttribute("aria-busy", "false");
  }

  async function take(answer) {
    const isPdf = answer.headers.get("Content-Type")?.startsWith("application/pdf");
    if (answer.ok && isPdf) {
      const data = await answer.arrayBuffer();
      status.textContent = "";
      viewer.dispatchEvent(new CustomEvent("trinhky:show-pdf", { detail: { data } }));
    } else {
      // Of a session that has ended the keeping of the draft speaks.
      const isSessionGone = answer.status === 400 || answer.status === 401;
      // Read in any case: an answer left unread keeps its connection.
      const text = await answer.text();
      status.textContent = answer.status === 422 ? text : isSessionGone ? "" : viewer.dataset.textFailed;
      // Nothing will be drawn until something is changed, so nobody need wait for it.
      viewer.dataset.ready = "";
      if (!document.querySelector("[data-island]:not([data-ready])")) document.body.dataset.ready = "";
    }
  }

  function later() {
    clearTimeout(timer);
    timer = setTimeout(send, PAUSE_MS);
  }

  form.addEventListener("input", later);
  form.addEventListener("change", later);
  send();
}

document.querySelectorAll("form[data-draft]").forEach(watch);
