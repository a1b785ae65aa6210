/** Something that can be found on the settings page: what it says, and further words people look for it by. */
export interface SettingsItem {
  readonly id: string;
  readonly texts: readonly string[];
}

/** The ids of the items that hold every word of the search, in any of their texts; all of them for an empty one. */
export function foundSettings(items: readonly SettingsItem[], search: string): ReadonlySet<string> {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  const found = items.filter(({ texts }) => {
    const haystack = texts.join(' ').toLowerCase();
    return words.every((word) => haystack.includes(word));
  });
  return new Set(found.map((item) => item.id));
}
