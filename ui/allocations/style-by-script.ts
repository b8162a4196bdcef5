/**
 * The policy of the page forbids style elements and style attributes, and the terminal makes both. While one is open,
 * its document makes stand-ins for style elements, whose text becomes a style sheet made by script, and spans whose
 * style attribute is set by script: the policy allows both, since no markup can do it.
 */
export function styleByScript(owner: Document): { forget(): void } {
  const sheets = new Set<CSSStyleSheet>();
  owner.createElement = ((name: string, options?: ElementCreationOptions): HTMLElement => {
    if (name === 'style') return standIn(owner, sheets);
    const element = createIn(owner, name, options);
    return name === 'span' ? withStyle(element) : element;
  }) as typeof owner.createElement;
  return {
    forget() {
      // The one of its prototype again.
      Reflect.deleteProperty(owner, 'createElement');
      for (const sheet of sheets) drop(owner, sheet);
    },
  };
}

const createIn = (owner: Document, name: string, options?: ElementCreationOptions): HTMLElement =>
  Document.prototype.createElement.call(owner, name, options) as HTMLElement;

/** Something to append and to write into, which shows nothing itself. */
function standIn(owner: Document, sheets: Set<CSSStyleSheet>): HTMLElement {
  const sheet = new CSSStyleSheet();
  sheets.add(sheet);
  owner.adoptedStyleSheets.push(sheet);
  const element = createIn(owner, 'template');
  Object.defineProperty(element, 'textContent', { set: (text: string) => sheet.replaceSync(text), get: () => '' });
  element.remove = () => {
    drop(owner, sheet);
    Element.prototype.remove.call(element);
  };
  return element;
}

const drop = (owner: Document, sheet: CSSStyleSheet): void => {
  owner.adoptedStyleSheets = owner.adoptedStyleSheets.filter((other) => other !== sheet);
};

function withStyle(element: HTMLElement): HTMLElement {
  element.setAttribute = (name: string, value: string) => {
    if (name === 'style') element.style.cssText = value;
    else Element.prototype.setAttribute.call(element, name, value);
  };
  return element;
}
