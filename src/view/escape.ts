/** Text from logs is hostile: process names and host names may hold terminal escapes, bidirectional marks or HTML. */

/** Control characters, the C1 set, line separators and direction marks: whatever could steer a terminal or reorder text. */
const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g;

/** Makes a text safe to print on a terminal: unprintable characters become `\xNN` or `\u{NNNN}`. */
export function escapeTerminal(text: string): string {
  return text.replace(UNPRINTABLE, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`;
  });
}

/** The same for a message of several lines, which stay lines. */
export const escapeLines = (text: string): string => text.split('\n').map(escapeTerminal).join('\n');

/** The same for JSON, which stays the same JSON: such a character can only stand in a string, and becomes `\uNNNN` there. */
export function escapeJson(json: string): string {
  return json.replace(UNPRINTABLE, (character) =>
    character === '\n' ? character : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
