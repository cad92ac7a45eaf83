// Says that the server is silent beside what asks it again and again.
//
//   [data-lost]   hidden inside of what polls; shown until the next answer replaces it

const GATEWAY = 502;

function show(event) {
  event.target.querySelector?.("[data-lost]")?.removeAttribute("hidden");
}

document.addEventListener("htmx:sendError", show);
document.addEventListener("htmx:timeout", show);
document.addEventListener("htmx:responseError", (event) => {
  // A house behind another server is reported by that one.
  if (event.detail.xhr.status >= GATEWAY) show(event);
});
