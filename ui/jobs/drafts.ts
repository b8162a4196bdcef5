/** Texts that somebody began to edit, kept while the page is open: a look at another view loses nothing. */
const drafts = new Map<string, string>();

export const readDraft = (name: string): string | undefined => drafts.get(name);

export const writeDraft = (name: string, text: string): void => void drafts.set(name, text);

export const dropDraft = (name: string): void => void drafts.delete(name);
