// Text of an article as a person writes it: passages come word for word, with the signs of Markdown.

const isTableRow = (line) => /^\s*\|.*\|\s*$/.test(line);
const isRule = (line) => /^[\s|:-]*-{2,}[\s|:-]*$/.test(line);
const cellsOf = (line) => line.trim().slice(1, -1).split("|").map((cell) => cell.trim());

// A row of a table becomes "first column: cell; second column: cell", where the table's head is known,
// else its cells with commas; list items stand in lines of their own.
export function plainText(markdown) {
  const lines = markdown.trim().split("\n");
  const told = [];
  let head = null;
  lines.forEach((line, place) => {
    if (isRule(line)) return;
    if (!isTableRow(line)) {
      head = null;
      return void told.push(withoutSigns(line));
    }
    if (isRule(lines[place + 1] ?? "")) head = cellsOf(line);
    else told.push(withoutSigns(rowInWords(head, cellsOf(line))));
  });
  const text = told.join("\n").trim().replace(told.length === 1 ? /^— / : /$^/, ""); // one item is no list
  return text || withoutSigns(cellsOf(lines[0]).join(", "));
}

function rowInWords(head, cells) {
  if (!head) return cells.filter(Boolean).join(", ");
  return cells.map((cell, place) => cell && (head[place] ? `${head[place]}: ${cell}` : cell)).filter(Boolean).join("; ");
}

function withoutSigns(line) {
  return line.replace(/^\s*(?:#{1,6}|>)\s+/, "").replace(/^\s*[-*+]\s+/, "— ")
    .replace(/!?\[([^\]]*)\]\(([^)\s]*)\)/g, "$1").replace(/(\*\*|__)(.+?)\1/g, "$2")
    .replace(/(?<![\w*])\*(?!\s)(.+?)(?<!\s)\*(?![\w*])/g, "$1").replace(/`([^`]*)`/g, "$1");
}
