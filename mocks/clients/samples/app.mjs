// What both samples share: where the front is, who asks, and the manifest.
import { readFileSync } from 'node:fs';
import { parse } from 'graphql';

const [url, manifestFile] = process.argv.slice(2);
if (!URL.canParse(url ?? '') || !manifestFile) {
  console.error('usage: CLIENT_AUTHORIZATION="Bearer …" node --experimental-websocket samples/(apollo|urql).mjs URL manifest.json');
  process.exit(2);
}
export { url };
export const headers = { authorization: process.env.CLIENT_AUTHORIZATION, 'accept-language': 'zh-CN' };
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
