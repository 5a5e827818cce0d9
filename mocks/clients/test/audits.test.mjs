import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import http from 'node:http';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { GraphQLObjectType, GraphQLSchema, GraphQLString } from 'graphql';
import { createHandler } from 'graphql-http/lib/use/http';

const script = fileURLToPath(new URL('../audits.mjs', import.meta.url));

async function audit(listener) {
  const server = http.createServer(listener);
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${server.address().port}/graphql`;
  const result = await new Promise((resolve) => {
    execFile(process.execPath, [script, url], (err, stdout) => {
      resolve({ code: err ? err.code : 0, lines: stdout.trim().split('\n') });
    });
  });
  server.close();
  return result;
}

const schema = new GraphQLSchema({
  query: new GraphQLObjectType({ name: 'Query', fields: { hello: { type: GraphQLString, resolve: () => 'world' } } }),
});

test('a server that follows the specification passes every audit', async () => {
  const { code, lines } = await audit(createHandler({ schema }));
  assert.deepEqual({ code, last: lines.at(-1) }, { code: 0, last: '61 ok, 0 failed' });
});

test('each failing audit is told, and the end is 1', async () => {
  const { code, lines } = await audit((req, res) => res.writeHead(500).end());
  assert.equal(code, 1);
  const [, ok, failed] = /^(\d+) ok, (\d+) failed$/.exec(lines.at(-1));
  assert.equal(Number(ok) + Number(failed), 61);
  assert.equal(lines.length - 1, Number(failed));
  assert.ok(Number(failed) > 30);
});
