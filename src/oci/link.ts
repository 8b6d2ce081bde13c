/** The Link header of a page that has a next one (RFC 8288). Parameters are escaped; the path is given as it goes on the wire. */
export function nextLink(path: string, parameters: Readonly<Record<string, string>>): string {
  return `<${path}?${new URLSearchParams(parameters)}>; rel="next"`;
}
