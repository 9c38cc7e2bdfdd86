import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands';
import { javascript } from '@codemirror/lang-javascript';
import { bracketMatching, foldGutter, foldKeymap, indentOnInput, indentUnit, syntaxHighlighting } from '@codemirror/language';
import { type Diagnostic, lintGutter, lintKeymap, setDiagnostics } from '@codemirror/lint';
import { highlightSelectionMatches, searchKeymap } from '@codemirror/search';
import { EditorState, type Extension, StateEffect, StateField } from '@codemirror/state';
import {
  crosshairCursor, drawSelection, EditorView, GutterMarker, gutter, highlightActiveLine, highlightActiveLineGutter, highlightSpecialChars, keymap, lineNumbers, rectangularSelection,
} from '@codemirror/view';
import { classHighlighter } from '@lezer/highlight';
import { useSignalEffect } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { short } from '../common/format.ts';
import type { Problem } from './api.ts';
import { localCompletionSource, workerCompletions } from './completion.ts';
import { startShown } from './runner.ts';
import { byId, change, resultOf, setResult, type Tab } from './state.ts';

const nonce = document.querySelector<HTMLMetaElement>('meta[name=nonce]')?.content ?? '';

/** Fuel by line, beside the line numbers. */
interface Heat {
  lines: Record<string, number>;
  all: number;
}
const setHeat = StateEffect.define<Heat | null>();
const heat = StateField.define<Heat | null>({
  create: () => null,
  // Lines move as one types; the figures come back with the next run.
  update: (value, transaction) => {
    for (const effect of transaction.effects) if (effect.is(setHeat)) return effect.value;
    return transaction.docChanged ? null : value;
  },
});

class HeatMarker extends GutterMarker {
  constructor(
    readonly fuel: number,
    readonly share: number,
  ) {
    super();
  }
  override eq(other: HeatMarker): boolean {
    return other.fuel === this.fuel && other.share === this.share;
  }
  override toDOM(): Node {
    const marker = document.createElement('span');
    marker.className = `heat heat-${this.share > 0.2 ? 3 : this.share > 0.05 ? 2 : 1}`;
    marker.textContent = short(this.fuel);
    marker.title = `${this.fuel.toLocaleString('en')} fuel, ${(this.share * 100).toFixed(1)} %`;
    return marker;
  }
}

const heatGutter = gutter({
  class: 'cm-heat',
  lineMarker(view, line) {
    const shown = view.state.field(heat);
    const number = view.state.doc.lineAt(line.from).number;
    const fuel = shown?.lines[number];
    return shown && fuel ? new HeatMarker(fuel, fuel / shown.all) : null;
  },
  lineMarkerChange: (update) => update.startState.field(heat) !== update.state.field(heat),
  // As wide as any, so that the text stays where it is when figures come.
  initialSpacer: () => new HeatMarker(88_800, 1),
});

function language(file: string): Extension {
  if (!/\.[mc]?[jt]sx?$/.test(file)) return [];
  const support = javascript({ typescript: /\.[mc]?tsx?$/.test(file), jsx: /x$/.test(file) });
  return [support, support.language.data.of({ autocomplete: workerCompletions }), support.language.data.of({ autocomplete: localCompletionSource })];
}

function extensions(file: string, onChange: (text: string) => void): Extension {
  return [
    EditorView.cspNonce.of(nonce),
    heat,
    lintGutter(),
    lineNumbers(),
    heatGutter,
    foldGutter(),
    highlightActiveLineGutter(),
    highlightSpecialChars(),
    history(),
    drawSelection(),
    EditorState.allowMultipleSelections.of(true),
    indentOnInput(),
    indentUnit.of('  '),
    syntaxHighlighting(classHighlighter),
    bracketMatching(),
    closeBrackets(),
    autocompletion(),
    rectangularSelection(),
    crosshairCursor(),
    highlightActiveLine(),
    highlightSelectionMatches(),
    language(file),
    keymap.of([
      { key: 'Mod-Enter', run: () => (startShown(), true) },
      { key: 'Mod-s', run: () => (startShown(), true), preventDefault: true },
      indentWithTab,
      ...closeBracketsKeymap,
      ...defaultKeymap,
      ...searchKeymap,
      ...historyKeymap,
      ...foldKeymap,
      ...completionKeymap,
      ...lintKeymap,
    ]),
    EditorView.contentAttributes.of({ tabindex: '0', 'aria-label': `Source of ${file}. Escape, then Tab leaves the editor.` }),
    EditorView.updateListener.of((update) => {
      if (update.docChanged) onChange(update.state.doc.toString());
    }),
  ];
}

/** States of files that are not shown: their history and selection. */
const kept = new Map<string, EditorState>();
const views = new Map<number, EditorView>();

/** Shows a place in a tab's source. */
export function show(id: number, file: string, line: number, column = 1): void {
  const tab = byId(id);
  if (!tab || !(file in tab.files)) return;
  change(id, { open: file });
  // The file is in the editor after the next paint.
  requestAnimationFrame(() => {
    const view = views.get(id);
    if (!view) return;
    const at = view.state.doc.line(Math.min(Math.max(1, line), view.state.doc.lines));
    const position = Math.min(at.from + column - 1, at.to);
    view.dispatch({ selection: { anchor: position }, effects: EditorView.scrollIntoView(position, { y: 'center' }) });
    view.focus();
  });
}

export function Editor({ tab }: { tab: Tab }) {
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const key = `${tab.id}/${tab.open}`;
  const text = tab.files[tab.open] ?? '';

  useEffect(() => {
    if (!host.current) return;
    const file = tab.open;
    const onChange = (text: string) => {
      const now = byId(tab.id);
      if (now) change(tab.id, { files: { ...now.files, [file]: text } });
    };
    const state = kept.get(key) ?? EditorState.create({ doc: text, extensions: extensions(file, onChange) });
    if (view.current) view.current.setState(state);
    else view.current = new EditorView({ state, parent: host.current });
    const shown = view.current;
    views.set(tab.id, shown);
    mark(shown, tab.id, file);
    return () => {
      kept.set(key, shown.state);
      if (views.get(tab.id) === shown) views.delete(tab.id);
    };
  }, [key]);

  // An example or a link puts other text under the same name. What is looked at is the text as it is now: that of this
  // rendering may be behind what was typed meanwhile.
  useEffect(() => {
    const shown = view.current;
    const now = byId(tab.id)?.files[tab.open] ?? '';
    if (shown && shown.state.doc.toString() !== now) {
      shown.dispatch({ changes: { from: 0, to: shown.state.doc.length, insert: now } });
    }
  }, [text]);

  useEffect(() => () => view.current?.destroy(), []);

  useSignalEffect(() => {
    const result = resultOf(tab.id);
    void result;
    if (view.current) mark(view.current, tab.id, byId(tab.id)?.open ?? '');
  });

  return <div class="editor" ref={host} />;
}

/** What the last run says of the file that is shown. */
function mark(view: EditorView, id: number, file: string): void {
  const { problems, answer, flame } = resultOf(id);
  const told = [...(problems ?? []), ...(answer?.problem ? [answer.problem] : [])];
  const found = told.flatMap((problem) => diagnostic(view.state, problem, file));
  const lines = flame?.lines[file];
  view.dispatch(setDiagnostics(view.state, found), { effects: setHeat.of(lines ? { lines, all: flame.fuel } : null) });
}

function diagnostic(state: EditorState, problem: Problem, file: string): Diagnostic[] {
  const place = problem.places.find((place) => place.file === file);
  if (!place || place.line > state.doc.lines) return [];
  const line = state.doc.line(place.line);
  const from = Math.min(line.from + place.column - 1, line.to);
  const word = /^[\w$]+/.exec(state.sliceDoc(from, line.to));
  return [{ from, to: Math.min(from + (word?.[0].length ?? 1), line.to), severity: 'error', message: problem.message.split('\n    at ')[0] ?? '' }];
}

/** Forgets a tab's files, as when others take their names. */
export function forget(id: number): void {
  for (const key of kept.keys()) if (key.startsWith(`${id}/`)) kept.delete(key);
}

export { setResult };
