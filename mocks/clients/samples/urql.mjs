// The sample of docs/app-guide.md with urql, subscriptions by graphql-sse.
import { Client, fetchExchange, makeOperation, mapExchange, subscriptionExchange } from '@urql/core';
import { createClient as createSSE } from 'graphql-sse';
import { caption, documents, fetch, ids, language, say, url } from './app.mjs';

const events = createSSE({ url, headers: language, fetchFn: fetch }); // each connection proves itself anew
// trusted sends an operation's id in place of its text.
const trusted = mapExchange({
  onOperation(operation) {
    const name = operation.query.definitions[0].name?.value;
    if (operation.kind === 'teardown' || !ids[name]) return operation;
    const extensions = { ...operation.extensions, persistedQuery: { version: 1, sha256Hash: ids[name] } };
    return Object.assign(makeOperation(operation.kind, operation), { extensions });
  },
});
const client = new Client({
  url,
  preferGetMethod: false, // variables do not belong into a URL
  fetch,
  fetchOptions: { headers: language },
  exchanges: [trusted, fetchExchange, subscriptionExchange({
    forwardSubscription: ({ variables, extensions, operationName }) => ({
      subscribe: (sink) => ({ unsubscribe: events.subscribe({ query: '', variables, operationName, extensions }, sink) }),
    }),
  })],
});

const home = await client.query(documents.Tiles, {}).toPromise();
if (home.error) throw home.error;
say({ tiles: home.data.homeTiles.map((tile) => ({ title: tile.title, freshness: tile.freshness, caption: caption(tile) })) });

const other = await client.query(documents.OneCase, { id: 'TB-nobody' }).toPromise();
say({ code: other.error?.graphQLErrors[0]?.extensions?.code, words: other.error?.graphQLErrors[0]?.message });

const live = client.subscription(documents.Badge, {}).subscribe((result) => {
  if (result.error) { say({ failed: String(result.error) }); process.exit(1); }
  say({ unread: result.data.inboxChanged.unread });
  live.unsubscribe();
  events.dispose();
});
