/** Names that hosts have before anybody names them: whoever bears one is not known by it. */

/** The kernel's own (init/version.c UTS_NODENAME), and what shippers write where they know none. */
const NAMELESS: ReadonlySet<string> = new Set([
  '',
  '(none)',
  'none',
  'unknown',
  'null',
  '-',
  '127.0.0.1',
  '127.0.1.1',
  '::1',
]);

/** `localhost`, `localhost6`, `localhost.localdomain`, and what else a domain is put behind. Lower case, as hosts are. */
export const isNameless = (host: string): boolean => NAMELESS.has(host) || /^localhost[46]?(?:\.|$)/.test(host);
