/** Listeners of a broker that check who connects, and its authorizer. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeCertificates } from '../certificates.ts';
import { AUDIENCE, ISSUER } from '../token-server.ts';

/** A user with a password, for PLAIN and SCRAM. */
export interface KafkaUser {
  readonly username: string;
  readonly password: string;
}

/** What a client needs to get in. */
export interface SecureListeners {
  /** TLS with SASL: PLAIN, SCRAM-SHA-256 and SCRAM-SHA-512. */
  readonly address: string;
  /** TLS that asks for the client's certificate. */
  readonly mutualAddress: string;
  /** TLS with SASL OAUTHBEARER; undefined without a server of keys. */
  readonly bearerAddress: string | undefined;
  /** The CA of the broker's and the client's certificates, PEM. */
  readonly ca: string;
  readonly client: { readonly cert: string; readonly key: string };
  /** May do everything, as may the holder of the client's certificate and the bearer of a token for `worker`. */
  readonly worker: KafkaUser;
  /** May do what access control lists give it: nothing at first. */
  readonly limited: KafkaUser;
}

const WORKER: KafkaUser = { username: 'worker', password: 'worker-password' };
const LIMITED: KafkaUser = { username: 'limited', password: 'limited-password' };

export interface SecurePorts {
  readonly secure: number;
  readonly mutual: number;
  readonly bearer: number;
}

export interface SecurityPlan {
  readonly listeners: SecureListeners;
  /** Names of the listeners with their ports. */
  readonly ports: Readonly<Record<string, number>>;
  readonly properties: Readonly<Record<string, string>>;
  /** Arguments of the Java machine. */
  readonly javaArgs: readonly string[];
  /** Arguments of the formatting of the storage: users of SCRAM. */
  readonly formatArgs: readonly string[];
}

const MODULES = 'org.apache.kafka.common.security';

/** Protocols of the listeners, for listener.security.protocol.map. */
export const SECURE_PROTOCOLS = 'SECURE:SASL_SSL,MUTUAL:SSL,BEARER:SASL_SSL';

/** Makes the certificates in `home` and says how the broker is to be set up. `jwksUrl` serves the keys of tokens. */
export async function planSecurity(home: string, ports: SecurePorts, jwksUrl?: string): Promise<SecurityPlan> {
  const { ca, server, client } = await makeCertificates(WORKER.username);
  const [keyStore, trustStore] = [join(home, 'broker.pem'), join(home, 'ca.pem')];
  await writeFile(keyStore, `${server.key}${server.cert}${ca}`);
  await writeFile(trustStore, ca);
  const plainUsers = [WORKER, LIMITED].map(({ username, password }) => `user_${username}="${password}"`).join(' ');
  const at = (port: number): string => `127.0.0.1:${port}`;
  return {
    listeners: {
      address: at(ports.secure),
      mutualAddress: at(ports.mutual),
      bearerAddress: jwksUrl === undefined ? undefined : at(ports.bearer),
      ca,
      client,
      worker: WORKER,
      limited: LIMITED,
    },
    ports: {
      SECURE: ports.secure,
      MUTUAL: ports.mutual,
      ...(jwksUrl === undefined ? {} : { BEARER: ports.bearer }),
    },
    properties: {
      'ssl.keystore.type': 'PEM',
      'ssl.keystore.location': keyStore,
      'ssl.truststore.type': 'PEM',
      'ssl.truststore.location': trustStore,
      'listener.name.secure.sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512',
      'listener.name.secure.plain.sasl.jaas.config': `${MODULES}.plain.PlainLoginModule required ${plainUsers};`,
      'listener.name.secure.scram-sha-256.sasl.jaas.config': `${MODULES}.scram.ScramLoginModule required;`,
      'listener.name.secure.scram-sha-512.sasl.jaas.config': `${MODULES}.scram.ScramLoginModule required;`,
      'listener.name.mutual.ssl.client.auth': 'required',
      'listener.name.mutual.ssl.principal.mapping.rules': 'RULE:^CN=([^,]+).*$/$1/,DEFAULT',
      ...(jwksUrl === undefined ? {} : bearerProperties(jwksUrl)),
      'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
      'allow.everyone.if.no.acl.found': 'false',
      'super.users': `User:ANONYMOUS;User:${WORKER.username}`,
    },
    javaArgs: jwksUrl === undefined ? [] : [`-Dorg.apache.kafka.sasl.oauthbearer.allowed.urls=${jwksUrl}`],
    formatArgs: [256, 512].flatMap((bits) => [
      '--add-scram',
      `SCRAM-SHA-${bits}=[name=${WORKER.username},password=${WORKER.password}]`,
    ]),
  };
}

const bearerProperties = (jwksUrl: string): Record<string, string> => ({
  'listener.name.bearer.sasl.enabled.mechanisms': 'OAUTHBEARER',
  'listener.name.bearer.oauthbearer.sasl.jaas.config': `${MODULES}.oauthbearer.OAuthBearerLoginModule required;`,
  'listener.name.bearer.oauthbearer.sasl.server.callback.handler.class': `${MODULES}.oauthbearer.OAuthBearerValidatorCallbackHandler`,
  'listener.name.bearer.oauthbearer.connections.max.reauth.ms': '3600000',
  'listener.name.bearer.sasl.oauthbearer.jwks.endpoint.url': jwksUrl,
  'listener.name.bearer.sasl.oauthbearer.expected.audience': AUDIENCE,
  'listener.name.bearer.sasl.oauthbearer.expected.issuer': ISSUER,
});
