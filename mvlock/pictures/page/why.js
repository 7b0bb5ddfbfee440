// The page of a project: its versions, what requires each, which versions each requirement allows, what makes it one.

function projectView(name) {
  const row = rowsByProject.get(name);
  if (!row) return [element("div", { class: "page" }, `The lock has no project ${name} for this environment.`)];
  const reason = facts.reasons[name];
  return [element("div", { class: "page" },
    element("h2", {}, name), element("p", { class: "dim" }, projectSummary(row, reason)),
    reason ? [axisView(row, reason), adviceView(reason)] : missingReason(row),
    reason ? reason.versions.map((version) => versionView(row, version)) : row.versions.map((version) => plainVersion(row, version)))];
}

function projectSummary(row, reason) {
  const here = `${count(row.versions.length, "version")} in ${count(row.cells.length, "tree")}, ${count(modulesOf(row), "module")} at run time`;
  return reason && !isConflict(row) ? `${here}; several versions in other environments of the lock` : here;
}

function missingReason(row) {
  if (isConflict(row)) return element("p", { class: "advice" }, `Why there are several is not known: ${facts.unknown || "no requirement was found"}.`);
  if (modulesOf(row) === 1) return [];
  return element("p", { class: "advice" }, "One version, several modules: what it uses differs between these trees, or a setting keeps them apart.");
}

/** "pandas 3.1.1 needs numpy>=2", "pyproject.toml:12 requires numpy<2". */
function requirementText(requirer) {
  const by = requirer.verb === "requires" ? placeText(requirer.entry) || requirer.by : requirer.by;
  return `${by} ${requirer.verb} ${requirer.requirement}`;
}

/** The requirements, each once: what several versions have by the same requirement is one line. */
function requirersOf(reason) {
  const found = new Map();
  for (const { version, requirers } of reason.versions) {
    for (const one of requirers) {
      const text = requirementText(one);
      found.set(text, { ...one, text, version, excludes: [...(found.get(text)?.excludes ?? []), ...one.excludes] });
    }
  }
  return [...found.values()];
}

function axisView(row, reason) {
  const all = requirersOf(reason);
  const causes = all.filter((one) => one.excludes.length), others = all.filter((one) => !one.excludes.length);
  const more = others.length ? element("details", {}, element("summary", {}, `${others.length === 1 ? "1 more requirement" : `${others.length} more requirements`} that exclude none of these versions`),
    element("div", { class: "axis" }, axisImage(row, reason, others))) : "";
  return [element("h3", {}, "Which versions each requirement allows"),
    element("div", { class: "axis" }, axisImage(row, reason, causes)), more];
}

function axisImage(row, reason, requirers) {
  const left = Math.min(460, 20 + Math.max(40, ...requirers.map((one) => measure(shortened(one.text)))));
  const wide = Math.max(420, Math.min(860, document.documentElement.clientWidth - left - 80));
  const step = wide / reason.axis.length;
  const x = (number) => left + (number + 0.5) * step;
  const height = 46 + requirers.length * 20;
  const ends = tickNumbers(reason, step);
  return drawn("svg", { width: left + wide + 40, height: height + 24, role: "img" },
    drawn("title", {}, `The versions of ${row.project} that each requirement allows`),
    reason.versions.map(({ version }, number) => lockedMark(row, version, x(reason.axis.indexOf(version)), height, number)),
    requirers.map((one, number) => allowedLine(one, one.excludes.length ? colour(row, one.version) : "same", 44 + number * 20, { left, x, step })),
    ends.map((number) => drawn("text", { x: x(number), y: height + 16, class: "dim", "text-anchor": "middle" }, reason.axis[number])));
}

function lockedMark(row, version, at, height, number) {
  const width = measure(version) + 12;
  const y = number % 2 ? 0 : 18;
  return [drawn("line", { class: "at", x1: at, x2: at, y1: y + 16, y2: height }),
    drawn("rect", { class: colour(row, version), x: at - width / 2, y, width, height: 17, rx: 4 }),
    drawn("text", { class: "bold", x: at, y: y + 13, "text-anchor": "middle" }, version)];
}

const shortened = (text) => (text.length > 64 ? `${text.slice(0, 62)}…` : text);

function allowedLine(requirer, fill, y, { left, x, step }) {
  return drawn("g", {}, hint(requirer.text),
    drawn("text", { x: left - 10, y: y + 13, "text-anchor": "end", class: requirer.excludes.length ? "" : "dim" }, shortened(requirer.text)),
    requirer.allows.map(([from, to]) => drawn("rect", { class: `allows ${fill}`, x: x(from) - step / 2, y: y + 4,
      width: Math.max(3, x(to) - x(from) + step), height: 11, rx: 3 })));
}

/** The ends of the axis, and versions in between, unless a label would touch another. */
function tickNumbers(reason, step) {
  const last = reason.axis.length - 1;
  const room = Math.ceil((Math.max(...reason.axis.map(measure)) + 14) / step);
  const chosen = last ? [0, last] : [0];
  for (let number = room; number < last; number += room) {
    if (chosen.every((other) => Math.abs(other - number) >= room)) chosen.push(number);
  }
  return chosen;
}

function adviceView(reason) {
  const against = (version) => requirersOf(reason).filter((one) => one.excludes.includes(version));
  const everywhere = reason.versions.map(({ version }) => ({ version, against: against(version) }))
    .sort((a, b) => a.against.length - b.against.length).map(everywhereLine);
  return [element("h3", {}, "What would make it one"),
    element("div", { class: "advice" }, element("p", {}, commonText(reason)), element("ul", {}, everywhere),
      reason.advice.map((text) => element("p", {}, text)))];
}

/** What would have to allow a version, so that all trees can have it. */
function everywhereLine({ version, against }) {
  if (!against.length) return element("li", {}, `No requirement excludes ${version}.`);
  return element("li", {}, `${version} everywhere, if ${against.length === 1 ? "this" : "all of these"} allowed it: `,
    against.map((one, number) => [number ? "; " : "", element("code", {}, one.text),
      one.verb === "says" ? ` (${placeText(one.entry)})` : ""]));
}

/** The releases that all requirements allow. */
function commonText(reason) {
  const lines = requirersOf(reason);
  const common = reason.axis.filter((_, number) => lines.every((one) => one.allows.some(([from, to]) => from <= number && number <= to)));
  if (!common.length) return "No release is allowed by all requirements.";
  return `${common.length === 1 ? "One release is" : `${common.length} releases are`} allowed by all requirements, the newest is ${common[common.length - 1]}.`;
}

function chips(names, row, version) {
  return element("div", { class: "chips" }, names.map((name) => {
    const here = cellOf(row.project, numberOf.get(name))?.version === version;
    return element("button", { click: () => go("tree", name) }, here ? name : `${name} (other environments)`);
  }));
}

function heading(row, version, names) {
  return [element("h3", {}, element("span", { class: `badge ${colour(row, version)}` }, version), ` in ${count(names.length, "tree")}`),
    chips(names, row, version)];
}

function versionView(row, reason) {
  const causes = reason.requirers.filter((one) => one.excludes.length);
  const following = Object.entries(reason.texts).filter(([tree]) => !causes.some((one) => one.trees.includes(tree)));
  const names = Object.keys(reason.texts);
  return [heading(row, reason.version, names), element("ul", { class: "plain" },
    causes.map((one) => element("li", { class: "cause" }, causeText(one))),
    following.flatMap(([, texts]) => texts).map((text) => element("li", {}, text)))];
}

function causeText(requirer) {
  const way = requirer.way.length > 1 ? element("div", { class: "dim" }, requirer.way.join(" → ")) : "";
  return [element("code", {}, requirementText(requirer)), `, which excludes ${requirer.excludes.join(", ")}`,
    element("div", { class: "dim" }, requirer.way.length ? "starts at " : "written at ", element("code", {}, placeText(requirer.entry) || "pyproject.toml"),
      requirer.entry?.line ? ` (${requirer.entry.key})` : "", ` · in ${requirer.trees.join(", ")}`), way];
}

/** A version that nothing keeps apart: who depends on it. */
function plainVersion(row, version) {
  const cells = row.cells.filter((cell) => cell.version === version);
  const names = cells.map((cell) => facts.trees[cell.tree].name);
  const users = new Map();
  for (const name of names) {
    for (const user of usersOf(treesByName.get(name), row.project)) users.set(user, [...(users.get(user) ?? []), name]);
  }
  return [heading(row, version, names), element("ul", { class: "plain" },
    [...users].map(([user, trees]) => element("li", {}, user, element("span", { class: "dim" }, ` · in ${trees.join(", ")}`))))];
}

/** What requires a project in a tree: pyproject.toml with its line, and distributions. */
function usersOf(tree, project) {
  const direct = tree.requirements.filter((one) => one.project === project)
    .map((one) => `${placeText(one.entry) || "pyproject.toml"} requires ${one.text}`);
  return [...direct, ...tree.members.filter((member) => member.needs.includes(project)).map((member) => `${member.project} ${member.version} needs it`)];
}
