/** Servers and proxies of a run: workers reach both servers through proxies only, the driver goes around them. */
import { type FaultProxy, startFaultProxy } from '../support/fault-proxy.ts';
import {
  type ElasticsearchService,
  type KafkaService,
  NoService,
  startOwnElasticsearch,
  startProxiedKafka,
} from '../support/services.ts';
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts';

export interface Stage {
  readonly kafka: KafkaService;
  readonly elasticsearch: ElasticsearchService;
  /** Connections of workers to the broker. */
  readonly kafkaWire: TcpProxy;
  /** Connections of workers to `http`. */
  readonly elasticWire: TcpProxy;
  readonly http: FaultProxy;
  /** Brokers and address as workers are given them. */
  readonly environment: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

/** Starts everything; rejects with NoService where no server can be had. */
export async function openStage(): Promise<Stage> {
  const kafkaWire = await startTcpProxy();
  const closers: (() => Promise<void>)[] = [() => kafkaWire.close()];
  const close = async (): Promise<void> => {
    for (const end of closers.splice(0).reverse()) await end();
  };
  try {
    const kafka = await startProxiedKafka(kafkaWire.port);
    closers.push(() => kafka.stop());
    kafkaWire.target = kafka.behindProxy;
    const elasticsearch = await startOwnElasticsearch();
    closers.push(() => elasticsearch.stop());
    const http = await startFaultProxy(elasticsearch.url);
    closers.push(() => http.close());
    const elasticWire = await startTcpProxy(`127.0.0.1:${http.port}`);
    closers.push(() => elasticWire.close());
    const environment = {
      OOMSCOPE_KAFKA_BROKERS: `127.0.0.1:${kafkaWire.port}`,
      OOMSCOPE_ELASTICSEARCH_URL: `http://127.0.0.1:${elasticWire.port}`,
      OOMSCOPE_SINK_SETUP: 'true',
      NODE_OPTIONS: '--max-old-space-size=256 --max-semi-space-size=8',
    };
    return { kafka, elasticsearch, kafkaWire, elasticWire, http, environment, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** As `openStage`; without servers undefined, said loudly, or with REQUIRE_INTEGRATION=1 a failure. */
export async function openStageOrSkip(): Promise<Stage | undefined> {
  try {
    return await openStage();
  } catch (error) {
    if (!(error instanceof NoService) || process.env['REQUIRE_INTEGRATION'] === '1') throw error;
    console.error(`\nCHAOS TESTS WERE SKIPPED. ${error.message}\nSet REQUIRE_INTEGRATION=1 to make this a failure.`);
    return undefined;
  }
}
