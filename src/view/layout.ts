/** Plain-text layout: wrapping, tables and bars for a terminal. Widths count UTF-16 units; kernel text is ASCII. */

/** Breaks a text at blanks into lines of at most `width` characters; longer words stand alone. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/).filter((part) => part !== '')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  if (line !== '') lines.push(line);
  return lines;
}

/** A label in its column and a wrapped text beside it. */
export function labelled(label: string, text: string, labelWidth: number, width: number): string[] {
  return wrap(text, width - labelWidth).map((line, i) => (i === 0 ? label : '').padEnd(labelWidth) + line);
}

/** Rows of cells as aligned columns, two blanks apart; columns named in `right` are aligned to the right. */
export function table(rows: readonly (readonly string[])[], right: ReadonlySet<number>): string[] {
  const widths: number[] = [];
  for (const row of rows)
    row.forEach((cell, i) => {
      widths[i] = Math.max(widths[i] ?? 0, cell.length);
    });
  return rows.map((row) =>
    row
      .map((cell, i) => (right.has(i) ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
}

/** A bar of at most `width` characters for a share of 0 to 1. */
export function bar(share: number, width: number): string {
  const filled = Math.max(0, Math.min(width, Math.round(share * width)));
  return '#'.repeat(filled);
}
