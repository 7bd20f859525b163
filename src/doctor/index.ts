/** Front door of the doctor: the questions, the checks and their page. */
export {
  CHECKS,
  type Diagnosis,
  diagnose,
  type ElasticsearchFacts,
  type Facts,
  type KafkaFacts,
} from './checks/index.ts';
export { askElasticsearch, type ElasticsearchQuestions } from './elasticsearch.ts';
export { askKafka, type KafkaQuestions } from './kafka.ts';
export { renderDoctorPage } from './page.ts';
