/** Certificates of a test: a CA, a server's for 127.0.0.1 and localhost, and a client's, by openssl. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findOnPath, NoService } from './services/java.ts';

const run = promisify(execFile);

/** A certificate and its key (PKCS #8), PEM. */
export interface KeyPair {
  readonly cert: string;
  readonly key: string;
}

export interface Certificates {
  /** PEM of the CA that signed both. */
  readonly ca: string;
  readonly server: KeyPair;
  readonly client: KeyPair;
}

const NEW_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

/** Without the identifier of the CA's key: only the signature tells it from another CA of the same name. */
const SERVER_EXTENSIONS = 'subjectAltName=IP:127.0.0.1,DNS:localhost\nauthorityKeyIdentifier=none\n';

/** `clientName` is the common name of the client's certificate. Rejects with NoService without openssl. */
export async function makeCertificates(clientName: string): Promise<Certificates> {
  const openssl = await findOnPath('openssl');
  if (openssl === undefined) throw new NoService('Certificates cannot be made: openssl is missing.');
  const folder = await mkdtemp(join(tmpdir(), 'oomscope-certificates-'));
  const at = (name: string): string => join(folder, name);
  const read = (name: string): Promise<string> => readFile(at(name), 'utf8');
  const pair = async (name: string, subject: string, extensions: string): Promise<KeyPair> => {
    await writeFile(at(`${name}.ext`), extensions);
    await run(openssl, ['req', ...NEW_KEY, '-keyout', at(`${name}.key`), '-out', at(`${name}.csr`), '-subj', subject]);
    const signed = ['-CA', at('ca.pem'), '-CAkey', at('ca.key'), '-CAcreateserial', '-days', '2'];
    const files = ['-in', at(`${name}.csr`), '-out', at(`${name}.pem`), '-extfile', at(`${name}.ext`)];
    await run(openssl, ['x509', '-req', ...files, ...signed]);
    return { cert: await read(`${name}.pem`), key: await read(`${name}.key`) };
  };
  try {
    const subject = ['-subj', '/CN=test CA', '-days', '2'];
    await run(openssl, ['req', '-x509', ...NEW_KEY, '-keyout', at('ca.key'), '-out', at('ca.pem'), ...subject]);
    return {
      ca: await read('ca.pem'),
      server: await pair('server', '/CN=localhost', SERVER_EXTENSIONS),
      client: await pair('client', `/CN=${clientName}`, 'extendedKeyUsage=clientAuth\n'),
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
