// Opens an address, chooses a person at the identity source, and follows to
// where that ends: what somebody does who is told to sign in.
//
//   node oauth/choose.mjs ADDRESS PERSON
import { Browser } from './browser.mjs';

const [address, person] = process.argv.slice(2);
const browser = new Browser();
const { status } = await browser.choose(await browser.open(address), 'person', person);
process.exit(status === 200 ? 0 : 1);
