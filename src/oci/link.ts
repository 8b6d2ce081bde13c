/** The Link header of a page that has a next one (RFC 8288). Parameters are escaped; the path is given as it goes on the wire. */
export function nextLink(path: string, parameters: Readonly<Record<string, string>>): string {
  return `<${path}?${new URLSearchParams(parameters)}>; rel="next"`;
}

/** Where the next page is, as it stands in a Link header (RFC 8288 §3); undefined when there is none. */
export function nextPageOf(header: string | undefined): string | undefined {
  for (const [, target, parameters = ''] of (header ?? '').matchAll(/<([^<>]*)>([^<]*)/g)) {
    if (/;\s*rel\s*=\s*"?(?:[^";]*\s)?next(?:\s[^";]*)?"?\s*(?:[;,]|$)/i.test(parameters)) return target;
  }
  return undefined;
}
