// What other tabs are made of, fetched some seconds after the first picture and when nothing else
// is to be done: a tab that is opened after a newer app replaced this one still has what it needs.
const WAIT = 3000; // milliseconds

export function fetchLater(addresses) {
  const fetchAll = () => {
    for (const href of addresses) {
      document.head.append(Object.assign(document.createElement('link'),
        { rel: 'modulepreload', fetchPriority: 'low', href }));
    }
  };
  setTimeout(() => (window.requestIdleCallback ?? setTimeout)(fetchAll), WAIT);
}
