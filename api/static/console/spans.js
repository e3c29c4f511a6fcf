// Places in a text. The server counts characters (code points), the browser UTF-16 units.

// The [from, to) of code points as one of UTF-16 units; null where the text is shorter.
export function unitsOf(text, [from, to]) {
  let point = 0;
  let start = from === 0 ? 0 : null;
  let unit = 0;
  for (const character of text) {
    if (point === from) start = unit;
    if (point === to) return start === null ? null : [start, unit];
    point += 1;
    unit += character.length;
  }
  if (point === from) start = unit;
  return point === to && start !== null ? [start, unit] : null;
}

// The part of a text between two code points.
export const partOf = (text, start, end) => [...text].slice(start, end).join("");
