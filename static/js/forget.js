/** What withdrawn services left in this site's storage is deleted. */

/** @type {(name: string) => RegExp} for a name with "*" for any characters */
const pattern = (name) =>
  new RegExp(`^${name.replace(/[.+?^${}()|[\]\\]/g, "\\$&").replaceAll("*", ".*")}$`);

/** Keys by kind, and how to delete one. Storage that is blocked holds nothing. */
const KINDS = {
  "local-storage": [() => Object.keys(localStorage), (key) => localStorage.removeItem(key)],
  "session-storage": [() => Object.keys(sessionStorage), (key) => sessionStorage.removeItem(key)],
  "indexed-db": [
    async () => (await indexedDB.databases()).map(({ name }) => name),
    (name) => indexedDB.deleteDatabase(name),
  ],
};

/** @param {[kind: string, name: string][]} leftovers */
export const forget = async (leftovers) => {
  for (const [kind, name] of leftovers) {
    const [keys, remove] = KINDS[kind];
    for (const key of await keys()) if (pattern(name).test(key)) remove(key);
  }
};
