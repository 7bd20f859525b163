/** Renders docs/doctor.md from the table of checks. */
import { ERRORS } from '../tables/errors.ts';
import { AREAS, type Area, CHECKS } from './checks/index.ts';

const INTRODUCTION = `# oomscope doctor

Generated from the table of checks (\`npm run docs\`); a test keeps it in step.

Finds out why nothing arrives, or why it arrives broken: asks the brokers and Elasticsearch, reads the last records of each partition as
the worker would, and says of each check what was found and what to do. Give it the options of the worker:

\`\`\`sh
npx oomscope doctor --config oomscope.yaml     # or the flags of the worker; --json for one JSON object
\`\`\`

It joins no group, commits nothing and writes nothing, so it may run beside the workers at any time. A sample is at most 4,000 records and
about 4 MiB of each partition, 40,000 records of a topic and 20 s in all; what the kernels did not say lately, it cannot see. Its Kafka user needs the
worker's rights, and DescribeConfigs on the topics for what it says of their settings; its Elasticsearch user the role
\`oomscope-upkeep\` ([security.md](security.md)). What it may not ask is listed as not checked.

The exit code is 0 when nothing failed, warnings or not; else that of the first check that failed, from the tables below ([all codes](reference.md)).`;

const TITLES: Readonly<Record<Area, string>> = {
  kafka: 'Kafka',
  records: 'Records',
  elasticsearch: 'Elasticsearch',
};

/** The page, in Markdown. */
export function renderDoctorPage(): string {
  const sections = AREAS.map((area) => {
    const rows = CHECKS.filter((check) => check.area === area).map(({ title, name, looksAt, warns, fails, code }) => {
      const exit = fails === undefined ? '' : String(ERRORS[code].exitCode);
      return `| ${title} (\`${name}\`) | ${looksAt} | ${warns ?? ''} | ${fails ?? ''} | ${exit} |`;
    });
    return [
      `## ${TITLES[area]}`,
      '',
      '| check | looks at | warns when | fails when | exit code |',
      '|---|---|---|---|---|',
      ...rows,
    ].join('\n');
  });
  return `${[INTRODUCTION, ...sections].join('\n\n')}\n`;
}
