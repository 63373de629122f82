// The search lab: choose a photo, a beam width and a length penalty, and see the tree of that very
// search. All searches were made with the site and lie in `SEARCHES`; nothing is fetched.
(() => {
"use strict";

const {columns, widths, penalties, photos} = SEARCHES;

// The trace of a search, as `SearchTrace` writes it; of scores, those of its captions.
function traceOf(photo, width, penalty) {
  const [settings, ranking, scores, places] =
    photo.traces[widths.indexOf(width)][penalties.indexOf(penalty)];
  const expansions = places.map((place) =>
    Object.fromEntries(columns.map((name, index) => [name, photo.rows[place][index]])));
  return {algorithm: "beam", settings, ranking, scores, expansions};
}

// The hypotheses from the first token to this one.
function pathTo(trace, id) {
  const byId = new Map(trace.expansions.map((e) => [e.hypothesis_id, e])), path = [];
  for (let e = byId.get(id); e; e = byId.get(e.parent_id)) path.unshift(e);
  return path;
}

// Where the winners of two searches part; as `plots.compare_searches` tells it.
function parting(one, other) {
  const [a, b] = [one, other].map((trace) => pathTo(trace, trace.ranking[0]));
  const at = a.findIndex((e, index) => e.token_id !== b[index]?.token_id);
  return at < 0 || !b[at] ? "Both find the same caption."
    : `They part at step ${at + 1}: “${a[at].word}” against “${b[at].word}”.`;
}

function made(name, properties = {}, ...inside) {
  const element = Object.assign(document.createElement(name), properties);
  element.append(...inside);
  return element;
}

function slider(text, values, value, changed) {
  // Not an output: a label would name it, not the slider.
  const told = made("span", {}, String(value));
  const input = made("input", {type: "range", min: 0, max: values.length - 1, step: 1});
  input.value = values.indexOf(value);
  const say = () => input.setAttribute("aria-valuetext", values[input.value]);
  say();
  input.addEventListener("input", () => {
    told.textContent = values[input.value];
    say();
    changed(values[input.value]);
  });
  return made("label", {}, `${text}: `, told, input);
}

function caption(trace, id, place) {
  const path = pathTo(trace, id), last = path.at(-1);
  const text = path.filter((e) => e.status !== "finished").map((e) => e.word).join(" ");
  const numbers = [`log-probability ${last.cumulative_log_prob.toFixed(2)}`,
    `${path.length + 1} tokens`];
  if (trace.settings.length_penalty) numbers.push(`score ${trace.scores[place].toFixed(3)}`);
  if (last.status === "unfinished") numbers.push("unfinished");
  return made("li", {}, made("span", {className: "text"}, text),
    made("span", {className: "numbers"}, ` ${numbers.join(", ")}`));
}

class Lab {
  constructor(element) {
    this.photo = photos.find(({name}) => name === element.dataset.photo) ?? photos[0];
    this.penalty = Number(element.dataset.penalty);
    this.searches = element.dataset.widths.split(" ").map((width) => new Search(Number(width)));
    const choice = made("select", {}, ...photos.map(({name, label}) =>
      made("option", {value: name, selected: name === this.photo.name}, label)));
    choice.addEventListener("change", () => {
      this.photo = photos[choice.selectedIndex];
      this.show();
    });
    const many = this.searches.length > 1;
    const parts = this.searches.map((search) => search.part(() => this.show(search)));
    const settings = made("div", {className: "settings", role: "group",
      ariaLabel: "Settings of the search"}, made("label", {}, "Photo ", choice),
    ...many ? [] : parts.map(({width}) => width),
    slider("Length penalty", penalties, this.penalty, (value) => {
      this.penalty = value;
      this.show();
    }));
    this.picture = made("img");
    this.credit = made("p", {className: "credit"});
    this.told = made("p", {className: "told", role: "status"});
    element.replaceChildren(settings, made("div", {className: "found"},
      made("div", {className: "photo"}, this.picture, this.credit),
      many ? this.told : this.searches[0].captions),
    ...parts.map(({width, captions, tree}) => made("div", {className: "search"},
      ...many ? [made("div", {className: "settings"}, width), captions] : [], tree)));
    this.show();
  }

  // Searches anew, all or one.
  show(changed = null) {
    const {photo} = this;
    if (!changed) {
      Object.assign(this.picture, {src: photo.file, alt: photo.alt});
      this.credit.textContent = photo.credit ?? "";
    }
    for (const search of changed ? [changed] : this.searches) search.show(photo, this.penalty);
    if (this.searches.length > 1) {
      this.told.textContent = parting(...this.searches.map(({trace}) => trace));
    }
  }
}

class Search {
  constructor(width) {
    this.width = width;
    this.captions = made("ol", {className: "captions", ariaLive: "polite",
      ariaLabel: "Captions, best first"});
    this.tree = made("div");
  }

  // What the page shows of it.
  part(changed) {
    const width = slider("Beam width", widths, this.width, (value) => {
      this.width = value;
      changed();
    });
    return {width, captions: this.captions, tree: this.tree};
  }

  show(photo, penalty) {
    this.trace = traceOf(photo, this.width, penalty);
    this.captions.replaceChildren(...this.trace.ranking.map((id, place) => caption(this.trace, id, place)));
    showTrace(this.tree, this.trace);
  }
}

for (const element of document.querySelectorAll(".lab")) new Lab(element);
})();
