// Building the page. Whatever people or models wrote goes in as text nodes, never as HTML.

export function el(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null) continue;
    if (name in node) node[name] = value;
    else node.setAttribute(name, value);
  }
  node.append(...children.filter((child) => child || child === 0));
  return node;
}

// A link for an absolute http(s) address, plain text for anything else.
export function linkOrText(address, label) {
  if (!/^https?:\/\/[^\s/]/i.test(address ?? "")) return document.createTextNode(label);
  return el("a", { href: address, target: "_blank", rel: "noopener noreferrer" }, label);
}

// Text as nodes: the addresses in it as links, the rest as it is.
export function richText(text) {
  const nodes = [];
  let end = 0;
  for (const { 0: found, index } of text.matchAll(/https?:\/\/[^\s<>"«»]+/gi)) {
    const address = found.replace(/[.,;:!?)\]}']+$/, "");
    nodes.push(text.slice(end, index), linkOrText(address, address));
    end = index + address.length;
  }
  return [...nodes, text.slice(end)];
}

// Changes text only where it differs, so that screen readers are not told it again.
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

// Makes the children of `list` follow `items`, keeping the nodes (and so focus and scroll)
// of those that stay. `create(item)` makes a node, `update(node, item)` fills it.
export function reconcile(list, items, keyOf, create, update) {
  const old = new Map([...list.children].map((node) => [node.dataset.key, node]));
  let place = list.firstElementChild;
  for (const item of items) {
    const key = String(keyOf(item));
    let node = old.get(key);
    old.delete(key);
    if (!node) {
      node = create(item);
      node.dataset.key = key;
    }
    update(node, item);
    if (node === place) place = place.nextElementSibling;
    else list.insertBefore(node, place);
  }
  for (const node of old.values()) node.remove();
}
