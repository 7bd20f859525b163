/** One record that holds several lines. */

/** Newlines that a transport escaped: rsyslog `#012`, /dev/kmsg `\x0a`. Undefined when the text is one line. */
export function splitEmbedded(text: string): string[] | undefined {
  if (!text.includes('#012') && !text.includes('\\x0a') && !text.includes('\n')) return undefined;
  return text.split(/#012|\\x0a|\n/).filter((piece) => piece.trim() !== '');
}
