"use strict";
// Elements. Text becomes text nodes, never HTML: names and versions come from a lock that anybody may have written.

const SVG = "http://www.w3.org/2000/svg";

/** An element with attributes (functions are listeners) and children (strings are text). */
function element(name, attributes = {}, ...children) {
  return filled(document.createElement(name), attributes, children);
}

/** The same in an image. */
function drawn(name, attributes = {}, ...children) {
  return filled(document.createElementNS(SVG, name), attributes, children);
}

function filled(node, attributes, children) {
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === "function") node.addEventListener(key, value);
    else if (value !== undefined) node.setAttribute(key, value);
  }
  node.append(...children.flat(Infinity).filter((child) => child !== undefined && child !== ""));
  return node;
}

/** A hint for pointers, as images have it. */
const hint = (text) => drawn("title", {}, text);

/** The width of a text in an image, in pixels. */
const measure = (() => {
  const context = document.createElement("canvas").getContext("2d");
  return (text) => {
    context.font = '12px system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif';
    return Math.ceil(context.measureText(text).width);
  };
})();

/** "3 trees", "1 tree". */
const count = (number, noun) => `${number} ${noun}${number === 1 ? "" : "s"}`;

/** Bytes as people read them. */
function size(bytes) {
  const units = ["B", "kB", "MB", "GB"];
  let unit = 0;
  for (; bytes >= 1000 && unit < units.length - 1; unit++) bytes /= 1000;
  return `${bytes >= 100 || unit === 0 ? Math.round(bytes) : bytes.toFixed(1)} ${units[unit]}`;
}

const link = (kind, name) => `#${kind}=${encodeURIComponent(name)}`;

/** Go to the page of a project or a tree. */
function go(kind, name) {
  location.hash = link(kind, name);
}
