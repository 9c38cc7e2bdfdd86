//! What is added to a worker's modules. Above all, it lets `AsyncLocalStorage` follow `await`, in workers that import `node:async_hooks`.
//!
//! `await x` becomes `resume(capture(), await x)`: what was in force before is in force after. Where an `await` may end in an
//! exception or is part of a loop, `catch`, `finally` and the loop's body begin with `resume(…)`, with what was captured before.
//!
//! ## Why
//! QuickJS tells a host about new promises, but not about the continuation of an async function. The stores in force do not
//! change while an async function runs (workerd has no `enterWith()` either), so they are known before each `await`.

use oxc::allocator::Allocator;
use oxc::ast::ast::{
    ArrowFunctionExpression, AwaitExpression, BlockStatement, ForOfStatement, Function, LabeledStatement,
    PropertyDefinition, Statement, StaticBlock, TryStatement,
};
use oxc::ast_visit::{Visit, walk};
use oxc::parser::Parser;
use oxc::span::{GetSpan, SourceType, Span};
use oxc::syntax::scope::ScopeFlags;
use oxc_sourcemap::SourceMap;
use string_wizard::{Hires, MagicString, SourceMapOptions};

use super::nested_new;
use super::node::{ASYNC_CONTEXT, GLOBALS};

/// What is added to a module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Additions {
    /// Follow each `await`.
    pub awaits: bool,
    /// The globals of Node.js come first.
    pub globals: bool,
    /// Help the engine with what is made to make more.
    pub nested_new: bool,
}

impl Additions {
    /// Whether there may be anything to add to the text.
    pub fn apply_to(self, text: &str) -> bool {
        self.globals || self.awaits && text.contains("await") || self.nested_new
    }
}

/// The module's text with `additions`; `None` where nothing changes, or the bundler will report what is wrong with it.
pub(super) fn add(
    text: &str,
    kind: SourceType,
    id: &str,
    additions: Additions,
) -> Option<(String, SourceMap<'static>)> {
    let allocator = Allocator::default();
    let parsed = Parser::new(&allocator, text, kind).parse();
    if parsed.panicked {
        return None;
    }
    let mut finder = Finder::default();
    if additions.awaits {
        finder.visit_program(&parsed.program);
    }
    let is_module = parsed.module_record.has_module_syntax || finder.has_top_level_await;
    let mut head = String::new();
    if additions.globals {
        head += &if is_module { format!("import {GLOBALS:?};") } else { format!("require({GLOBALS:?});") };
    }
    if !finder.edits.is_empty() {
        head += &match is_module {
            true => format!("import {{ capture as {CAPTURE}, resume as {RESUME} }} from {ASYNC_CONTEXT:?};"),
            false => format!("const {{ capture: {CAPTURE}, resume: {RESUME} }} = require({ASYNC_CONTEXT:?});"),
        };
    }
    let program = &parsed.program;
    if additions.nested_new {
        for Span { start, end, .. } in nested_new::find(program) {
            finder.add(start, "([");
            finder.add(end, "][0])");
        }
    }
    if head.is_empty() && finder.edits.is_empty() {
        return None;
    }
    let start = program.directives.last().map(|directive| directive.span.end);
    let start = start.or_else(|| program.hashbang.as_ref().map(|hashbang| hashbang.span.end));
    let lead = match start {
        Some(_) if program.directives.is_empty() => "\n",
        Some(_) => ";",
        None => "",
    };
    let mut result = MagicString::new(text);
    // in the order of the text, and where two meet, as they were found: from the outside in
    finder.edits.sort_by_key(|edit| edit.at);
    if !head.is_empty() {
        result.append_left(start.unwrap_or_default(), format!("{lead}{head}")).ok()?;
    }
    for Edit { at, text } in finder.edits {
        result.append_left(at, text).ok()?;
    }
    let map = result.source_map(SourceMapOptions { include_content: true, source: id.into(), hires: Hires::Boundary });
    Some((result.to_string(), map))
}

const CAPTURE: &str = "__glowplug_capture";
const RESUME: &str = "__glowplug_resume";
const FRAME: &str = "__glowplug_frame";

struct Edit {
    at: u32,
    text: String,
}

/// Finds what has to be added where.
#[derive(Default)]
struct Finder {
    edits: Vec<Edit>,
    /// How many `await` were found in the function at hand.
    awaits: usize,
    /// Functions around the place at hand.
    depth: usize,
    has_top_level_await: bool,
    /// Frames captured so far, each in a variable of its own.
    frames: usize,
    /// Where the label before the statement at hand begins.
    label: Option<u32>,
}

impl Finder {
    fn add(&mut self, at: u32, text: impl Into<String>) {
        self.edits.push(Edit { at, text: text.into() });
    }

    fn count_await(&mut self) {
        self.awaits += 1;
        self.has_top_level_await |= self.depth == 0;
    }

    fn frame(&mut self) -> String {
        self.frames += 1;
        format!("{FRAME}{}", self.frames)
    }

    /// Visits what runs as a function of its own.
    fn within(&mut self, visit: impl FnOnce(&mut Self)) {
        let (awaits, label) = (std::mem::take(&mut self.awaits), self.label.take());
        self.depth += 1;
        visit(self);
        self.depth -= 1;
        (self.awaits, self.label) = (awaits, label);
    }

    /// `resume(frame)` at the beginning of a block.
    fn resume_in(&mut self, block: &BlockStatement<'_>, frame: &str) {
        self.add(block.span.start + 1, format!("{RESUME}({frame});"));
    }
}

impl<'a> Visit<'a> for Finder {
    fn visit_function(&mut self, it: &Function<'a>, flags: ScopeFlags) {
        self.within(|finder| walk::walk_function(finder, it, flags));
    }

    fn visit_arrow_function_expression(&mut self, it: &ArrowFunctionExpression<'a>) {
        self.within(|finder| walk::walk_arrow_function_expression(finder, it));
    }

    fn visit_property_definition(&mut self, it: &PropertyDefinition<'a>) {
        self.within(|finder| walk::walk_property_definition(finder, it));
    }

    fn visit_static_block(&mut self, it: &StaticBlock<'a>) {
        self.within(|finder| walk::walk_static_block(finder, it));
    }

    fn visit_await_expression(&mut self, it: &AwaitExpression<'a>) {
        self.count_await();
        self.add(it.span.start, format!("{RESUME}({CAPTURE}(),"));
        walk::walk_await_expression(self, it);
        self.add(it.span.end, ")");
    }

    fn visit_labeled_statement(&mut self, it: &LabeledStatement<'a>) {
        let outer = self.label;
        self.label = outer.or(Some(it.span.start));
        walk::walk_labeled_statement(self, it);
        self.label = outer;
    }

    fn visit_statement(&mut self, it: &Statement<'a>) {
        // a label belongs to the statement right after it
        let is_labelled = matches!(it, Statement::LabeledStatement(_) | Statement::ForOfStatement(_));
        let label = if is_labelled { self.label } else { self.label.take() };
        walk::walk_statement(self, it);
        self.label = label;
    }

    fn visit_for_of_statement(&mut self, it: &ForOfStatement<'a>) {
        let label = self.label.take();
        if !it.r#await {
            walk::walk_for_of_statement(self, it);
            self.label = label;
            return;
        }
        self.count_await();
        let frame = self.frame();
        let Span { start, end, .. } = it.span;
        self.add(label.unwrap_or(start), format!("{{const {frame}={CAPTURE}();"));
        match &it.body {
            Statement::BlockStatement(block) => {
                self.resume_in(block, &frame);
                walk::walk_for_of_statement(self, it);
            }
            body => {
                self.add(body.span().start, format!("{{{RESUME}({frame});"));
                walk::walk_for_of_statement(self, it);
                self.add(body.span().end, "}");
            }
        }
        self.add(end, format!("{RESUME}({frame});}}"));
        self.label = label;
    }

    fn visit_try_statement(&mut self, it: &TryStatement<'a>) {
        let (before, first) = (self.awaits, self.edits.len());
        self.visit_block_statement(&it.block);
        let inside = self.edits.split_off(first);
        if self.awaits == before {
            self.edits.extend(inside);
            it.handler.iter().for_each(|handler| self.visit_catch_clause(handler));
            it.finalizer.iter().for_each(|finalizer| self.visit_block_statement(finalizer));
            return;
        }
        let frame = self.frame();
        self.add(it.span.start, format!("{{const {frame}={CAPTURE}();"));
        self.edits.extend(inside);
        if let Some(handler) = &it.handler {
            self.resume_in(&handler.body, &frame);
            self.visit_catch_clause(handler);
        }
        if let Some(finalizer) = &it.finalizer {
            self.resume_in(finalizer, &frame);
            self.visit_block_statement(finalizer);
        }
        self.add(it.span.end, "}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn added(text: &str) -> String {
        let additions = Additions { awaits: true, globals: false, nested_new: true };
        let (result, _) = add(text, SourceType::ts(), "a.ts", additions).expect("there is something to add");
        result.replace("__glowplug_", "$").replace("\"glowplug:async-context\"", "\"x\"")
    }

    const IMPORT: &str = "import { capture as $capture, resume as $resume } from \"x\";";
    const REQUIRE: &str = "const { capture: $capture, resume: $resume } = require(\"x\");";

    #[test]
    fn each_await_goes_on_in_the_frame_before_it() {
        assert_eq!(
            added("export const f = async (a: number) => (await g(await a)).b;"),
            format!(
                "{IMPORT}export const f = async (a: number) => ($resume($capture(),await g($resume($capture(),await a)))).b;"
            )
        );
        assert_eq!(
            added("'use strict'\nmodule.exports = async () => { await 1 }"),
            format!("'use strict';{REQUIRE}\nmodule.exports = async () => {{ $resume($capture(),await 1) }}")
        );
        assert!(added("const x = await 1;").starts_with(IMPORT));
    }

    #[test]
    fn what_catches_goes_on_in_the_frame_before() {
        assert_eq!(
            added("async function f() { try { await g() } catch (e) { h() } finally { i() } }"),
            format!(
                "{REQUIRE}async function f() {{ {{const $frame1=$capture();try {{ $resume($capture(),await g()) }} \
                 catch (e) {{$resume($frame1); h() }} finally {{$resume($frame1); i() }}}} }}"
            )
        );
        let inner = "async function f() { await 1; try { g(async () => { await 2 }) } catch { h() } }";
        assert!(!added(inner).contains("$frame"), "{}", added(inner));
    }

    #[test]
    fn loops_keep_their_labels() {
        assert_eq!(
            added("async function f() { a: b: for await (const x of y) { continue a } }"),
            format!(
                "{REQUIRE}async function f() {{ {{const $frame1=$capture();a: b: for await (const x of y) {{$resume($frame1); continue a }}$resume($frame1);}} }}"
            )
        );
        assert_eq!(
            added("async function f() { a: { for await (const x of y) g(x) } }"),
            format!(
                "{REQUIRE}async function f() {{ a: {{ {{const $frame1=$capture();for await (const x of y) {{$resume($frame1);g(x)}}$resume($frame1);}} }} }}"
            )
        );
    }

    #[test]
    fn globals_come_first() {
        let additions = Additions { awaits: true, globals: true, nested_new: false };
        let (text, _) = add("#!/usr/bin/env node\nexport default {};", SourceType::ts(), "a.ts", additions).unwrap();
        assert_eq!(text, "#!/usr/bin/env node\nimport \"glowplug:node-globals\";\nexport default {};");
        assert!(add("f(", SourceType::ts(), "a.ts", additions).is_none());
        assert!(add("async () => {}", SourceType::ts(), "a.ts", Additions { globals: false, ..additions }).is_none());
    }
}
