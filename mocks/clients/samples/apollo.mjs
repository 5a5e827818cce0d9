// The sample of docs/app-guide.md with Apollo Client, subscriptions by graphql-ws.
import { ApolloClient, ApolloLink, CombinedGraphQLErrors, HttpLink, InMemoryCache } from '@apollo/client';
import { PersistedQueryLink } from '@apollo/client/link/persisted-queries';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import { createClient } from 'graphql-ws';
import { caption, connectionParams, documents, fetch, ids, language, say, url } from './app.mjs';

const socket = createClient({
  url: url.replace(/^http/, 'ws'),
  connectionParams, // asked again at each connection: a new token, a new proof
});
const trusted = new PersistedQueryLink({
  generateHash: (document) => ids[document.definitions[0].name.value],
  disable: () => false,
  retry: () => false, // a production front never takes the text instead
});
const client = new ApolloClient({
  cache: new InMemoryCache(),
  link: ApolloLink.split(
    ({ operationType }) => operationType === 'subscription',
    new GraphQLWsLink(socket),
    trusted.concat(new HttpLink({ uri: url, headers: language, fetch })),
  ),
});

const home = await client.query({ query: documents.Tiles });
say({ tiles: home.data.homeTiles.map((tile) => ({ title: tile.title, freshness: tile.freshness, caption: caption(tile) })) });

const other = await client.query({ query: documents.OneCase, variables: { id: 'TB-nobody' }, errorPolicy: 'all' });
const errors = CombinedGraphQLErrors.is(other.error) ? other.error.errors : [];
say({ code: errors[0]?.extensions?.code, words: errors[0]?.message });

const live = client.subscribe({ query: documents.Badge }).subscribe({
  next: ({ data }) => {
    say({ unread: data.inboxChanged.unread });
    live.unsubscribe();
    socket.dispose();
    client.stop();
  },
  error: (err) => { say({ failed: String(err) }); process.exit(1); },
});
