/**
 * Trust in a CA that is named by its fingerprint.
 *
 * The Elasticsearch client's own `caFingerprint` compares names and fingerprints only: it is to be used without verification,
 * and a stranger's certificate that claims to be issued by the CA, sent along with the CA's public certificate, passes it. So
 * the fingerprint serves to find the CA among what the server sends, and connections are then verified against that CA.
 */
import { isIP } from 'node:net';
import { connect, type DetailedPeerCertificate, type TLSSocket } from 'node:tls';

/** Chains are shorter. */
const LONGEST_CHAIN = 16;

/** Lower case, without colons. */
const bare = (fingerprint: string): string => fingerprint.replaceAll(':', '').toLowerCase();

/**
 * The certificate (PEM) with this SHA-256 fingerprint out of the chain that the server sends. Sends nothing itself. Rejects
 * when the server cannot be reached by TLS, and when none has it; the message names both fingerprints.
 */
export async function findPinnedCa(url: URL, fingerprint: string, timeoutMs: number): Promise<string> {
  const chain = await chainOf(url, timeoutMs);
  const pinned = chain.find(({ fingerprint256 }) => bare(fingerprint256) === bare(fingerprint));
  if (pinned !== undefined) return pemOf(pinned.raw);
  const last = chain.at(-1);
  const found =
    last === undefined
      ? 'sends no certificate'
      : `sends a chain that ends with the certificate ${bare(last.fingerprint256)} of ${JSON.stringify(last.subject?.CN)}`;
  throw new Error(`elasticsearch.fingerprint is ${bare(fingerprint)}, but the server ${found}`);
}

/** The certificates that the server sends, its own first. */
async function chainOf(url: URL, timeoutMs: number): Promise<DetailedPeerCertificate[]> {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const socket = connect({
    host,
    port: Number(url.port) || 443,
    ...(isIP(host) ? {} : { servername: host }),
    // Nothing is sent on this connection; those that carry requests are verified.
    rejectUnauthorized: false,
  });
  try {
    await untilSecure(socket, timeoutMs);
    const chain: DetailedPeerCertificate[] = [];
    let next: DetailedPeerCertificate | undefined = socket.getPeerCertificate(true);
    // A certificate that signed itself is its own issuer.
    while (next?.raw !== undefined && next !== chain.at(-1) && chain.length < LONGEST_CHAIN) {
      chain.push(next);
      next = next.issuerCertificate;
    }
    return chain;
  } finally {
    socket.destroy();
  }
}

function untilSecure(socket: TLSSocket, timeoutMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('secureConnect', resolve);
    // Errors after the first go nowhere.
    socket.on('error', reject);
    socket.setTimeout(timeoutMs, () => reject(new Error(`no TLS within ${timeoutMs} ms`)));
  });
}

const pemOf = (der: Buffer): string =>
  `-----BEGIN CERTIFICATE-----\n${der.toString('base64').replace(/.{64}/g, '$&\n').trimEnd()}\n-----END CERTIFICATE-----\n`;
