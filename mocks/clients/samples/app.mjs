// What both samples share: where the front is, who asks, and the manifest. The
// token and the key that it is bound to come from a sign-in: tongban signin --key.
import { readFileSync } from 'node:fs';
import { parse } from 'graphql';
import { importKey, prove, proving } from './proof.mjs';

const [url, manifestFile] = process.argv.slice(2);
if (!URL.canParse(url ?? '') || !manifestFile) {
  console.error('usage: CLIENT_TOKEN=… CLIENT_KEY=\'{private JWK}\' node --experimental-websocket samples/(apollo|urql).mjs URL manifest.json');
  process.exit(2);
}
export { url };
const key = await importKey(JSON.parse(process.env.CLIENT_KEY));
const token = () => process.env.CLIENT_TOKEN; // an app gives the newest: it refreshes by itself
export const language = { 'accept-language': 'zh-CN' };
export const fetch = proving(key, token);
// A WebSocket's first message proves the key too, since browsers set no headers there.
export async function connectionParams() {
  return { authorization: `DPoP ${token()}`, dpop: await prove(key, { method: 'GET', url, token: token() }) };
}
const manifest = JSON.parse(readFileSync(manifestFile, 'utf8'));
export const ids = Object.fromEntries(manifest.operations.map((o) => [o.name, o.id]));
const source = parse(readFileSync(new URL('./operations.graphql', import.meta.url), 'utf8'));
// The app's operations by name, as its screens use them.
export const documents = Object.fromEntries(source.definitions.map((d) => [d.name.value, { kind: 'Document', definitions: [d] }]));
export const say = (value) => console.log(JSON.stringify(value));

// A tile says how fresh it is, and a screen shows it.
export function caption(tile) {
  switch (tile.freshness) {
    case 'LIVE': return '刚刚更新';
    case 'CACHED': return `更新于 ${tile.asOf}`;
    case 'STALE': return `来源暂时无法访问,显示 ${tile.asOf} 的数据`;
    default: return `暂时无法获取(${tile.reason})`;
  }
}
