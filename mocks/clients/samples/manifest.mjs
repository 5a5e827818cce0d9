// Writes the manifest of an app's operations, as a build does:
//
//   node samples/manifest.mjs > manifest.json
//   tongban operations check manifest.json --front mobile      # in the team's CI
//   tongban operations publish manifest.json --front mobile    # before the app ships
//
// Apollo's @apollo/generate-persisted-query-manifest writes the same form. The
// bodies are what Apollo Client sends: each operation with __typename added.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { parse, print } from 'graphql';
import { InMemoryCache } from '@apollo/client';

const source = parse(readFileSync(new URL('./operations.graphql', import.meta.url), 'utf8'));
const cache = new InMemoryCache();
const operations = source.definitions.map((definition) => {
  const body = print(cache.transformDocument({ kind: 'Document', definitions: [definition] }));
  const id = createHash('sha256').update(body).digest('hex');
  return { id, name: definition.name.value, type: definition.operation, body };
});
console.log(JSON.stringify({ format: 'apollo-persisted-query-manifest', version: 1, operations }, null, 2));
