/** `oomscope doctor`: why nothing arrives, or why it arrives broken. */
import { planInstallation } from '../assets/index.ts';
import { chosenTopics, createDecoder, readTopicChoice } from '../consumer/index.ts';
import { askElasticsearch, askKafka, diagnose, type Facts } from '../doctor/index.ts';
import { systemClock } from '../ops/index.ts';
import type { OptionValues } from '../tables/options.ts';
import { ANSI, checklistScreen, escapeJson, PLAIN } from '../view/index.ts';
import { kafkaOptionsOf } from './kafka-options.ts';
import { elasticsearchClientOf } from './setup.ts';
import { decoderOptionsOf } from './worker.ts';

/**
 * Asks, judges and prints; resolves with 0 or the exit code of the first check that failed. Throws CONFIG_INVALID and
 * SCHEMA_INVALID before anything is asked.
 */
export async function runDoctor(options: OptionValues, { json }: { json: boolean }): Promise<number> {
  const facts = await gather(options);
  const diagnosis = diagnose(facts);
  if (json) {
    process.stdout.write(`${escapeJson(JSON.stringify({ at: new Date(facts.nowMs).toISOString(), ...diagnosis }))}\n`);
  } else {
    const style = process.stdout.isTTY ? ANSI : PLAIN;
    process.stdout.write(checklistScreen(diagnosis.verdicts, diagnosis.notChecked, style));
  }
  return diagnosis.exitCode;
}

async function gather(options: OptionValues): Promise<Facts> {
  const decoderOptions = decoderOptionsOf(options);
  const deadLettersTopic = options['dead.letters.topic'];
  const items = options['kafka.topics'];
  const choice = readTopicChoice(items, [deadLettersTopic]);
  const kafka = {
    client: kafkaOptionsOf(options),
    choose: (existing: readonly string[]) => ({
      topics: chosenTopics(choice, existing),
      missing: items.filter((item) => chosenTopics(readTopicChoice([item], [deadLettersTopic]), existing).length === 0),
    }),
    group: options['kafka.group'],
    deadLettersTopic,
    decoder: createDecoder(decoderOptions),
    anySpeaker: createDecoder({ ...decoderOptions, kernelOnly: true }),
    recordMaxBytes: decoderOptions.maxBytes,
  };
  const client = elasticsearchClientOf(options);
  try {
    const inspectTemplates = () => planInstallation(client);
    const [kafkaFacts, elasticsearch] = await Promise.all([
      askKafka(kafka, systemClock),
      askElasticsearch({ client, inspectTemplates }),
    ]);
    return {
      nowMs: systemClock.nowMs(),
      settings: {
        topics: items,
        group: kafka.group,
        deadLettersTopic,
        recordMaxBytes: decoderOptions.maxBytes,
        kernelOnly: decoderOptions.kernelOnly,
        trustProgram: decoderOptions.trustProgram,
      },
      kafka: kafkaFacts,
      elasticsearch,
    };
  } finally {
    await client.close();
  }
}
