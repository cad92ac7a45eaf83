// Signs with a token in this computer: the server prepares, the agent here signs, the server
// checks and finishes. The PIN is typed at the agent and never comes to the page.
//
//   [data-client-signing="/…/ky-tai-may"]   address that begins; answers what is to be signed
//   [data-agent]                            address of the agent on this computer
//   script[type="application/json"]         words by step and by the agent's codes
//   [data-start] [data-say] [data-items]    button, what is going on, what is being signed

const AGENT_PATIENCE_MS = 8000;
const SESSION_GONE = new Set([400, 401]);

class Refusal extends Error {}

function listen(box) {
  const texts = JSON.parse(box.querySelector("script").textContent);
  const button = box.querySelector("[data-start]");
  const status = box.querySelector("[data-say]");
  const list = box.querySelector("[data-items]");
  let open = null;

  function fill(name, values = {}) {
    const known = { origin: location.origin, name: box.dataset.name, ...values };
    const text = texts[name] ?? texts["agent.unexpected"];
    return text.replace(/\{(\w+)\}/g, (whole, key) => known[key] ?? whole);
  }

  function tell(text, isBad = false) {
    const line = document.createElement("p");
    line.textContent = text;
    line.className = isBad ? "tk-error" : "tk-muted";
    if (isBad) line.setAttribute("role", "alert");
    status.replaceChildren(line);
  }

  function show(items) {
    list.replaceChildren(
      ...items.map(({ title, digest }) => {
        const row = document.createElement("li");
        const shown = Object.assign(document.createElement("span"), { className: "tk-digest", textContent: digest });
        row.append(title, document.createElement("br"), "SHA-256 ", shown);
        return row;
      }),
    );
    list.hidden = items.length === 0;
  }

  function send(url, body, keepalive = false) {
    const token = JSON.parse(document.body.getAttribute("hx-headers"));
    return fetch(url, {
      method: "POST",
      headers: { ...token, Accept: "application/json", "Content-Type": "application/json" },
      body: JSON.stringify(body),
      keepalive,
    });
  }

  async function askServer(url, body) {
    let answer;
    let said;
    try {
      answer = await send(url, body);
      // After signing in again elsewhere the page only lacks the new token.
      if (SESSION_GONE.has(answer.status) && (await document.trinhkyAskSession()) === "alive") answer = await send(url, body);
      said = await answer.json();
    } catch {
      throw new Refusal(fill("silent"));
    }
    if (answer.ok) return said;
    if (SESSION_GONE.has(answer.status)) throw new Refusal(fill("ended"));
    const reference = said.reference ? ` ${fill("reference", said)}` : "";
    throw new Refusal(`${said.text}${reference}`);
  }

  async function askAgent(path, body, patience) {
    let answer;
    let said;
    try {
      answer = await fetch(`${box.dataset.agent}${path}`, {
        method: body ? "POST" : "GET",
        headers: body ? { "Content-Type": "application/json" } : {},
        body: body && JSON.stringify(body),
        credentials: "omit",
        signal: AbortSignal.timeout(patience),
      });
      said = await answer.json();
    } catch (error) {
      throw new Refusal(fill(body && error.name === "TimeoutError" ? "agent.too_slow" : "absent"));
    }
    if (!answer.ok) throw new Refusal(fill(said.code));
    return said;
  }

  async function sign() {
    // Nothing is undertaken before the agent and a token are known to be there.
    tell(fill("ask"));
    const agent = await askAgent("/trang-thai", null, AGENT_PATIENCE_MS);
    if (agent.busy) throw new Refusal(fill("agent.busy"));
    if (!agent.token) throw new Refusal(fill("agent.token_absent"));
    tell(fill("begin"));
    const asked = performance.now();
    open = await askServer(box.dataset.clientSigning, {});
    show(open.items);
    tell(fill("approve"));
    const order = { certificate: open.certificate.der, items: open.items };
    // By how long it took, never by the time of day: this computer's clock may be wrong.
    const left = open.expires_in * 1000 - (performance.now() - asked);
    const { values } = await askAgent("/ky", order, Math.max(left, AGENT_PATIENCE_MS));
    tell(fill("complete"));
    const { complete_url: url, nonce } = open;
    // From here on the server alone knows what became of it.
    open = null;
    return askServer(url, { nonce, values });
  }

  async function giveUp() {
    if (open === null) return;
    const { cancel_url: url } = open;
    open = null;
    // Read in any case: an answer left unread keeps its connection.
    await send(url, {}, true).then((answer) => answer.text()).catch(() => null);
  }

  button.addEventListener("click", async () => {
    button.disabled = true;
    box.setAttribute("aria-busy", "true");
    try {
      const { url } = await sign();
      location.assign(url);
    } catch (error) {
      await giveUp();
      show([]);
      tell(error instanceof Refusal ? error.message : fill("agent.unexpected"), true);
      button.disabled = false;
      box.removeAttribute("aria-busy");
      button.focus();
    }
  });
  addEventListener("pagehide", giveUp);
}

document.querySelectorAll("[data-client-signing]").forEach(listen);
