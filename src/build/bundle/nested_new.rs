//! Makes `new new X(a)(b)` what the engine understands: `new ([new X(a)][0])(b)`.
//!
//! ## Why
//! QuickJS takes the second list of arguments for a call of what `new X(a)` made, and the bundler leaves parentheses out that the
//! language does not need.

use oxc::ast::ast::{Expression, NewExpression, Program};
use oxc::ast_visit::{Visit, walk};
use oxc::span::{GetSpan, Span};

/// Whether the text may have such an expression; it need not.
pub(super) fn may_be_in(text: &str) -> bool {
    text.match_indices("new").any(|(index, new)| {
        let rest = text[index + new.len()..].trim_start_matches(|c: char| c == '(' || c.is_whitespace());
        // a comment may stand between the two
        rest.starts_with("new") || rest.starts_with('/')
    })
}

/// The expressions that have to be wrapped. Not in parentheses or a sequence, which the bundler takes away again.
pub(super) fn find(program: &Program<'_>) -> Vec<Span> {
    let mut finder = Finder::default();
    finder.visit_program(program);
    finder.found
}

#[derive(Default)]
struct Finder {
    found: Vec<Span>,
}

impl<'a> Visit<'a> for Finder {
    fn visit_new_expression(&mut self, it: &NewExpression<'a>) {
        let head = head_of(&it.callee);
        if matches!(head.without_parentheses(), Expression::NewExpression(_)) {
            self.found.push(head.span());
        }
        walk::walk_new_expression(self, it);
    }
}

/// What an expression begins with.
fn head_of<'a, 'b>(expression: &'b Expression<'a>) -> &'b Expression<'a> {
    match expression {
        Expression::StaticMemberExpression(member) => head_of(&member.object),
        Expression::ComputedMemberExpression(member) => head_of(&member.object),
        Expression::PrivateFieldExpression(member) => head_of(&member.object),
        Expression::TaggedTemplateExpression(template) => head_of(&template.tag),
        _ => expression,
    }
}

#[cfg(test)]
mod tests {
    use oxc::allocator::Allocator;
    use oxc::parser::Parser;
    use oxc::span::SourceType;

    use super::*;

    fn found(text: &str) -> Vec<&str> {
        let allocator = Allocator::default();
        let parsed = Parser::new(&allocator, text, SourceType::mjs()).parse();
        find(&parsed.program).iter().map(|span| &text[span.start as usize..span.end as usize]).collect()
    }

    #[test]
    fn what_is_made_to_make_more_is_found() {
        assert_eq!(found("new new X(1)(2)"), ["new X(1)"]);
        assert_eq!(found("new (new X(1))"), ["(new X(1))"]);
        assert_eq!(found("new (new X(1)).y.z(2)"), ["(new X(1))"]);
        assert_eq!(found("new (new X)`t`"), ["(new X)"]);
        assert_eq!(found("new new new X(1)(2)(3)"), ["new new X(1)(2)", "new X(1)"]);
        assert_eq!(found("new X(new Y(1)); new (x())(1)"), [""; 0]);
    }

    #[test]
    fn texts_without_any_are_known_from_afar() {
        assert!(may_be_in("new (\n  new X(1))(2)") && may_be_in("new/**/new X"));
        assert!(!may_be_in("new X(new Y(1)); renewable news"));
    }
}
