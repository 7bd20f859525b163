/** Documents as lines of JSON on a stream. */
import { once } from 'node:events';
import type { Writable } from 'node:stream';
import type { ReportSink } from '../ports.ts';

/**
 * A sink that writes one document per line, in the order of the writes. A write resolves when the stream has taken the
 * line and asks for more, so a slow reader holds the pipeline back. The stream is the caller's to end. Every write is
 * `created`: a stream knows no earlier readings.
 */
export function createNdjsonSink(stream: Writable): ReportSink {
  let last: Promise<void> = Promise.resolve();
  let heldBytes = 0;
  return {
    async write({ document }) {
      const line = `${JSON.stringify(document)}\n`;
      const bytes = Buffer.byteLength(line);
      heldBytes += bytes;
      const written = last.then(async () => {
        if (!stream.write(line)) await once(stream, 'drain');
      });
      last = written.catch(() => undefined);
      try {
        await written;
      } finally {
        heldBytes -= bytes;
      }
      return 'created';
    },
    get heldBytes() {
      return heldBytes;
    },
    flush: () => last,
    close: () => last,
  };
}
