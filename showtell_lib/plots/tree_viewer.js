// The viewer of search traces: `showTrace(element, trace)` draws what a search did into an element.
//
// `trace` is the parsed JSON of a `SearchTrace`. The viewer loads nothing and computes nothing that
// the trace does not hold; it draws the tree as `plots.search_tree` does, tells it in the words of
// `plots.tree_listing`, and lets the reader walk through it. A further call draws the new trace in
// place of the old one.
(() => {
"use strict";

const ROOT = 0, END = "</S>";
const NAMES = {greedy: "Greedy decoding", beam: "Beam search", diverse_beam: "Diverse beam search",
  sample: "Sampling", exact: "Exact search"};
// The settings that a search's name mentions, each with its default, which the name leaves out.
const USUAL = {beam_width: null, groups: 1, diversity: null, captions: 1, temperature: 1,
  top_k: null, top_p: 1, length_penalty: 0};
const LEGEND = {winner: "on the way to the winner", kept: "kept", finished: "finished",
  unfinished: "unfinished", pruned: "pruned: how far below which"};
// The most hypotheses of a step that are drawn; the rest are counted, unless the reader wants all.
const MOST_CAPTIONS = 7, MOST_GOING_ON = 7, MOST_PRUNED = 3, MOST_PRUNED_OF_WIDE = 2;
// Sizes in pixels, but LONGEST in letters, and PACE, from step to step, in milliseconds.
const WORD = 13, NOTE = 11, PAD = 6, EDGE = 26, MARGIN = 8, LINE = 17, NOTE_LINE = 14, GAP = 9;
const HEADER = 24, ROW_GAP = 18, FULL_WIDTH = 1056, LONGEST = 14, PACE = 1200;
const FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif';

// Every rule applies inside a viewer only. A kind of box has colours for outline, inside, writing.
const LIGHT = `--page: #fff; --ink: #222; --faint: #8a8a8a; --ghost: #5f5f5f; --start: #f2f2f2;
  --winner: #0072b2; --winner-in: #d9ebf7; --winner-ink: #00395a; --finished: #009e73;
  --finished-in: #e3f4ee; --unfinished: #e69f00; --unfinished-in: #fdf3dd; --rival: #d55e00;
  --action: #0a5ca8; --on-action: #fff;`;
const DARK = `--page: #16181b; --ink: #ececec; --faint: #8b9096; --ghost: #b4b8bd; --start: #2a2e33;
  --winner: #56b4e9; --winner-in: #12344a; --winner-ink: #d9ebf7; --finished: #2fc39a;
  --finished-in: #10352a; --unfinished: #e69f00; --unfinished-in: #3a2c0a; --rival: #ff8f3f;
  --action: #8cc2ff; --on-action: #101820;`;
const STYLE = `
.showtell-tree { ${LIGHT} color: var(--ink); background: var(--page); font: 1rem/1.4 ${FONT}; }
@media screen and (prefers-color-scheme: dark) { .showtell-tree { ${DARK} } }
' p { margin: .25rem 0; }
' .name { font-weight: 700; }
' .bar { position: sticky; top: 0; z-index: 1; padding: .25rem 0; background: var(--page); }
' .buttons { display: flex; flex-wrap: wrap; align-items: center; gap: .4rem; }
' button { min-height: 2.5rem; margin: 0; padding: .3rem .9rem; border: 0; border-radius: .4rem;
  background: var(--action); color: var(--on-action); font: inherit; font-weight: 600;
  cursor: pointer; }
' button[aria-disabled=true] { opacity: .55; cursor: default; }
' input[type=range] { flex: 1 1 6rem; min-width: 5rem; height: 2rem; margin: 0;
  accent-color: var(--action); }
' label:not([hidden]) { display: inline-flex; align-items: center; gap: .35rem; min-height: 2rem; }
' .told { min-height: 2.8em; }
' .frame { overflow-x: auto; }
' svg { display: block; font: ${WORD}px ${FONT}; }
' text { fill: var(--ink); }
' :is(.small, .heading, .more) { font-size: ${NOTE}px; }
' :is(.heading, .more, .pruned text) { fill: var(--ghost); }
' .heading { scroll-margin: 11rem 2rem 18rem; }
' .more { font-style: italic; }
' rect { fill: var(--page); stroke: var(--ink); stroke-width: 1.2; }
' path { fill: none; stroke: var(--faint); stroke-width: 1.2; }
' :is(.start, .again) rect { fill: var(--start); }
' .again rect { stroke: var(--faint); stroke-dasharray: 1 3; }
' .winner rect { fill: var(--winner-in); }
' .winner text { fill: var(--winner-ink); }
' .winner .word { font-weight: 700; }
' :is(.winner rect, path.winner) { stroke: var(--winner); stroke-width: 2.6; }
' .finished rect { fill: var(--finished-in); }
' :is(.finished rect, path.finished) { stroke: var(--finished); stroke-width: 1.8; }
' .unfinished rect { fill: var(--unfinished-in); }
' :is(.unfinished rect, path.unfinished) { stroke: var(--unfinished); stroke-width: 1.8; }
' :is(.pruned rect, path.pruned) { stroke: var(--faint); stroke-dasharray: 4 3; }
' [data-id] { outline: none; cursor: pointer; scroll-margin: 11rem 2rem 2rem; }
' :is(.lit rect, path.lit) { stroke-width: 3.4; }
' .rival rect { stroke: var(--rival); stroke-width: 3; stroke-dasharray: none; }
' .later { visibility: hidden; opacity: 0; }
' .legend { display: flex; flex-wrap: wrap; gap: .3rem 1.2rem; margin: .5rem 0; padding: 0;
  list-style: none; font-size: .85rem; }
' .legend svg { display: inline-block; margin-right: .3rem; vertical-align: middle; }
' pre { max-height: 24rem; margin: .25rem 0; padding: .5rem; overflow: auto; font-size: .85rem;
  border: 1px solid var(--faint); }
' summary { min-height: 1.5rem; cursor: pointer; }
' :is(button, input, pre, summary):focus-visible, ' [data-id]:focus-visible rect {
  outline: 3px solid var(--action); outline-offset: 2px; }
@media (prefers-reduced-motion: no-preference) { ' [data-step] { transition: opacity .4s; } }
@media print {
  .showtell-tree { print-color-adjust: exact; }
  ' .bar { display: none; }
  ' .frame svg { max-width: 100%; height: auto; }
  ' pre { max-height: none; white-space: pre-wrap; }
  ' details::details-content { content-visibility: visible; block-size: auto; }
}`.replaceAll("' ", ".showtell-tree ");

// ---- The trace, with what is looked up in it

function read(trace) {
  const tree = {trace, byId: new Map(), children: new Map(), winners: new Set(), listed: []};
  for (const e of trace.expansions) {
    tree.byId.set(e.hypothesis_id, e);
    if (!tree.children.has(e.parent_id)) tree.children.set(e.parent_id, []);
    tree.children.get(e.parent_id).push(e);
  }
  for (const siblings of tree.children.values()) {
    siblings.sort((a, b) => b.log_prob - a.log_prob || a.token_id - b.token_id);
  }
  if (trace.ranking.length) for (const e of path(tree, trace.ranking[0])) tree.winners.add(e);
  const list = (id) => (tree.children.get(id) ?? []).forEach((e) => {
    tree.listed.push(e);
    list(e.hypothesis_id);
  });
  list(ROOT);
  tree.last = tree.listed.reduce((last, e) => Math.max(last, e.step), 1);
  return tree;
}

function path(tree, id) {
  const steps = [];
  for (let e = tree.byId.get(id); e; e = tree.byId.get(e.parent_id)) steps.push(e);
  return steps.reverse();
}

const kind = (tree, e) => tree.winners.has(e) ? "winner" : e.status;
const words = (tree, id, most = Infinity) =>
  path(tree, id).slice(-most).map((e) => e.word).join(" ");

// Which hypotheses of each step are drawn: the paths to captions, others kept, the near misses.
function choose(tree, all) {
  const captions = tree.trace.ranking.slice(0, MOST_CAPTIONS);
  const wanted = new Set(captions.flatMap((id) => path(tree, id)));
  const steps = [], most = (list, number) => list.slice(0, all ? Infinity : number);
  let places = new Map([[ROOT, 0]]);
  for (let step = 1; step <= tree.last; step++) {
    const found = tree.trace.expansions.filter((e) => e.step === step);
    const reachable = found.filter((e) => places.has(e.parent_id));
    const [chosen, rest] = [true, false].map((is) => reachable.filter((e) => wanted.has(e) === is));
    const others = rest.filter((e) => e.status !== "pruned").sort((a, b) =>
      b.cumulative_log_prob - a.cumulative_log_prob || a.hypothesis_id - b.hypothesis_id);
    const pruned = rest.filter((e) => e.status === "pruned").sort((a, b) =>
      (a.lost_by ?? 0) - (b.lost_by ?? 0) || a.hypothesis_id - b.hypothesis_id);
    const going = chosen.filter((e) => e.status !== "finished").length;
    const wide = chosen.length + others.length > 3;
    const drawn = [...chosen, ...most(others, Math.max(0, MOST_GOING_ON - going)),
      ...most(pruned, wide ? MOST_PRUNED_OF_WIDE : MOST_PRUNED)];
    // The winner first, pruned ones last; by group and parent, so that edges seldom cross.
    const place = (e) => [e.status === "pruned", !tree.winners.has(e), e.group ?? 0,
      places.get(e.parent_id), e.status === "finished", -e.log_prob, e.hypothesis_id];
    drawn.sort((a, b) => compare(place(a), place(b)));
    places = new Map(drawn.map((e, index) => [e.hypothesis_id, index]));
    steps.push({step, drawn, leftOut: found.length - drawn.length});
  }
  return steps;
}

function compare(a, b) {
  const at = a.findIndex((value, index) => value !== b[index]);
  return at < 0 ? 0 : a[at] - b[at];
}

// ---- The trace in words, as `plots.tree_listing` has them

function nameOf(trace) {
  const settings = Object.entries(USUAL)
    .map(([name, usual]) => [name, trace.settings[name], usual])
    .filter(([, value, usual]) => value != null && value !== usual)
    .map(([name, value]) => `${name.replaceAll("_", " ")} ${general(value, 6)}`);
  return [NAMES[trace.algorithm] ?? trace.algorithm.replaceAll("_", " "), ...settings].join(", ");
}

function winnerSentence(tree) {
  const winner = tree.byId.get(tree.trace.ranking[0]);
  if (!winner) return "Nothing was returned.";
  const said = words(tree, winner.hypothesis_id).split(" ").filter((word) => word !== END).join(" ");
  return `The winner is ${said ? `"${said}"` : "an empty caption"}` +
    `${winner.word === END ? "" : ", unfinished"}, ` +
    `log-probability ${rounded(winner.cumulative_log_prob)}.`;
}

function line(tree, e) {
  const parts = [`${e.step}. ${e.word}: ${e.status}`,
    `probability ${general(Math.exp(e.log_prob), 2)}`, `sum ${e.cumulative_log_prob.toFixed(2)}`];
  if (e.lost_to != null) {
    parts.push(`lost to "${words(tree, e.lost_to, 3)}" by ${(e.lost_by ?? 0).toFixed(2)}`);
  }
  const place = tree.trace.ranking.indexOf(e.hypothesis_id);
  if (place >= 0) parts.push(`caption no. ${place + 1}`);
  if (tree.winners.has(e)) parts.push("on the winner's path");
  return parts.join(", ");
}

function listing(tree) {
  const lines = tree.listed.map((e) => "  ".repeat(e.step - 1) + line(tree, e));
  return [`${nameOf(tree.trace)}. ${winnerSentence(tree)}`, ...lines].join("\n");
}

// A number with so many significant digits, as Python's format "g" writes it.
function general(value, digits) {
  const [figures, exponent] = Number(value).toExponential(digits - 1).split("e").map(Number);
  if (exponent >= -4 && exponent < digits) return String(Number(value.toPrecision(digits)));
  const size = String(Math.abs(exponent)).padStart(2, "0");
  return `${figures}e${exponent < 0 ? "-" : "+"}${size}`;
}

// A measurement with three digits; a number just below 1 is not rounded to 1.
function rounded(value) {
  const size = Math.abs(value);
  if (size >= 9.995) return value.toFixed(1);
  if (size < 0.9995 || size >= 1) return general(value, 3);
  return (Math.sign(value) * Math.min(size, 0.9999)).toFixed(4);
}

const signed = (value) => value.toFixed(value > -0.95 ? 2 : 1).replace("-", "\u2212");
const shortened = (word) =>
  [...word].length > LONGEST ? [...word].slice(0, LONGEST - 1).join("") + "…" : word;

function note(tree, e) {
  const place = tree.trace.ranking.indexOf(e.hypothesis_id) + 1;
  if (e.status === "pruned" && e.lost_to != null) {
    const by = e.lost_by ?? 0, rival = shortened(tree.byId.get(e.lost_to).word);
    return `${by.toFixed(by >= 0.095 ? 2 : 3)} below ${rival}`;
  }
  if (e.status === "unfinished") return place ? `unfinished, no. ${place}` : "unfinished";
  if (e.status === "finished") return place ? `caption no. ${place}` : "found again";
  return "";
}

// ---- Where everything lies: columns of boxes, broken into rows like text

const pen = document.createElement("canvas").getContext("2d");

function textWidth(text, size, bold = false) {
  pen.font = `${bold ? "bold " : ""}${size}px ${FONT}`;
  return pen.measureText(text).width;
}

function box(id, kind, word, more = {}) {
  const sizes = [textWidth(word, WORD, kind === "winner")];
  if (more.note) sizes.push(textWidth(more.note, NOTE));
  return {id, kind, word, ...more, width: Math.max(...sizes) + 2 * PAD,
    height: LINE + PAD + (more.note ? NOTE_LINE : 0)};
}

function column(boxes, heading = "", step = 0) {
  const sums = boxes.filter((b) => b.sum).map((b) => textWidth(b.sum, NOTE));
  const edge = sums.length ? EDGE + Math.max(...sums) + 6 : 0;
  const wide = Math.max(textWidth(heading, NOTE), ...boxes.map((b) => b.width));
  return {boxes, heading, step, edge, wide, width: edge + wide};
}

function stepColumn(tree, {step, drawn, leftOut}) {
  const grouped = (tree.trace.settings.groups ?? 1) > 1;
  const boxes = drawn.map((e) => box(e.hypothesis_id, kind(tree, e), shortened(e.word), {
    e, note: note(tree, e), parent: e.parent_id,
    sum: (grouped ? `g${e.group + 1} ` : "") + signed(e.cumulative_log_prob)}));
  if (leftOut) boxes.push(box(null, "more", `+${leftOut} more`));
  return column(boxes, `step ${step}`, step);
}

// The first column of a row: `<S>`, or again the hypotheses of the step before that it extends.
function firstColumn(tree, steps, index) {
  if (index === 0) return column([box(ROOT, "start", "<S>")]);
  const parents = new Set(steps[index].drawn.map((e) => e.parent_id));
  const again = steps[index - 1].drawn.filter((e) => parents.has(e.hypothesis_id));
  return column(again.map((e) => box(e.hypothesis_id, tree.winners.has(e) ? "winner" : "again",
    (e.step > 1 ? "… " : "") + shortened(e.word), {again: true})), "", index + 1);
}

function layOut(tree, steps, width) {
  const columns = steps.map((step) => stepColumn(tree, step));
  const starts = steps.map((_, index) => firstColumn(tree, steps, index));
  const room = (from, to) => columns.slice(from, to).reduce((sum, c) => sum + c.width,
    starts[from].width + 2 * MARGIN);
  const rows = [];
  for (let from = 0, to; from < columns.length; from = to) {
    for (to = from + 1; to < columns.length && room(from, to + 1) <= width;) to++;
    rows.push([starts[from], ...columns.slice(from, to)]);
  }
  let top = MARGIN, right = 0;
  for (const row of rows) {
    top = place(row, top) + ROW_GAP;
    right = Math.max(right, row.at(-1).left + row.at(-1).wide + MARGIN);
  }
  return {rows, width: right, height: top};
}

// Places the boxes of a row; returns where the lowest box ends.
function place(row, top) {
  let left = MARGIN, lowest = top;
  for (const column of row) {
    column.left = left + column.edge;
    column.top = top;
    left += column.width;
    let below = top + HEADER;
    for (const box of column.boxes) {
      Object.assign(box, {left: column.left, top: below, middle: below + box.height / 2});
      below += box.height + GAP;
    }
    lowest = Math.max(lowest, below);
  }
  return lowest;
}

// ---- Drawing

function make(name, attributes = {}, ...children) {
  const svg = ["svg", "g", "path", "rect", "text"].includes(name);
  const made = svg ? document.createElementNS("http://www.w3.org/2000/svg", name)
    : document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

function drawBox(box, step, attributes = {}) {
  const {left, top, middle} = box, first = top + PAD / 2 + LINE * 0.75;
  if (box.kind === "more") {
    return make("text", {class: "more", x: left + PAD, y: middle + 4, "data-step": step}, box.word);
  }
  const square = box.word === END || box.kind === "finished";
  const group = make("g", {class: box.kind, "data-step": step, ...attributes},
    make("rect", {x: left, y: top, width: box.width, height: box.height, rx: square ? 0 : 5}),
    make("text", {class: "word", x: left + PAD, y: first}, box.word));
  const small = (text, x, y, anchor) =>
    group.append(make("text", {class: "small", x, y, "text-anchor": anchor}, text));
  if (box.note) small(box.note, left + PAD, first + NOTE_LINE, "start");
  if (box.sum) small(box.sum, left - 6, middle - 4, "end");
  return group;
}

function drawEdge(before, box, step) {
  const parent = before.boxes.find((b) => b.id === box.parent);
  const start = parent.left + parent.width, bend = before.left + before.wide, flat = bend + EDGE;
  const middle = (bend + flat) / 2;
  return make("path", {class: box.kind, "data-step": step, "data-to": box.id,
    d: `M${start} ${parent.middle}H${bend}C${middle} ${parent.middle} ${middle} ${box.middle} ` +
      `${flat} ${box.middle}H${box.left}`});
}

function drawTree(tree, layout) {
  const edges = make("g", {"aria-hidden": "true"}), others = make("g", {"aria-hidden": "true"});
  const nodes = new Map();
  for (const row of layout.rows) {
    row.forEach((column, at) => {
      if (column.heading) others.append(make("text", {class: "heading", x: column.left,
        y: column.top + 12, "data-step": column.step}, column.heading));
      for (const box of column.boxes) {
        if (!box.e) { others.append(drawBox(box, column.step)); continue; }
        const edge = drawEdge(row[at - 1], box, column.step);
        if (box.kind === "winner") edges.append(edge); else edges.prepend(edge);
        nodes.set(box.e, drawBox(box, column.step, {"data-id": box.id, role: "treeitem",
          "aria-level": column.step, "aria-label": line(tree, box.e), tabindex: -1}));
      }
    });
  }
  // Screen readers get the nodes in the order of the listing, wherever the nodes lie.
  const items = make("g", {role: "tree", "aria-label": `Search tree, ${nameOf(tree.trace)}`},
    ...tree.listed.filter((e) => nodes.has(e)).map((e) => nodes.get(e)));
  const {width, height} = layout;
  // The role of an SVG is that of an image unless told otherwise; screen readers skip its parts.
  return make("svg", {width, height, viewBox: `0 0 ${width} ${height}`, role: "presentation"},
    edges, others, items);
}

function drawLegend(tree, steps) {
  const present = new Set(steps.flatMap(({drawn}) => drawn.map((e) => kind(tree, e))));
  const items = Object.entries(LEGEND).filter(([name]) => present.has(name)).map(([name, text]) => {
    const sample = box(null, name, name === "finished" ? END : "word");
    Object.assign(sample, {left: 2, top: 2, middle: 2 + sample.height / 2});
    const [width, height] = [sample.width + 4, sample.height + 4];
    return make("li", {}, make("svg", {width, height, "aria-hidden": "true"}, drawBox(sample, 0)),
      text);
  });
  return make("ul", {class: "legend", "aria-label": "Legend"}, ...items);
}

// ---- The viewer

class Viewer {
  constructor(element, trace) {
    this.tree = read(trace);
    this.step = this.tree.last;
    this.timer = 0;
    this.build();
    element.replaceChildren(this.root);
    this.draw();
    new ResizeObserver(() => { if (this.room() !== this.width) this.draw(); }).observe(this.frame);
  }

  build() {
    const button = (text, act) => {
      const made = make("button", {type: "button"}, text);
      made.addEventListener("click", act);
      return made;
    };
    const walk = (to) => { this.pause(); this.go(to); this.follow(); };
    this.back = button("Back", () => walk(this.step - 1));
    this.player = button("Play", () => this.timer ? this.pause() : this.play());
    this.on = button("On", () => walk(this.step + 1));
    this.slider = make("input", {type: "range", min: 1, max: this.tree.last, "aria-label": "Step"});
    this.slider.addEventListener("input", () => walk(Number(this.slider.value)));
    this.all = make("input", {type: "checkbox"});
    this.all.addEventListener("change", () => this.draw());
    this.allLabel = make("label", {}, this.all, "All hypotheses");
    this.state = make("p", {"aria-live": "polite"});
    this.told = make("p", {class: "told"});
    this.frame = make("div", {class: "frame"});
    this.legend = make("div");
    this.listen();
    this.root = make("div", {class: "showtell-tree"},
      make("p", {class: "name"}, nameOf(this.tree.trace)),
      make("div", {class: "bar"}, make("div", {class: "buttons", role: "group",
        "aria-label": "Steps of the search"}, this.back, this.player, this.on, this.slider,
      this.allLabel), this.state, this.told),
      this.frame, this.legend,
      make("details", {}, make("summary", {}, "The tree in words"), make("pre",
        {tabindex: 0, role: "group", "aria-label": "The tree in words"}, listing(this.tree))));
  }

  listen() {
    const tell = (event) => {
      const node = event.target.closest("[data-id]");
      if (node && event.type === "click") node.focus({preventScroll: true});
      if (node) this.tell(Number(node.dataset.id));
    };
    for (const event of ["pointerover", "focusin", "click"]) {
      this.frame.addEventListener(event, tell);
    }
    this.frame.addEventListener("keydown", (event) => this.move(event));
  }

  room() { return Math.min(this.frame.clientWidth || FULL_WIDTH, FULL_WIDTH); }

  draw() {
    this.width = this.room();
    const few = choose(this.tree, false), steps = this.all.checked ? choose(this.tree, true) : few;
    this.allLabel.hidden = few.every(({leftOut}) => !leftOut);
    this.columns = steps.map(({drawn}) => drawn.map((e) => e.hypothesis_id));
    this.frame.replaceChildren(drawTree(this.tree, layOut(this.tree, steps, this.width)));
    this.legend.replaceChildren(drawLegend(this.tree, steps));
    this.go(this.step);
  }

  go(step) {
    const {tree} = this, last = tree.last;
    this.step = Math.min(Math.max(step, 1), last);
    for (const part of this.frame.querySelectorAll("[data-step]")) {
      part.classList.toggle("later", Number(part.dataset.step) > this.step);
    }
    this.slider.value = this.step;
    this.back.setAttribute("aria-disabled", this.step === 1);
    this.on.setAttribute("aria-disabled", this.step === last);
    const found = tree.listed.filter((e) => e.step === this.step);
    const counts = ["kept", "pruned", "finished", "unfinished"]
      .map((status) => [found.filter((e) => e.status === status).length, status])
      .filter(([count]) => count).map((pair) => pair.join(" "));
    this.state.textContent = `Step ${this.step} of ${last}: ${counts.join(", ")}.` +
      (this.step === last ? ` ${winnerSentence(tree)}` : "");
    this.tell(this.shown(this.at) ? this.at : null);
  }

  // Brings the newest step into view, where the tree is larger than the window.
  follow() {
    this.frame.querySelector(`.heading[data-step="${this.step}"]`)
      ?.scrollIntoView({block: "nearest", inline: "nearest"});
  }

  play() {
    if (this.step === this.tree.last) this.go(1);
    this.follow();
    this.player.textContent = "Pause";
    this.timer = setInterval(() => {
      this.go(this.step + 1);
      this.follow();
      if (this.step === this.tree.last || !this.root.isConnected) this.pause();
    }, PACE);
  }

  pause() {
    clearInterval(this.timer);
    this.timer = 0;
    this.player.textContent = "Play";
  }

  // The node of a hypothesis; null if it is not drawn, or if its step has not come yet.
  shown(id) { return this.frame.querySelector(`[data-id="${id}"]:not(.later)`); }

  // Says what became of a hypothesis, highlights its path, and rings the hypothesis it lost to.
  tell(id) {
    const e = this.tree.byId.get(id);
    this.at = id;
    for (const part of this.frame.querySelectorAll(".lit, .rival")) {
      part.classList.remove("lit", "rival");
    }
    for (const one of path(this.tree, id)) {
      for (const part of this.frame.querySelectorAll(
        `[data-id="${one.hypothesis_id}"], [data-to="${one.hypothesis_id}"]`)) {
        part.classList.add("lit");
      }
    }
    if (e) this.shown(e.lost_to)?.classList.add("rival");
    this.frame.querySelector('[tabindex="0"]')?.setAttribute("tabindex", -1);
    (this.shown(id) ?? this.frame.querySelector("[data-id]:not(.later)"))
      ?.setAttribute("tabindex", 0);
    this.told.replaceChildren(...(e ? [make("strong", {}, words(this.tree, id)),
      ` ${line(this.tree, e)}`] : ["Point at a word, or tap it; with the keyboard: tab to the " +
      "tree, then use the arrow keys."]));
  }

  // The arrow keys lead to the parent, the first child, and the neighbours in the same step.
  move(event) {
    const {byId, trace} = this.tree, e = byId.get(Number(event.target.dataset?.id));
    if (!e) return;
    const column = this.columns[e.step - 1], at = column.indexOf(e.hypothesis_id);
    const child = (this.columns[e.step] ?? []).find((id) => byId.get(id).parent_id === column[at]);
    const ways = {ArrowLeft: e.parent_id, ArrowRight: child, ArrowUp: column[at - 1],
      ArrowDown: column[at + 1], Home: this.columns[0][0], End: trace.ranking[0]};
    if (!(event.key in ways)) return;
    event.preventDefault();
    this.shown(ways[event.key])?.focus();
  }
}

// Adds the style sheet once, then draws.
function showTrace(element, trace) {
  if (!document.getElementById("showtell-tree")) {
    document.head.append(make("style", {id: "showtell-tree"}, STYLE));
  }
  return new Viewer(element, trace);
}

globalThis.showTrace = showTrace;
})();
