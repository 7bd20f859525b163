"""ElastAlert 2 on a line of JSON per request: its own loader, queries, state and alerts, run when the test says so.

Arguments: the configuration file. Requests: {"start": "rule.yaml", "from": "2026-..."} loads the one rule, as after a
restart, and reads from that time on where given; {"run": true} is one turn of the loop. Answers: {"ok": true}, or
{"error": "..."}.
"""
import json
import logging
import sys
import traceback

from elastalert.create_index import create_index_mappings
from elastalert.elastalert import ElastAlerter
from elastalert.util import ts_to_dt

answers = sys.stdout
sys.stdout = sys.stderr
errors = []


class Errors(logging.Handler):
    def emit(self, record):
        errors.append(record.getMessage())


logging.getLogger().addHandler(Errors(level=logging.ERROR))


def answer(request):
    global client
    if 'start' in request:
        since = ['--start', request['from']] if 'from' in request else []
        client = ElastAlerter(['--config', sys.argv[1], '--rule', request['start'], '--verbose', *since])
        create_index_mappings(client.writeback_es, client.writeback_index)
        for rule in client.rules:
            rule['initial_starttime'] = ts_to_dt(client.starttime) if client.starttime else None
    else:
        for rule in client.rules:
            client.handle_rule_execution(rule)
    if len(client.rules) != 1 or client.disabled_rules:
        errors.append('the rule was not loaded, or disabled after an error')
    return {'error': '\n'.join(errors)} if errors else {'ok': True}


for line in sys.stdin:
    errors.clear()
    try:
        result = answer(json.loads(line))
    except (Exception, SystemExit):
        result = {'error': traceback.format_exc()}
    print(json.dumps(result), file=answers, flush=True)
