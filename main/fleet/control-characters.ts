/** Control characters (C0, DEL, C1) other than tab and newline: what a server says must not steer the terminal that shows it. */
// oxlint-disable-next-line no-control-regex -- they are what is looked for
const controlCharacters = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;

/** A text as it can be shown: what is no character is dropped. Pure. */
export function shownText(text: string): string {
  return text.replace(controlCharacters, '');
}

/** A name as it can be shown: what is no character becomes one that no name of ours has, so that it is never taken for one of ours. Pure. */
export function shownName(name: string): string {
  return name.replace(controlCharacters, '\ufffd');
}
