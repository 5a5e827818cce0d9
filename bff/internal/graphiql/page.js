// GraphiQL on our own front: queries and mutations by POST, subscriptions as
// server-sent events.
(() => {
  const root = document.getElementById('graphiql');
  const endpoint = root.dataset.endpoint;
  // Without a token the request is nobody's, which is enough for the schema.
  const post = (params, headers, accept) => {
    const said = Object.entries(headers ?? {}).filter(([name, value]) => !/^authorization$/i.test(name) || /^Bearer \S+$/.test(value));
    return fetch(endpoint, {
      method: 'POST', credentials: 'omit', body: JSON.stringify(params),
      headers: { 'content-type': 'application/json', ...Object.fromEntries(said), accept },
    });
  };

  const subscribes = ({ query, operationName }) => {
    const named = [...query.matchAll(/\b(query|mutation|subscription)\b\s*(\w*)/g)];
    const chosen = named.find(([, , name]) => name === operationName) ?? named[0];
    return chosen?.[1] === 'subscription';
  };

  async function* events(params, headers) {
    const res = await post(params, headers, 'text/event-stream');
    if (!res.ok) { yield await res.json(); return; }
    const reader = res.body.pipeThrough(new TextDecoderStream()).getReader();
    try {
      for (let text = ''; ;) {
        const { value, done } = await reader.read();
        if (done) return;
        text += value;
        for (let end; (end = text.indexOf('\n\n')) >= 0; text = text.slice(end + 2)) {
          const lines = text.slice(0, end).split('\n');
          if (lines.includes('event: complete')) return;
          const data = lines.find((line) => line.startsWith('data: '));
          if (data) yield JSON.parse(data.slice(6));
        }
      }
    } finally {
      await reader.cancel();
    }
  }

  const fetcher = (params, { headers } = {}) => subscribes(params)
    ? events(params, headers)
    : post({ ...params, extensions: { ...params.extensions, waterfall: true } }, headers, 'application/graphql-response+json, application/json').then((res) => res.json());

  // Each front remembers its own questions: they all stand on one origin.
  const storage = {
    getItem: (name) => localStorage.getItem(endpoint + name),
    setItem: (name, value) => localStorage.setItem(endpoint + name, value),
    removeItem: (name) => localStorage.removeItem(endpoint + name),
    clear: () => Object.keys(localStorage).filter((name) => name.startsWith(endpoint)).forEach((name) => localStorage.removeItem(name)),
    get length() { return Object.keys(localStorage).filter((name) => name.startsWith(endpoint)).length; },
  };

  ReactDOM.createRoot(root).render(React.createElement(GraphiQL, {
    fetcher,
    storage,
    defaultEditorToolsVisibility: 'headers',
    defaultHeaders: '{\n  "Authorization": "Bearer "\n}',
    shouldPersistHeaders: false, // a token does not belong into a browser's storage
    defaultQuery: `# The access token goes into Headers below.\n${root.dataset.first}`,
  }));
})();
