// A browser as small as a sign-in needs: it follows redirects, keeps cookies
// for each host, and fills in one form.
const maxHops = 20;

export class Browser {
  #cookies = new Map(); // by host: by name

  // before names the addresses that belong to an app: the browser stops there
  // and hands them over, as an operating system does.
  constructor(before = []) {
    this.before = before;
  }

  // open goes to an address and gives where it ended: a page, or an app's address.
  async open(address, init = {}) {
    let url = new URL(address);
    for (let hop = 0; hop < maxHops; hop++) {
      if (this.before.some((own) => url.href.startsWith(own))) return { url };
      const jar = this.#jar(url);
      const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
      const res = await fetch(url, { ...init, redirect: 'manual', headers: { ...init.headers, ...(cookie && { cookie }) } });
      for (const set of res.headers.getSetCookie()) {
        const [, name, value] = /^([^=]+)=([^;]*)/.exec(set);
        if (/;\s*max-age=0/i.test(set)) jar.delete(name);
        else jar.set(name, value);
      }
      const to = res.headers.get('location');
      if (!to) return { url, status: res.status, body: await res.text() };
      await res.body?.cancel();
      url = new URL(to, url);
      init = {}; // what follows a form is read, not sent again
    }
    throw new Error('too many redirects');
  }

  // choose sends the page's form that offers value for field.
  async choose(page, field, value) {
    const forms = page.body?.match(/<form[^>]*>.*?<\/form>/gis) ?? [];
    const form = forms.find((f) => f.includes(`name="${field}"`) && text(f).includes(value));
    if (!form) throw new Error(`the page offers no ${field}`);
    const data = new URLSearchParams();
    for (const input of form.match(/<input[^>]*>/gis) ?? []) {
      if (attribute(input, 'type') === 'hidden') data.set(attribute(input, 'name'), attribute(input, 'value'));
    }
    data.set(field, value);
    return this.open(new URL(attribute(form, 'action') ?? '', page.url), { method: 'POST', body: data });
  }

  #jar(url) {
    if (!this.#cookies.has(url.host)) this.#cookies.set(url.host, new Map());
    return this.#cookies.get(url.host);
  }
}

function attribute(tag, name) {
  const found = new RegExp(`\\b${name}="([^"]*)"`, 'i').exec(tag);
  return found ? text(found[1]) : undefined;
}

function text(html) {
  return html.replace(/&#(\d+);/g, (_, n) => String.fromCodePoint(n)).replaceAll('&quot;', '"').replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}
