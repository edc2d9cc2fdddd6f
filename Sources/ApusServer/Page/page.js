"use strict";
// What the pages do beyond plain HTML. The server renders everything; this asks for the page of a new address and puts its parts in place,
// so that every state is an address, and what is shown is what that address shows without JavaScript, too.
(() => {
  const root = document.documentElement;
  root.classList.add("js");
  const $ = (selector, from = document) => from.querySelector(selector);
  const $$ = (selector, from = document) => [...from.querySelectorAll(selector)];

  // Storage may be forbidden; then nothing is remembered.
  const remember = (store, name, value) => { try { window[store].setItem(name, value); } catch { } };
  const recall = (store, name) => { try { return window[store].getItem(name); } catch { return null; } };

  // MARK: Light and dark

  const dark = matchMedia("(prefers-color-scheme: dark)");
  const isDark = () => (root.dataset.theme ? root.dataset.theme === "dark" : dark.matches);
  const chosen = recall("localStorage", "apus-theme");
  if (chosen === "light" || chosen === "dark") root.dataset.theme = chosen;

  function showTheme() {
    $("#theme")?.setAttribute("aria-pressed", String(isDark()));
  }

  function switchTheme() {
    root.dataset.theme = isDark() ? "light" : "dark";
    remember("localStorage", "apus-theme", root.dataset.theme);
    showTheme();
  }
  dark.addEventListener("change", showTheme);

  // MARK: Asking the server

  let asking = null;
  const headers = () => {
    const key = recall("sessionStorage", "apus-key");
    return key ? { "X-API-Key": key } : {};
  };

  async function ask(address, signal) {
    const response = await fetch(address, { headers: headers(), signal });
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    return { response, page };
  }

  function tell(text, isFailure = false) {
    const status = $("#status");
    if (!status) return;
    status.textContent = text;
    status.classList.toggle("failure", isFailure);
  }

  const wait = (milliseconds, signal) => new Promise((done, failed) => {
    const timer = setTimeout(done, milliseconds);
    signal.addEventListener("abort", () => { clearTimeout(timer); failed(signal.reason); }, { once: true });
  });

  /// Shows an address: the parts of its page that changed, or all of it.
  /// keepsPanel: whether the terms are being moved, so that they must stay under the hand.
  async function show(address, { keepsPanel = false, whole = false } = {}) {
    asking?.abort();
    const mine = asking = new AbortController();
    $("#results")?.setAttribute("aria-busy", "true");
    try {
      let answer;
      for (let tries = 0; ; tries++) {
        answer = await ask(address, mine.signal);
        if (answer.response.status !== 429 || tries === 4) break;
        const seconds = Math.min(10, Number(answer.response.headers.get("Retry-After")) || 1);
        tell(`The server is busy; trying again in ${seconds} s.`);
        await wait(seconds * 1000, mine.signal);
      }
      put(answer.page, { keepsPanel, whole: whole || !$("#results", answer.page) || !$("#results") });
    } catch (error) {
      if (mine.signal.aborted) return;
      $("#results")?.removeAttribute("aria-busy");
      tell(`The server cannot be reached (${error.message}).`, true);
    }
  }

  function put(page, { keepsPanel, whole }) {
    document.title = page.title;
    if (whole) {
      document.body.replaceWith(document.adoptNode(page.body));
      start();
      return;
    }
    $("main").className = $("main", page).className;
    const [old, made] = [$("#panel"), $("#panel", page)];
    const hasPanel = old && made;
    if (!hasPanel) {
      $(".body").replaceChildren(...$(".body", page).childNodes);
      startPanel();
    } else {
      $("#results").replaceWith($("#results", page));
      const failure = $("#filter-failure");
      failure.replaceChildren(...$("#filter-failure", page).childNodes);
      if (failure.childElementCount) $("#filter").setAttribute("aria-invalid", "true");
      else $("#filter").removeAttribute("aria-invalid");
      if (!keepsPanel) {
        // A query that was not answered has none; those of the last one stay.
        if ($("#terms", page).childElementCount) $("#terms").replaceWith($("#terms", page));
        // Which settings there are depends on what is shown; the one in use stays.
        if (!$("#settings").contains(document.activeElement)) {
          $("#settings").replaceWith($("#settings", page));
        }
        startTerms();
      }
    }
    tell($("#status", page).textContent, Boolean($("#results[data-error]") || $("#filter-failure")?.childElementCount));
    startResults();
  }

  // MARK: The state, as an address

  /// Terms that weigh something else than the encoder says.
  const moved = new Map();

  function readMoved() {
    moved.clear();
    for (const text of new URLSearchParams(location.search).getAll("term")) {
      const colon = text.lastIndexOf(":");
      moved.set(text.slice(0, colon), text.slice(colon + 1));
    }
  }

  function address() {
    const form = $("#search");
    const parameters = new URLSearchParams(new FormData(form));
    if (!parameters.get("filter")?.trim()) parameters.delete("filter");
    if (parameters.get("hits") === "10") parameters.delete("hits");
    const weight = $("#weight");
    if (!weight || !("moved" in weight.dataset)) {
      parameters.delete("weight");
      // Where it is not shown it is kept.
      const kept = new URLSearchParams(location.search).get("weight");
      if (!weight && kept) parameters.set("weight", kept);
    }
    for (const [term, value] of moved) parameters.append("term", `${term}:${value}`);
    return `${form.getAttribute("action")}?${parameters}`;
  }

  let timer = 0;
  let isStep = false;
  /// Follows what was moved: at once, or when the hand rests.
  function follow({ soon = false, keepsPanel = false, isNew = true } = {}) {
    clearTimeout(timer);
    isStep ||= isNew;
    timer = setTimeout(() => {
      const there = address();
      if (there === location.pathname + location.search) {
        if (!soon) show(there, { keepsPanel });
        return;
      }
      // One step back is one change, not one pixel of a slider.
      if (isStep) history.pushState(null, "", there);
      else history.replaceState(null, "", there);
      isStep = false;
      show(there, { keepsPanel });
    }, soon ? 180 : 0);
  }

  // MARK: Terms

  let sliding = null;

  function weigh(row, value) {
    const bar = $(".bar .fill", row);
    const slider = $("input[type=range]", row);
    bar.setAttribute("width", String(Math.min(100, (100 * value) / Number(slider.max))));
    $("output", row).textContent = value.toFixed(2);
    row.classList.toggle("off", value === 0);
    if (value.toFixed(2) === row.dataset.given) moved.delete(row.dataset.term);
    else moved.set(row.dataset.term, value.toFixed(2));
    const reset = $("#reset");
    if (reset) reset.hidden = moved.size === 0;
  }

  function startTerms() {
    for (const row of $$(".term[data-term]")) {
      const [check, slider] = [$("input[type=checkbox]", row), $("input[type=range]", row)];
      check.addEventListener("change", () => {
        weigh(row, check.checked ? Number(slider.value) : 0);
        follow({ soon: true, keepsPanel: true });
      });
      slider.addEventListener("input", () => {
        check.checked = true;
        weigh(row, Number(slider.value));
        follow({ soon: true, keepsPanel: true, isNew: sliding !== slider });
        sliding = slider;
      });
      slider.addEventListener("change", () => { sliding = null; });
      for (const [event, isLit] of [["pointerenter", true], ["pointerleave", false], ["focusin", true], ["focusout", false]]) {
        row.addEventListener(event, () => {
          for (const mark of $$("mark[data-terms]")) {
            mark.classList.toggle("lit", isLit && mark.dataset.terms.split(" ").includes(row.dataset.term));
          }
        });
      }
    }
    $("#reset")?.addEventListener("click", () => {
      moved.clear();
      follow();
      $("#q").focus();
    });
    startSettings();
  }

  function startSettings() {
    const settings = $("#settings");
    if (!settings || settings.dataset.started) return;
    settings.dataset.started = "yes";
    const weight = $("#weight");
    if (weight) weight.disabled = false;
    for (const slider of [$("#hits"), weight]) {
      slider?.addEventListener("input", () => {
        $("output", slider.parentElement).textContent = slider.id === "weight" ? Number(slider.value).toFixed(2) : slider.value;
        slider.dataset.moved = "";
        follow({ soon: true, isNew: sliding !== slider });
        sliding = slider;
      });
      slider?.addEventListener("change", () => { sliding = null; });
    }
    $("#side")?.addEventListener("change", () => { moved.clear(); follow(); });
    $("#filter").addEventListener("change", () => follow());
  }

  function startPanel() {
    const panel = $("#panel");
    // On a phone the results come first.
    if (panel && matchMedia("(max-width: 61.99rem)").matches) panel.open = false;
    startTerms();
  }

  // MARK: Results

  function startResults() {
    for (const details of $$(".why")) {
      details.addEventListener("toggle", async () => {
        if (!details.open || details.dataset.asked) return;
        details.dataset.asked = "yes";
        const told = $(".told", details);
        told.setAttribute("aria-busy", "true");
        try {
          const { page } = await ask(details.dataset.from);
          const why = $("#why", page);
          if (why) {
            // One document may be explained in several columns.
            for (const element of [why, ...$$("[id]", why)]) element.removeAttribute("id");
            why.removeAttribute("aria-labelledby");
            why.classList.add("explanation");
            told.replaceChildren(why);
          } else {
            told.textContent = $("[role=alert]", page)?.textContent ?? "The server did not say why.";
            delete details.dataset.asked;
          }
        } catch {
          told.textContent = "The server cannot be reached.";
          delete details.dataset.asked;
        }
        told.removeAttribute("aria-busy");
      });
    }
    if (!$(".columns.three")) return;
    for (const hit of $$(".hit")) {
      hit.addEventListener("pointerenter", () => link(hit));
      hit.addEventListener("pointerleave", () => link($(".hit:focus-within")));
      hit.addEventListener("focusin", () => link(hit));
      hit.addEventListener("focusout", () => link(null));
    }
  }

  const same = (hit) => $$(".hit").filter((other) => other.dataset.doc === hit.dataset.doc);

  /// Draws where a document stands in each column, and by how many places it rises or falls.
  function link(hit) {
    $(".links")?.remove();
    for (const other of $$(".hit.same")) other.classList.remove("same");
    if (!hit) return;
    const hits = same(hit);
    for (const other of hits) other.classList.add("same");
    const columns = $(".columns.three");
    if (hits.length < 2 || !columns) return;
    const make = (name, attributes, parent) => {
      const element = document.createElementNS("http://www.w3.org/2000/svg", name);
      for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
      parent?.append(element);
      return element;
    };
    const svg = make("svg", { class: "links", "aria-hidden": "true" });
    const box = columns.getBoundingClientRect();
    const drawn = hits.map((other) => {
      const place = other.getBoundingClientRect();
      return { left: place.left - box.left - 11, right: place.right - box.left + 11, y: place.top - box.top + 28, rank: Number(other.dataset.rank) };
    });
    for (let number = 1; number < drawn.length; number++) {
      const [from, to] = [drawn[number - 1], drawn[number]];
      const bend = Math.max(14, (to.left - from.right) / 2);
      make("path", { d: `M${from.right} ${from.y} C${from.right + bend} ${from.y} ${to.left - bend} ${to.y} ${to.left} ${to.y}` }, svg);
      for (const [x, y] of [[from.right, from.y], [to.left, to.y]]) make("circle", { cx: x, cy: y, r: 3 }, svg);
      const difference = from.rank - to.rank;
      const text = difference > 0 ? `▲${difference}` : difference < 0 ? `▼${-difference}` : "=";
      // Beside the document in hand, where it is seen however far the other one lies.
      const x = (from.right + to.left) / 2;
      const y = hits.indexOf(hit) < number ? from.y : to.y;
      make("rect", { x: x - 16, y: y - 10, width: 32, height: 20, rx: 10 }, svg);
      make("text", { x, y }, svg).textContent = text;
    }
    columns.append(svg);
  }

  // MARK: Keys

  function go(hit) {
    const anchor = $("h3 a", hit);
    anchor.focus({ preventScroll: true });
    hit.scrollIntoView({ block: "nearest" });
  }

  function step(by) {
    const here = document.activeElement.closest(".hit");
    const hits = here ? $$(".hit", here.closest(".column")) : $$(".hit");
    if (!hits.length) return;
    const number = here ? hits.indexOf(here) + by : by > 0 ? 0 : hits.length - 1;
    if (number < 0) $("#q").focus();
    else if (number < hits.length) go(hits[number]);
  }

  function aside(by) {
    const here = document.activeElement.closest(".hit");
    const columns = $$(".column");
    if (!here || columns.length < 2) return;
    const column = columns[columns.indexOf(here.closest(".column")) + by];
    if (!column) return;
    const there = $$(".hit", column);
    const twin = there.find((hit) => hit.dataset.doc === here.dataset.doc);
    const target = twin ?? there[Math.min(there.length, Number(here.dataset.rank)) - 1];
    if (target) go(target);
  }

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if ($("dialog[open]")) return;
    const field = event.target.closest?.("input, select");
    if (field && /^(search|text|password)$/.test(field.type)) {
      if (event.key === "Escape") field.blur();
      else if (event.key === "ArrowDown" && field.id === "q" && $(".hit")) step(1);
      else return;
      event.preventDefault();
      return;
    }
    const hit = document.activeElement.closest(".hit");
    // Elsewhere arrows scroll the page, move a slider, choose.
    if (field?.type === "select-one" || (event.key.startsWith("Arrow") && !hit)) return;
    const keys = {
      "/": () => { $("#q")?.focus(); $("#q")?.select(); },
      "?": () => $("#help").showModal(),
      j: () => step(1), ArrowDown: () => step(1),
      k: () => step(-1), ArrowUp: () => step(-1),
      l: () => aside(1), ArrowRight: () => aside(1),
      h: () => aside(-1), ArrowLeft: () => aside(-1),
      w: () => { const why = hit && $(".why", hit); if (why) why.open = !why.open; },
    };
    if (!Object.hasOwn(keys, event.key)) return;
    event.preventDefault();
    keys[event.key]();
  });

  // MARK: Start

  function startKey() {
    const form = $("#key");
    if (!form) return;
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      remember("sessionStorage", "apus-key", $("#key-text").value);
      await open();
    });
    $("#key-text").focus();
  }

  /// Asks for this page again with the key that this tab has.
  async function open() {
    try {
      const { response, page } = await ask(location.href);
      if (response.status === 401) {
        try { sessionStorage.removeItem("apus-key"); } catch { }
        $("#key-failure").textContent = "The server does not know this key.";
        return;
      }
      if (response.redirected) history.replaceState(null, "", response.url);
      put(page, { whole: true });
    } catch (error) {
      $("#key-failure").textContent = `The server cannot be reached (${error.message}).`;
    }
  }

  function start() {
    showTheme();
    readMoved();
    $("#theme")?.addEventListener("click", switchTheme);
    $("#keys")?.addEventListener("click", () => $("#help").showModal());
    const form = $("#search");
    if (form) {
      form.addEventListener("submit", (event) => {
        event.preventDefault();
        const before = new URLSearchParams(location.search).get("q");
        // Terms of another query are none of this one.
        if ($("#q").value !== before) moved.clear();
        if (!$("#q").value.trim()) return;
        $("#q").blur();
        follow();
      });
      for (const choice of $$(".views input")) {
        choice.addEventListener("change", () => { if ($("#q").value.trim()) follow(); });
      }
    }
    startPanel();
    startResults();
    if ($("main[data-key]")) {
      startKey();
      if (recall("sessionStorage", "apus-key")) open();
    }
  }

  addEventListener("popstate", () => { clearTimeout(timer); show(location.href, { whole: true }); });
  document.addEventListener("DOMContentLoaded", start);
})();
