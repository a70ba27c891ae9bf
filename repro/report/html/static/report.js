// What the pages add where JavaScript runs; each is whole without it. No library but plotly is used.
"use strict";

const all = (selector, within = document) => [...within.querySelectorAll(selector)];

// --- tables are sorted by their headings (the pattern of the ARIA guide: a button and aria-sort) ---

const collator = new Intl.Collator("en", { numeric: true });
const shown = (row, column) => row.cells[column].innerText.trim();

function compare(first, second) {
  const [a, b] = [first, second].map((text) => (/^[+-]?[\d.]/.test(text) ? parseFloat(text) : NaN));
  if (!isNaN(a) && !isNaN(b)) return a - b;
  return isNaN(a) - isNaN(b) || collator.compare(first, second);
}

// empty places come last either way; equal ones keep their order
function sort(table, column) {
  const heading = table.tHead.rows[0].cells[column];
  const down = heading.getAttribute("aria-sort") === "ascending";
  const rows = [...table.tBodies[0].rows].map((row) => [shown(row, column), row]);
  const order = ([a], [b]) => !a - !b || (down ? compare(b, a) : compare(a, b));
  table.tBodies[0].append(...rows.sort(order).map(([, row]) => row));
  all("th", table.tHead).forEach((cell) => cell.removeAttribute("aria-sort"));
  heading.setAttribute("aria-sort", down ? "descending" : "ascending");
}

for (const table of all("table")) {
  [...table.tHead.rows[0].cells].forEach((heading, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...heading.childNodes);
    button.addEventListener("click", () => sort(table, column));
    heading.append(button);
  });
}

// --- rows are chosen by paper, state, data set and words -----------------------------------------

function fits(row, wish) {
  const kept = (name) =>
    !wish[name] || !(name in row.dataset) || row.dataset[name].split("|").includes(wish[name]);
  const text = row.textContent.toLowerCase();
  return ["paper", "status", "data"].every(kept) && wish.words.every((word) => text.includes(word));
}

function choose(form) {
  const wish = Object.fromEntries(new FormData(form));
  wish.words = (wish.words || "").toLowerCase().split(/\s+/).filter(Boolean);
  let kept = 0, every = 0;
  for (const box of all(".scroll", form.closest("section, main"))) {
    const rows = all("tbody tr", box);
    const left = rows.filter((row) => !(row.hidden = !fits(row, wish)));
    box.hidden = rows.length > 0 && left.length === 0;
    box.nextElementSibling.hidden = !box.hidden;
    kept += left.length;
    every += rows.length;
  }
  form.querySelector(".count").textContent = `${kept} of ${every} rows`;
}

for (const form of all("form.filter")) {
  form.hidden = false;
  form.addEventListener("input", () => choose(form));
  form.addEventListener("submit", (event) => event.preventDefault());
  choose(form);
}

// --- search over all pages -----------------------------------------------------------------------

const MOST = 40;

function search(words) {
  const found = words.length
    ? window.SEARCH.filter(([text, place]) =>
        words.every((word) => `${text} ${place}`.toLowerCase().includes(word)))
    : [];
  const items = found.slice(0, MOST).map(([text, place, url]) => {
    const item = document.createElement("li");
    const link = item.appendChild(document.createElement("a"));
    link.href = url;
    link.textContent = text;
    item.appendChild(document.createElement("span")).textContent = place;
    return item;
  });
  const list = document.getElementById("found");
  list.replaceChildren(...items);
  list.hidden = !items.length;
  const more = found.length > MOST ? `, the first ${MOST} are shown` : "";
  document.getElementById("hits").textContent = words.length ? `${found.length} found${more}` : "";
}

for (const form of all("form.search")) {
  form.hidden = false;
  const input = form.querySelector("input");
  input.addEventListener("input", () => search(input.value.toLowerCase().split(/\s+/).filter(Boolean)));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    form.querySelector("#found a")?.click();
  });
}

// --- a link to a cell opens what it comes from ----------------------------------------------------

function follow() {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!target) return;
  const folded = target.closest("details");
  if (folded) folded.open = true;
  target.scrollIntoView({ block: "center", inline: "center" });
  target.querySelector("button[popovertarget]")?.popoverTargetElement?.showPopover();
}
addEventListener("hashchange", follow);
if (location.hash) follow();

// --- plots ----------------------------------------------------------------------------------------

const dark = matchMedia("(prefers-color-scheme: dark)");

// the colours of the printed figures are made for white; on black they are mixed with white
function seen(colour) {
  if (!dark.matches || !/^#[0-9a-f]{6}$/i.test(colour)) return colour;
  const parts = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));
  return `rgb(${parts.map((part) => Math.round((part + 2 * 255 * 0.6) / 2.2)).join(",")})`;
}

const coloured = (trace) => ({
  ...trace,
  marker: { ...trace.marker, color: seen(trace.marker?.color) },
  line: { ...trace.line, color: seen(trace.line?.color) },
});

function dressed(layout) {
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const axis = (given) => ({
    automargin: true, gridcolor: colour("--grid"), linecolor: colour("--line"), zeroline: false, ...given,
  });
  return {
    paper_bgcolor: colour("--paper"), plot_bgcolor: colour("--paper"), hovermode: "closest",
    font: { color: colour("--ink"), family: getComputedStyle(document.body).fontFamily, size: 13 },
    hoverlabel: { bgcolor: colour("--card"), bordercolor: colour("--soft"), align: "left",
      font: { color: colour("--ink") } },
    margin: { l: 60, r: 15, t: 15, b: 60 }, legend: { orientation: "h", y: 1.02, yanchor: "bottom" },
    ...layout, xaxis: axis(layout.xaxis), yaxis: axis(layout.yaxis),
  };
}

function plot(form) {
  const key = [...new FormData(form).values()].join("|");
  const drawn = window.PLOTS[form.dataset.plot][key];
  const place = document.getElementById(`plot-${form.dataset.plot}`);
  place.hidden = !drawn;
  place.nextElementSibling.hidden = Boolean(drawn);
  if (drawn) {
    const options = { responsive: true, displaylogo: false, displayModeBar: false };
    Plotly.react(place, drawn.data.map(coloured), dressed(drawn.layout), options);
  }
}

all(".without").forEach((note) => note.remove());
for (const form of all("form.choices")) {
  form.hidden = false;
  form.addEventListener("input", () => plot(form));
  form.addEventListener("submit", (event) => event.preventDefault());
  dark.addEventListener("change", () => plot(form));
  plot(form);
}
