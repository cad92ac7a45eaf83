// Shows a PDF as one picture for each page. Pages are drawn when they come near the window; the
// words of a drawn page are put beside it for screen readers. The markup is `ui.pdf_viewer`.
//
//   [data-pdf]             address; "" waits for the event below
//   trinhky:show-pdf       detail.data: bytes of a PDF that replaces what is shown
//   [data-ready]           set once page 1 is drawn, or has failed

const MOST_PIXELS_PER_POINT = 2;
const NEAR_WINDOW = "600px";
let library = null;

async function loadLibrary(viewer) {
  if (library === null) {
    library = import(new URL(viewer.dataset.lib, location.href).href).then((pdfjs) => {
      pdfjs.GlobalWorkerOptions.workerSrc = new URL(viewer.dataset.worker, location.href).href;
      return pdfjs;
    });
  }
  return library;
}

function ready(viewer) {
  viewer.dataset.ready = "";
  viewer.setAttribute("aria-busy", "false");
  if (!document.querySelector("[data-island]:not([data-ready])")) document.body.dataset.ready = "";
}

function pageLabel(viewer, page, total) {
  return viewer.dataset.textPage.replace("{page}", page).replace("{total}", total);
}

function addFrame(viewer, holder, number, total, size) {
  const frame = document.createElement("figure");
  frame.className = "tk-pdf-page";
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(size.width);
  canvas.height = Math.round(size.height);
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", `${viewer.dataset.title} – ${pageLabel(viewer, number, total)}`);
  frame.append(canvas);
  holder.append(frame);
  return frame;
}

async function draw(source, number, frame) {
  const page = await source.getPage(number);
  const canvas = frame.querySelector("canvas");
  const wanted = frame.clientWidth * Math.min(window.devicePixelRatio || 1, MOST_PIXELS_PER_POINT);
  const viewport = page.getViewport({ scale: wanted / page.getViewport({ scale: 1 }).width });
  canvas.width = Math.round(viewport.width);
  canvas.height = Math.round(viewport.height);
  await page.render({ canvas, viewport }).promise;
  const content = await page.getTextContent();
  const words = document.createElement("div");
  words.className = "visually-hidden";
  words.textContent = content.items.map((item) => item.str + (item.hasEOL ? "\n" : "")).join("");
  frame.append(words);
}

function drawWhenNear(source, frames) {
  const watcher = new IntersectionObserver(
    (entries) => {
      for (const entry of entries.filter((each) => each.isIntersecting)) {
        watcher.unobserve(entry.target);
        draw(source, frames.indexOf(entry.target) + 1, entry.target).catch(console.warn);
      }
    },
    { rootMargin: NEAR_WINDOW },
  );
  frames.slice(1).forEach((frame) => watcher.observe(frame));
  return watcher;
}

const shown = new WeakMap();

async function show(viewer, what) {
  const turn = (shown.get(viewer)?.turn ?? 0) + 1;
  const before = shown.get(viewer);
  shown.set(viewer, { ...before, turn });
  viewer.setAttribute("aria-busy", "true");
  const pdfjs = await loadLibrary(viewer);
  const wasmUrl = new URL(viewer.dataset.wasm, location.href).href;
  const task = pdfjs.getDocument({ ...what, wasmUrl, isEvalSupported: false, enableXfa: false });
  const source = await task.promise;
  if (shown.get(viewer).turn !== turn) return task.destroy();

  const size = (await source.getPage(1)).getViewport({ scale: 1 });
  const holder = viewer.querySelector("[data-pdf-pages]");
  const fresh = document.createElement("div");
  fresh.className = holder.className;
  fresh.dataset.pdfPages = "";
  // Page 1 is drawn before the old pages go, so that a live preview does not flicker.
  holder.after(fresh);
  const frames = Array.from({ length: source.numPages }, (_, index) =>
    addFrame(viewer, fresh, index + 1, source.numPages, size),
  );
  await draw(source, 1, frames[0]);
  holder.remove();
  before?.watcher?.disconnect();
  before?.task?.destroy();
  shown.set(viewer, { turn: shown.get(viewer).turn, task, watcher: drawWhenNear(source, frames) });
  viewer.querySelector("[data-pdf-status]").textContent = viewer.dataset.textTotal.replace("{total}", source.numPages);
  ready(viewer);
}

function fail(viewer, error) {
  console.warn(error);
  viewer.querySelector("[data-pdf-status]").textContent = viewer.dataset.textFailed;
  ready(viewer);
}

for (const viewer of document.querySelectorAll("[data-pdf]")) {
  viewer.addEventListener("trinhky:show-pdf", (event) => {
    show(viewer, { data: event.detail.data }).catch((error) => fail(viewer, error));
  });
  if (viewer.dataset.pdf) {
    show(viewer, { url: new URL(viewer.dataset.pdf, location.href).href }).catch((error) => fail(viewer, error));
  }
}
