/** Hosts without a report whose only line may still be continued. What they hold is bounded. */

/** What such a host holds beside the line, measured. */
const HOST_BYTES = 1_024;
/** They hold at most this share of the limit of all reports. */
const SHARE = 1 / 16;

export interface Waiting<Place extends { readonly host: object }> {
  /** The host waits with this line; nothing changes when it waits already. */
  add(place: Place, text: string): void;
  remove(host: Place['host']): void;
  /** Those that have waited longest, while too much is held; each is to be removed in its turn. */
  tooMany(): Iterable<Place>;
}

/** `count` is told of bytes that are held, negative when they no longer are. */
export function createWaiting<Place extends { readonly host: object }>(
  maxBytes: number,
  count: (bytes: number) => void,
): Waiting<Place> {
  const hosts = new Map<object, { readonly place: Place; readonly bytes: number }>();
  let heldBytes = 0;
  return {
    add(place, text) {
      if (hosts.has(place.host)) return;
      const bytes = HOST_BYTES + text.length * 2;
      hosts.set(place.host, { place, bytes });
      heldBytes += bytes;
      count(bytes);
    },
    remove(host) {
      const bytes = hosts.get(host)?.bytes ?? 0;
      if (!hosts.delete(host)) return;
      heldBytes -= bytes;
      count(-bytes);
    },
    *tooMany() {
      for (const { place } of hosts.values()) {
        if (heldBytes <= maxBytes * SHARE) return;
        yield place;
      }
    },
  };
}
