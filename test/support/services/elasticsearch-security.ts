/** An Elasticsearch that speaks TLS and knows its users: files of its configuration. */
import { pbkdf2Sync, randomBytes, X509Certificate } from 'node:crypto';
import { request } from 'node:https';
import { buildRoles } from '../../../src/assets/index.ts';
import { makeCertificates } from '../certificates.ts';
import { documentedPrivileges } from '../documented-privileges.ts';
import type { Settings } from './elasticsearch.ts';

export interface SecurityOfElasticsearch {
  /** PEM. */
  readonly ca: string;
  /** SHA-256 of the CA certificate, as Elasticsearch prints it. */
  readonly fingerprint: string;
  /** Of every user. A user's name is that of its only role; `admin` may do everything. */
  readonly password: string;
  /** Roles that lack one privilege, `oomscope-worker-without-index-of-the-indices`, with the privilege. */
  readonly lacking: readonly { readonly name: string; readonly role: string; readonly privilege: string }[];
}

/** What is to be added to the configuration of a server. */
export interface SecuredConfiguration {
  readonly settings: Settings;
  /** By their path in the folder of the configuration. */
  readonly files: Readonly<Record<string, string>>;
  /** Whether the server on this port is ready. */
  readonly isReady: (port: number) => Promise<boolean>;
  readonly security: SecurityOfElasticsearch;
}

const PASSWORD = 'a:pass/word%20@';

export async function planElasticsearchSecurity(): Promise<SecuredConfiguration> {
  const { ca, server } = await makeCertificates('client');
  const roles = buildRoles();
  const bodies: Record<string, object> = Object.fromEntries(roles.map(({ name, body }) => [name, body]));
  const lacking: SecurityOfElasticsearch['lacking'][number][] = [];
  for (const { name: role, body } of roles) {
    const [months] = body.indices;
    if (months === undefined) throw new Error(`${role} has no privileges on indices`);
    const without = (list: readonly string[], privilege: string) => list.filter((each) => each !== privilege);
    const add = (privilege: string, cluster: readonly string[], privileges: readonly string[]): void => {
      const name = `${role}-without-${privilege.replaceAll(' ', '-')}`;
      bodies[name] = { cluster, indices: privileges.length > 0 ? [{ names: months.names, privileges }] : [] };
      lacking.push({ name, role, privilege });
    };
    for (const each of body.cluster) add(`${each} of the cluster`, without(body.cluster, each), months.privileges);
    for (const each of months.privileges) add(`${each} of the indices`, body.cluster, without(months.privileges, each));
  }
  for (const { role, cluster, indices, privileges } of documentedPrivileges()) {
    bodies[role] = { cluster, indices: [{ names: indices, privileges }] };
  }
  const users = ['admin', ...Object.keys(bodies)];
  const hash = hashOf(PASSWORD);
  return {
    settings: {
      'xpack.security.enabled': true,
      'xpack.security.autoconfiguration.enabled': false,
      'xpack.security.enrollment.enabled': false,
      'xpack.security.authc.api_key.enabled': true,
      'xpack.security.transport.ssl.enabled': false,
      'xpack.security.http.ssl.enabled': true,
      'xpack.security.http.ssl.key': 'http.key',
      'xpack.security.http.ssl.certificate': 'http.crt',
    },
    files: {
      'http.key': server.key,
      'http.crt': `${server.cert}${ca}`,
      users: users.map((name) => `${name}:${hash}\n`).join(''),
      users_roles: `superuser:admin\n${Object.keys(bodies)
        .map((name) => `${name}:${name}\n`)
        .join('')}`,
      'roles.yml': Object.entries(bodies)
        .map(([name, body]) => `${name}: ${JSON.stringify(body)}\n`)
        .join(''),
    },
    isReady: (port) => isHealthy(port, ca),
    security: { ca, fingerprint: new X509Certificate(ca).fingerprint256, password: PASSWORD, lacking },
  };
}

/** As the file realm of Elasticsearch takes it: PBKDF2 by HMAC-SHA-512, with cost, salt and hash. */
function hashOf(password: string): string {
  const [cost, salt] = [10_000, randomBytes(32)];
  const hash = pbkdf2Sync(password, salt, cost, 32, 'sha512');
  return `{PBKDF2}${cost}$${salt.toString('base64')}$${hash.toString('base64')}`;
}

function isHealthy(port: number, ca: string): Promise<boolean> {
  return new Promise((resolve) => {
    const path = '/_cluster/health?wait_for_status=yellow&timeout=1s';
    const options = { host: '127.0.0.1', port, path, ca, auth: `admin:${PASSWORD}`, timeout: 2_000 };
    const asked = request(options, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    asked.on('timeout', () => asked.destroy());
    asked.on('error', () => resolve(false));
    asked.end();
  });
}
